// SPDX-License-Identifier: GPL-2.0
/* The judge as a command: arguments, files, exit status, full disk. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/command.h"

static char dir[] = "/tmp/judge-test-XXXXXX";

static void run_to(struct command *c, const char *out, rlim_t limit,
		   const char *args)
{
	run_program(c, "judge", out, limit, args);
}

static void run(struct command *c, const char *args)
{
	run_to(c, "stdout", RLIM_INFINITY, args);
}

#define FILES "--plan plan --boot boot"

/* A folder with the usual run's files, to work in. */
static int enter(void **state)
{
	struct stream s = { 0 };

	(void)state;
	work_open(dir);
	if (mkdir("out", 0777) || mkdir("boot", 0777))
		return -1;
	put_usual(&s);
	save("boot/records.raw", s.data, s.len);
	stream_free(&s);
	save_text("boot/console.log", "Booting\n");
	save_text("plan", usual_plan());
	save_text("boot/boot.json", "{\"end\":\"poweroff\",\"detail\":\"\","
				    "\"qemu\":\"QEMU 7.2\",\"wall_ms\":3}\n");
	save_text("expectations", "# none\n");
	return 0;
}

static int leave(void **state)
{
	static const char *const names[] = {
		"boot/records.raw",
		"boot/console.log",
		"boot/boot.json",
		"plan",
		"expectations",
		"stdout",
		"stderr",
		"out/result.json",
		"out/records.jsonl",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(names[i]);
	/* A temporary file left behind makes these fail. */
	return rmdir("out") || rmdir("boot") || chdir("/") || rmdir(dir);
}

static void writes_all(void **state)
{
	struct command c;
	json_t *o, *meta;

	(void)state;
	run(&c, FILES " --out out --expectations expectations --meta a=b=c"
		      " --meta empty= --meta kernel=x");
	assert_string_equal(c.err, "");
	assert_int_equal(c.status, 0);
	assert_string_equal(c.out, "");
	o = json_load_file("out/result.json", 0, NULL);
	meta = json_object_get(o, "meta");
	assert_string_equal(json_string_value(json_object_get(meta, "a")),
			    "b=c");
	assert_string_equal(json_string_value(json_object_get(meta, "empty")),
			    "");
	assert_string_equal(json_string_value(json_object_get(meta, "kernel")),
			    "6.12.117");
	json_decref(o);
	read_back("out/records.jsonl", c.out, sizeof(c.out));
	assert_ptr_equal(strstr(c.out, "{\"boot\":1,\"seq\":0,\"t\":\"hello\""),
			 c.out);
	assert_int_not_equal(access("out/fio.jsonl", F_OK), 0);
}

static void status_is_the_verdict(void **state)
{
	static const struct {
		const char *end, *claim;
		int status;
	} cases[] = {
		{ "poweroff", "held", 0 }, { "poweroff", "failed", 1 },
		{ "panic", "failed", 3 },  { "poweroff", "error", 4 },
		{ "deadline", "held", 4 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct stream s = { 0 };
		struct command c;
		char *boot = xasprintf("{\"end\":\"%s\"}", cases[i].end);

		put_hello(&s, usual_plan());
		put_entry(&s, 0, "failed", "why");
		put_entry(&s, 1, "held", "");
		put_entry(&s, 2, "held", "");
		put_entry(&s, 3, cases[i].claim, "why");
		put_bye(&s, 4);
		save("boot/records.raw", s.data, s.len);
		save_text("boot/boot.json", boot);
		run(&c, FILES " --out out");
		assert_int_equal(c.status, cases[i].status);
		free(boot);
		stream_free(&s);
	}
}

static void console_stands_in(void **state)
{
	struct stream s = { 0 };
	struct command c;

	(void)state;
	put_bytes(&s, "[    0.1] booting\r\n", 19);
	put_usual(&s);
	save("boot/console.log", s.data, s.len);
	save("boot/records.raw", "", 0);
	run(&c, FILES " --out out");
	assert_int_equal(c.status, 0);

	/* Not where the channel has records, though cut. */
	save("boot/records.raw", s.data, s.len / 2);
	run(&c, FILES " --out out");
	assert_int_equal(c.status, 4);
	stream_free(&s);
}

static void bad_input_is_status_2(void **state)
{
	static const struct {
		const char *args, *says;
	} cases[] = {
		{ "--plan plan", "--boot is missing" },
		{ FILES, "--out is missing" },
		{ FILES " --out out more", "'more'" },
		{ FILES " --out out --wrong", "'--wrong' is unknown" },
		{ FILES " --out out -x", "is unknown" },
		{ FILES " --out", "'--out' needs a value" },
		{ FILES " --out out --meta x", "--meta 'x'" },
		{ FILES " --out out --meta =x", "--meta '=x'" },
		{ FILES " --out out --meta a=\xff", "UTF-8" },
		{ FILES " --out out --meta \xff=a", "UTF-8" },
		{ FILES " --out none", "none/records.jsonl: No such" },
		{ FILES " --out plan", "plan/records.jsonl: Not a dir" },
		{ FILES " --out out --plan none", "none: No such" },
		{ FILES " --out out --plan boot", "boot: Is a dir" },
		{ FILES " --out out --plan boot/boot.json", "boot.json:1: " },
		{ FILES " --out out --plan out", "out: Is a directory" },
		{ FILES " --out out --boot plan", "plan/boot.json: " },
		{ FILES " --out out --boot none", "none/boot.json: " },
		{ FILES " --out out --boot out", "out/boot.json: " },
		{ FILES " --out out --expectations none", "none: No such" },
		{ FILES " --out out --expectations out", "out: Is a dir" },
		{ FILES " --out out --expectations boot/boot.json",
		  "boot/boot.json:1: a line" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct command c;

		run(&c, cases[i].args);
		assert_int_equal(c.status, 2);
		assert_non_null(strstr(c.err, cases[i].says));
		assert_int_equal(strncmp(c.err, "judge: ", 7), 0);
		assert_ptr_equal(strchr(c.err, '\n'),
				 c.err + strlen(c.err) - 1);
		assert_string_equal(c.out, "");
		assert_int_not_equal(access("out/result.json", F_OK), 0);
	}
}

/* Each file that a boot leaves must be there. */
static void half_a_boot_is_status_2(void **state)
{
	static const char *const names[] = { "boot/console.log",
					     "boot/records.raw",
					     "boot/boot.json" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct command c;

		assert_int_equal(unlink(names[i]), 0);
		run(&c, FILES " --out out");
		assert_int_equal(c.status, 2);
		assert_non_null(strstr(c.err, names[i]));
		assert_non_null(strstr(c.err, "No such file"));
	}
}

static void unknown_end_is_status_2(void **state)
{
	struct command c;

	(void)state;
	save_text("boot/boot.json", "{\"end\":\"well\"}");
	run(&c, FILES " --out out");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "boot/boot.json: no known end"));
}

static void help_helps(void **state)
{
	struct command c;

	(void)state;
	run(&c, "--help");
	assert_int_equal(c.status, 0);
	assert_int_equal(strncmp(c.out, "usage: judge ", 13), 0);
	assert_string_equal(c.err, "");
}

/* Files cannot grow beyond 600 bytes, as on a disk that is nearly full. */
static void full_disk_is_an_error(void **state)
{
	struct command c;

	(void)state;
	save_text("out/result.json", "old");
	run_to(&c, "/dev/null", 600, FILES " --out out");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "out/records.jsonl: cannot write: "));
	assert_int_not_equal(access("out/records.jsonl", F_OK), 0);
	read_back("out/result.json", c.out, sizeof(c.out));
	assert_string_equal(c.out, "old");
}

/* A write that fails is not forgotten when later ones succeed. */
static void early_failure_is_an_error(void **state)
{
	struct rlimit old, small;
	struct outfile out;
	struct error err = { "" };
	int i;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 600;
	assert_int_equal(out_open(&out, "out", "result.json", &err), 0);
	setrlimit(RLIMIT_FSIZE, &small);
	for (i = 0; i < 20000; i++)
		fputc('x', out.f);
	setrlimit(RLIMIT_FSIZE, &old);
	fputc('x', out.f);
	assert_int_equal(out_commit(&out, &err), -1);
	assert_non_null(strstr(err.text, "out/result.json: cannot write"));
	assert_int_not_equal(access("out/result.json", F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_all),
		TEST(status_is_the_verdict),
		TEST(console_stands_in),
		TEST(bad_input_is_status_2),
		TEST(half_a_boot_is_status_2),
		TEST(unknown_end_is_status_2),
		TEST(help_helps),
		TEST(full_disk_is_an_error),
		TEST(early_failure_is_an_error),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
