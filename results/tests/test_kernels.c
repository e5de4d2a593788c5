// SPDX-License-Identifier: GPL-2.0
/* Several runs as one table: its fields and their places. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/command.h"

static char dir[] = "/tmp/kernels-test-XXXXXX";

static int enter(void **state)
{
	(void)state;
	work_open(dir);
	return mkdir("old", 0777) || mkdir("new", 0777);
}

static int leave(void **state)
{
	static const char *const names[] = { "stdout", "stderr",
					     "old/result.json",
					     "new/result.json" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(names[i]);
	return rmdir("old") || rmdir("new") || chdir("/") || rmdir(dir);
}

static json_t *entry(const char *name, const char *cell, const char *driver,
		     const char *verdict, bool control)
{
	return json_pack("{s:s,s:{s:s},s:s,s:b,s:s,s:s,s:s,s:{},s:[]}", "name",
			 name, "cell", "cell", cell, "driver", driver,
			 "control", control, "expect", control ? "false" : "",
			 "verdict", verdict, "reason", "", "evidence",
			 "meters");
}

/* Saves a run with these scenarios; takes over the array. */
static void save_run(const char *path, const char *kernel, json_t *scenarios)
{
	json_t *o = json_pack("{s:i,s:{s:s},s:o,s:[],s:[],s:i}", "schema", 1,
			      "meta", "kernel", kernel, "scenarios", scenarios,
			      "matrices", "problems", "status", 0);

	assert_int_equal(json_dump_file(o, path, 0), 0);
	json_decref(o);
}

/* The line of out that begins with start, or a failure. */
static const char *line_of(struct command *c, const char *start)
{
	static char line[256];
	const char *at = strstr(c->out, start);

	assert_non_null(at);
	assert_true(at == c->out || at[-1] == '\n');
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	return line;
}

static void worst_verdict_stands(void **state)
{
	struct command c;

	(void)state;
	save_run("old/result.json", "6.1.192-chargeback",
		 json_pack("[o,o,o,o,o]",
			   entry("a", "1", "loop", "pass", false),
			   entry("a", "2", "loop", "xfail", false),
			   entry("a", "1", "none", "error", true),
			   entry("a", "1", "cgloop-single", "error", true),
			   entry("b", "1", "none", "skip", false)));
	save_run("new/result.json", "7.0",
		 json_pack("[o,o,o,o,o]",
			   entry("a", "1", "loop", "fail", false),
			   entry("a", "2", "loop", "splat", false),
			   entry("a", "3", "loop", "incomplete", false),
			   entry("a", "1", "cgloop", "pass", false),
			   entry("a", "2", "cgloop", "pass", false)));
	run_program(&c, "kernels", "stdout", RLIM_INFINITY, "old new");
	assert_string_equal(c.err, "");
	assert_int_equal(c.status, 0);
	assert_non_null(strstr(c.out, "6.1.192 "));
	assert_null(strstr(c.out, "chargeback"));
	assert_string_equal(line_of(&c, "a "),
			    "a  xfail 1/2  -          -          "
			    "splat 1/3  -          pass       ");
	assert_string_equal(line_of(&c, "b "),
			    "b  -          skip       -          "
			    "-          -          -          ");
	assert_string_equal(line_of(&c, "   loop"),
			    "   loop       none       cgloop     "
			    "loop       none       cgloop     ");
}

static void given_name_is_shown(void **state)
{
	json_t *o;
	struct command c;

	(void)state;
	save_run("old/result.json", "6.12.1",
		 json_pack("[o]", entry("a", "1", "loop", "pass", false)));
	save_run("new/result.json", "6.12.1",
		 json_pack("[o]", entry("a", "1", "loop", "pass", false)));
	o = json_load_file("old/result.json", 0, NULL);
	assert_non_null(o);
	json_object_set_new(json_object_get(o, "meta"), "name",
			    json_string("mine"));
	assert_int_equal(json_dump_file(o, "old/result.json", 0), 0);
	json_decref(o);
	run_program(&c, "kernels", "stdout", RLIM_INFINITY, "old new");
	assert_int_equal(c.status, 0);
	assert_non_null(strstr(line_of(&c, "   mine"), "6.12.1"));
}

static void wrong_usage(void **state)
{
	static const struct {
		const char *args, *says;
	} cases[] = {
		{ "none", "none: No such file" },
		{ "old new", "old/result.json: No such file" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct command c;

		run_program(&c, "kernels", "stdout", RLIM_INFINITY,
			    cases[i].args);
		assert_int_equal(c.status, 2);
		if (!strstr(c.err, cases[i].says))
			fail_msg("no '%s' in %s", cases[i].says, c.err);
		assert_string_equal(c.out, "");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(worst_verdict_stands),
		TEST(given_name_is_shown),
		TEST(wrong_usage),
	};

	return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
