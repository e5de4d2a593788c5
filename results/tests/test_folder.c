// SPDX-License-Identifier: GPL-2.0
/* The folder of a boot: its boot.json both ways, and what the shell reads. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/boot.h"
#include "record/entries.h"
#include "tests/command.h"

static char dir[] = "/tmp/folder-test-XXXXXX";

static int enter(void **state)
{
	(void)state;
	work_open(dir);
	return mkdir("boot", 0777);
}

static int leave(void **state)
{
	(void)state;
	unlink("boot/boot.json");
	unlink("stdout");
	unlink("stderr");
	return rmdir("boot") || chdir("/") || rmdir(dir);
}

static void written_is_read(void **state)
{
	static const struct boot_info all = {
		.end = END_HANG,
		.detail = "silence for 30 s",
		.words = "cb.suite=full cb.entries=3-9",
		.accel = "tcg",
		.qemu = "1.2.3",
		.mem = "1G",
		.clock = "virtual",
		.smp = 1,
		.wall_ms = 5000000000,
		.first_record_ms = 700,
		.truncated = true,
	};
	struct boot_info read;
	struct error err;

	(void)state;
	assert_int_equal(boot_info_write(&all, "boot", &err), 0);
	assert_int_equal(boot_info_read(&read, "boot", &err), 0);
	assert_int_equal(read.end, END_HANG);
	assert_string_equal(read.detail, all.detail);
	assert_string_equal(read.words, all.words);
	assert_string_equal(read.accel, all.accel);
	assert_string_equal(read.qemu, all.qemu);
	assert_string_equal(read.mem, all.mem);
	assert_string_equal(read.clock, all.clock);
	assert_int_equal(read.smp, 1);
	assert_int_equal(read.wall_ms, 5000000000);
	assert_int_equal(read.first_record_ms, 700);
	assert_true(read.truncated);
	boot_info_free(&read);
}

/* A maker that is no virtual machine has neither QEMU nor processors to name. */
static void unknown_is_left_out(void **state)
{
	static const struct boot_info few = { .end = END_POWEROFF,
					      .first_record_ms = -1 };
	struct boot_info read;
	struct error err;
	char text[512];

	(void)state;
	assert_int_equal(boot_info_write(&few, "boot", &err), 0);
	read_back("boot/boot.json", text, sizeof(text));
	assert_string_equal(text, "{\"end\":\"poweroff\",\"wall_ms\":0,"
				  "\"first_record_ms\":-1,"
				  "\"truncated\":false}\n");
	assert_int_equal(boot_info_read(&read, "boot", &err), 0);
	assert_null(read.qemu);
	assert_int_equal(read.smp, 0);
	boot_info_free(&read);
}

static void odd_files_are_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "boot/boot.json: " },
		{ "{}", "no known end" },
		{ "[]", "no known end" },
		{ "{\"end\":\"\"}", "no known end" },
		{ "{\"end\":7}", "no known end" },
		{ "{\"end\":\"poweroff\",\"end\":\"hang\"}", "duplicate" },
	};
	struct boot_info read;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		save_text("boot/boot.json", cases[i].text);
		assert_int_equal(boot_info_read(&read, "boot", &err), -1);
		if (!strstr(err.text, cases[i].says))
			fail_msg("no '%s' in: %s", cases[i].says, err.text);
		boot_info_free(&read);
	}
	/* A member of another type counts as absent. */
	save_text("boot/boot.json",
		  "{\"end\":\"reset\",\"qemu\":7,\"smp\":\"2\"}");
	assert_int_equal(boot_info_read(&read, "boot", &err), 0);
	assert_null(read.qemu);
	assert_int_equal(read.smp, 0);
	assert_int_equal(read.first_record_ms, -1);
	boot_info_free(&read);
}

static void shell_reads_fields(void **state)
{
	struct command c;

	(void)state;
	save_text("boot/boot.json", "{\"end\":\"panic\",\"detail\":\"it \\\"did"
				    "\\\"\",\"wall_ms\":5,\"smp\":2}");
	run_program(&c, "boot", "stdout", RLIM_INFINITY,
		    "boot end detail accel smp wall_ms first_record_ms "
		    "truncated");
	assert_int_equal(c.status, 0);
	assert_string_equal(c.out, "panic\nit \"did\"\n\n2\n5\n-1\nfalse\n");
	run_program(&c, "boot", "stdout", RLIM_INFINITY, "boot colour");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "'colour' is no field; there are: end"));
	run_program(&c, "boot", "stdout", RLIM_INFINITY, "none end");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "none/boot.json"));
	run_program(&c, "boot", "stdout", RLIM_INFINITY, "boot");
	assert_int_equal(c.status, 2);
	run_program(&c, "boot", "stdout", RLIM_INFINITY, "--help");
	assert_int_equal(c.status, 0);
	assert_non_null(strstr(c.out, "usage: boot DIR FIELD"));
}

static void ranges_of_entries(void **state)
{
	static const char *const good[] = { "0-0", "3-9", "0-1,4-4,7-12" };
	static const char *const wrong[] = { "",      "x",	"5",	"3-",
					     "-3",    "9-8",	"0-1,", ",0-1",
					     "0-1,x", "0-1 2-3" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(entries_valid(good[i]));
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(entries_valid(wrong[i]));
	assert_true(entries_have(NULL, 7));
	assert_true(entries_have("0-1,4-4", 4));
	assert_false(entries_have("0-1,4-4", 3));
	assert_false(entries_have("", 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(written_is_read),	     TEST(unknown_is_left_out),
		TEST(odd_files_are_refused), TEST(shell_reads_fields),
		TEST(ranges_of_entries),
	};

	return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
