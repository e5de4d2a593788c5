// SPDX-License-Identifier: GPL-2.0
/* Expectations: how lines are read, which apply, and which are errors. */
#include <stdlib.h>
#include <string.h>

#include "tests/help.h"

/* The usual run, in which loop fails or not, against these expectations. */
static void judge_loop(struct run *run, const char *kernel, const char *words,
		       const char *claim, const char *expectations)
{
	struct stream s = { 0 };

	put_hello_of(&s, usual_plan(), kernel, words);
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put_entry(&s, 2, claim, !strcmp(claim, "held") ? "" : "no kill");
	put_entry(&s, 3, "held", "");
	put_bye(&s, 4);
	judge_stream(run, usual_plan(), "poweroff", &s, expectations);
	stream_free(&s);
}

static void listed_lines_apply(void **state)
{
	static const struct {
		const char *kernel, *line;
		bool applies;
	} cases[] = {
		{ "6.12.117", "* loop oom-bypass * xfail oom_kill=1 r", true },
		{ "6.12.117", "6.12 loop oom-bypass * xfail oom_kill=1 r",
		  true },
		{ "6.12.0-rc1", "6.12 loop oom-bypass * xfail oom_kill=1 r",
		  true },
		{ "6.12", "6.1-6.12 loop oom-bypass * xfail oom_kill=1 r",
		  true },
		{ "6.1.192", "6.1-6.12 loop oom-bypass * xfail oom_kill=1 r",
		  true },
		{ "6.6.1", "6.1-6.12 loop oom-bypass * xfail oom_kill=1 r",
		  true },
		{ "6.13.0", "6.1-6.12 loop oom-bypass * xfail oom_kill=1 r",
		  false },
		{ "5.10.1", "6.1-6.12 loop oom-bypass * xfail oom_kill=1 r",
		  false },
		{ "6.1.12", "6.12 loop oom-bypass * xfail oom_kill=1 r",
		  false },
		{ "6.120.1", "6.12 loop oom-bypass * xfail oom_kill=1 r",
		  false },
		{ "7.2.13", "6.12-7.2 loop oom-bypass * xfail oom_kill=1 r",
		  true },
		{ "six", "6.1-6.12 loop oom-bypass * xfail oom_kill=1 r",
		  false },
		{ "6.12.1", "* loop oom-bypass form=c xfail oom_kill=1 r",
		  true },
		{ "6.12.1",
		  "* loop oom-bypass io=direct,form=c xfail oom_kill=1 r",
		  true },
		{ "6.12.1",
		  " *\tloop  oom-bypass\tform=c xfail oom_kill=1 two words \r\n\n#x",
		  true },
		{ "6.12.1",
		  "# a comment\n\n* loop oom-bypass * xfail oom_kill=1 r\n",
		  true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct run run;

		judge_loop(&run, cases[i].kernel, "", "failed", cases[i].line);
		assert_verdict(&run, 2, cases[i].applies ? XFAIL : FAIL,
			       "no kill");
		assert_verdict(&run, 3, PASS, "");
		assert_int_equal(run.status, cases[i].applies ?
						     STATUS_EXPECTED :
						     STATUS_CLAIM);
		assert_int_equal(json_array_size(run.problems), 0);
		run_free(&run);
	}
}

static void held_though_listed(void **state)
{
	struct run run;

	(void)state;
	judge_loop(&run, "6.12.1", "", "held",
		   "6.12 loop oom-bypass * xfail oom_kill=1 fixed since");
	assert_verdict(&run, 2, XPASS, "");
	assert_string_equal(run.plan.v[2].detail,
			    "expected to fail: fixed since");
	assert_int_equal(run.status, STATUS_CLAIM);
	assert_int_equal(run.summary[XPASS], 1);
	run_free(&run);
}

static void first_match_wins(void **state)
{
	struct run run;

	(void)state;
	judge_loop(&run, "6.12.1", "", "failed",
		   "6.12 loop oom-bypass form=c pass - backported\n"
		   "* * oom-bypass * xfail oom_kill=1 r\n");
	assert_verdict(&run, 2, FAIL, "no kill");
	assert_verdict(&run, 3, XPASS, "");
	assert_int_equal(json_array_size(run.problems), 0);
	run_free(&run);
}

/* In the suite of mutants all must fail, whatever the kernel is known for. */
static void mutants_are_not_covered(void **state)
{
	struct run run;

	(void)state;
	judge_loop(
		&run, "6.12.1", "cb.suite=mutants", "failed",
		"* loop oom-bypass * xfail oom_kill=1 r\n* loop other * xfail oom_kill=1 r");
	assert_verdict(&run, 2, FAIL, "no kill");
	assert_int_equal(json_array_size(run.problems), 0);
	assert_int_equal(run.status, STATUS_CLAIM);
	run_free(&run);
}

/* Only a claim that came out false is a known hole. */
static void others_are_not_covered(void **state)
{
	static const struct {
		const char *claim;
		enum verdict verdict;
	} cases[] = {
		{ "error", ERROR },
		{ "timeout", TIMEOUT },
		{ "splat", SPLAT },
		{ "skip", SKIP },
	};
	struct stream s = { 0 };
	struct run run;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		judge_loop(&run, "6.12.1", "", cases[i].claim,
			   "* loop oom-bypass * xfail oom_kill=1 r");
		assert_verdict(&run, 2, cases[i].verdict, "no kill");
		run_free(&run);
	}
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put(&s, "{\"t\":\"begin\",\"id\":2,\"ms\":1}");
	put(&s, "{\"t\":\"evidence\",\"id\":2,\"name\":\"n\",\"value\":1,"
		"\"unit\":\"\"}");
	put_end(&s, 2, "held", "", "\"dying: 0 -> 1\"");
	put_entry(&s, 3, "held", "");
	put_bye(&s, 4);
	judge_stream(&run, usual_plan(), "poweroff", &s,
		     "* loop oom-bypass * xfail oom_kill=1 r");
	assert_verdict(&run, 2, FAIL, "meters");
	run_free(&run);
	stream_free(&s);
}

/* A known hole shows in a known way; any other failure is a new one. */
static void other_failures_are_not_covered(void **state)
{
	static const struct {
		const char *how;
		const char *says; /* NULL: it fails as expected */
	} cases[] = {
		{ "oom_kill=1", NULL },
		{ "oom_kill=1..1", NULL },
		{ "oom_kill=-5..1", NULL },
		{ "oom_kill=1..", NULL },
		{ "oom_kill=..1", NULL },
		{ "oom_kill=0..5,oom_kill=1", NULL },
		{ "oom_kill=2", "oom_kill is 1" },
		{ "oom_kill=2..", "oom_kill is 1" },
		{ "oom_kill=..-1", "oom_kill is 1" },
		{ "oom_kill=1,oom_kill=0", "oom_kill is 1" },
		{ "oom_kill=1,kills=0..", "there is no kills" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *line = xasprintf("* loop oom-bypass * xfail %s known",
				       cases[i].how);
		struct run run;

		judge_loop(&run, "6.12.1", "", "failed", line);
		assert_verdict(&run, 2, cases[i].says ? FAIL : XFAIL,
			       "no kill");
		if (cases[i].says)
			assert_non_null(
				strstr(run.plan.v[2].detail, cases[i].says));
		assert_int_equal(json_array_size(run.problems), 0);
		run_free(&run);
		free(line);
	}
}

/* A line that matches nothing, unless what it names was left out. */
static void unused_lines(void **state)
{
	static const struct {
		const char *words, *line, *says;
	} cases[] = {
		{ "", "* loop oom-bypass form=x xfail oom_kill=1 r",
		  "no cell" },
		{ "", "* loop oom-bypass form=c,io=x xfail oom_kill=1 r",
		  "no cell" },
		{ "", "* loop oom-bypass other=c xfail oom_kill=1 r",
		  "no cell" },
		{ "", "* loop oom-bypass io=dir xfail oom_kill=1 r",
		  "no cell" },
		{ "", "* loop oom-bypass io=directly xfail oom_kill=1 r",
		  "no cell" },
		{ "", "* cgloop-single oom-bypass * xfail oom_kill=1 r",
		  "controls" },
		{ "", "* none oom-bypass * xfail oom_kill=1 r", "controls" },
		{ "", "* lop oom-bypass * xfail oom_kill=1 r",
		  "no such driver" },
		{ "cb.drivers=loop", "* lop oom-bypass * xfail oom_kill=1 r",
		  NULL },
		{ "", "* loop oom-bypas * xfail oom_kill=1 r", NULL },
		{ "a cb.suite=full", "* loop oom-bypas * xfail oom_kill=1 r",
		  "no such scenario" },
		{ "xcb.suite=full", "* loop oom-bypas * xfail oom_kill=1 r",
		  NULL },
		{ "cb.suite=full cb.scenarios=o*",
		  "* loop x * xfail oom_kill=1 r", NULL },
		{ "cb.suite=full", "5.10 loop oom-bypas * xfail oom_kill=1 r",
		  NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct run run;

		judge_loop(&run, "6.12.1", cases[i].words, "held",
			   cases[i].line);
		assert_int_equal(has_problem(&run, "expectations"),
				 !!cases[i].says);
		assert_int_equal(run.status, cases[i].says ? STATUS_HARNESS :
							     STATUS_EXPECTED);
		if (cases[i].says) {
			char *all = json_dumps(run.problems, 0);

			assert_non_null(strstr(all, cases[i].says));
			assert_non_null(strstr(all, "line 1 "));
			free(all);
		}
		run_free(&run);
	}
}

static void bad_lines(void **state)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{ "x", "a line is" },
		{ "* loop oom-bypass * xfail oom_kill=1", "a line is" },
		{ "* loop oom-bypass * xfail r  ", "a line is" },
		{ "6 loop oom-bypass * xfail oom_kill=1 r", "kernel range" },
		{ "6. loop oom-bypass * xfail oom_kill=1 r", "kernel range" },
		{ "-6.12 loop oom-bypass * xfail oom_kill=1 r",
		  "kernel range" },
		{ "6.12- loop oom-bypass * xfail oom_kill=1 r",
		  "kernel range" },
		{ "6.12.3 loop oom-bypass * xfail oom_kill=1 r",
		  "kernel range" },
		{ "6.12-6.1 loop oom-bypass * xfail oom_kill=1 r",
		  "kernel range" },
		{ "6.99999 loop oom-bypass * xfail oom_kill=1 r",
		  "kernel range" },
		{ "* loop oom-bypass form xfail oom_kill=1 r", "no cell" },
		{ "* loop oom-bypass form= xfail oom_kill=1 r", "no cell" },
		{ "* loop oom-bypass =c xfail oom_kill=1 r", "no cell" },
		{ "* loop oom-bypass a=b, xfail oom_kill=1 r", "no cell" },
		{ "* loop oom-bypass a=b=c xfail oom_kill=1 r", "no cell" },
		{ "* loop oom-bypass * fail - r", "xfail" },
		{ "* loop oom-bypass * xpass - r", "xfail" },
		{ "* loop oom-bypass * xfail \xff r", "UTF-8" },
		{ "* loop oom-bypass * xfail n r", "is no evidence" },
		{ "* loop oom-bypass * xfail - r", "is no evidence" },
		{ "* loop oom-bypass * pass n=1 r", "is no evidence" },
		{ "* loop oom-bypass * xfail =1 r", "is no evidence" },
		{ "* loop oom-bypass * xfail n= r", "is no evidence" },
		{ "* loop oom-bypass * xfail n=x r", "is no evidence" },
		{ "* loop oom-bypass * xfail n=1x r", "is no evidence" },
		{ "* loop oom-bypass * xfail n=.. r", "is no evidence" },
		{ "* loop oom-bypass * xfail n=1..2..3 r", "is no evidence" },
		{ "* loop oom-bypass * xfail n=2..1 r", "is no evidence" },
		{ "* loop oom-bypass * xfail n=1, r", "is no evidence" },
		{ "* loop oom-bypass * xfail n=1,,m=1 r", "is no evidence" },
		{ "* loop oom-bypass * xfail n=99999999999999999999 r",
		  "is no evidence" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct expectations x = { 0 };
		struct error err = { "" };
		char *text = xasprintf("#\n%s\n", cases[i].line);

		assert_int_equal(expect_parse(&x, text, "file", &err), -1);
		assert_non_null(strstr(err.text, cases[i].says));
		assert_non_null(
			strstr(err.text, i == 17 ? "file: " : "file:2: "));
		assert_null(strchr(err.text, '\n'));
		expect_free(&x);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listed_lines_apply),
		cmocka_unit_test(held_though_listed),
		cmocka_unit_test(first_match_wins),
		cmocka_unit_test(mutants_are_not_covered),
		cmocka_unit_test(others_are_not_covered),
		cmocka_unit_test(other_failures_are_not_covered),
		cmocka_unit_test(unused_lines),
		cmocka_unit_test(bad_lines),
	};

	return cmocka_run_group_tests_name("expectations", tests, NULL, NULL);
}
