// SPDX-License-Identifier: GPL-2.0
/* Every rule of the verdicts, every exit status, and what loss does to both. */
#include <stdlib.h>
#include <string.h>

#include "tests/help.h"

/* Judges what s holds against the usual plan, and empties s. */
static void judge(struct run *run, const char *end, struct stream *s)
{
	judge_stream(run, usual_plan(), end, s, NULL);
	stream_free(s);
}

/* The usual run, in which one entry ends otherwise. */
static void judge_with(struct run *run, int id, const char *claim,
		       const char *reason)
{
	static const char *const usual[] = { "failed", "held", "held", "held" };
	struct stream s = { 0 };
	int i;

	put_hello(&s, usual_plan());
	for (i = 0; i < 4; i++) {
		const char *said = i ? "" : "the writer exits 0";

		put_entry(&s, i, i == id ? claim : usual[i],
			  i == id ? reason : said);
	}
	put_bye(&s, 4);
	judge(run, "poweroff", &s);
}

static void all_as_expected(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_usual(&s);
	judge(&run, "poweroff", &s);
	assert_verdict(&run, 0, PASS, "the writer exits 0");
	assert_verdict(&run, 1, PASS, "");
	assert_verdict(&run, 2, PASS, "");
	assert_verdict(&run, 3, PASS, "");
	assert_int_equal(run.status, STATUS_EXPECTED);
	assert_int_equal(run.summary[PASS], 4);
	assert_int_equal(run.controls_expected, 2);
	assert_int_equal(run.controls_unexpected, 0);
	assert_int_equal(json_array_size(run.problems), 0);
	run_free(&run);
}

static void said_is_judged(void **state)
{
	static const struct {
		const char *claim, *reason;
		enum verdict verdict;
		const char *want;
		int status;
	} cases[] = {
		{ "failed", "no kill", FAIL, "no kill", STATUS_CLAIM },
		{ "skip", "no-xfs", SKIP, "no-xfs", STATUS_EXPECTED },
		{ "error", "EIO", ERROR, "EIO", STATUS_HARNESS },
		{ "timeout", "60 s", TIMEOUT, "60 s", STATUS_HARNESS },
		{ "splat", "WARN", SPLAT, "WARN", STATUS_MACHINE },
		{ "maybe", "?", ERROR, "unknown-claim", STATUS_HARNESS },
		{ "failed", "", FAIL, "no-reason", STATUS_HARNESS },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct run run;

		judge_with(&run, 2, cases[i].claim, cases[i].reason);
		assert_verdict(&run, 2, cases[i].verdict, cases[i].want);
		assert_verdict(&run, 3, PASS, "");
		assert_int_equal(run.status, cases[i].status);
		assert_int_equal(run.summary[cases[i].verdict], 1);
		run_free(&run);
	}
}

static void moved_meter_fails(void **state)
{
	struct stream s = { 0 };
	struct run run;
	int id;

	(void)state;
	for (id = 1; id < 3; id++) {
		int i;

		put_hello(&s, usual_plan());
		put_entry(&s, 0, "failed", "as it must");
		for (i = 1; i < 4; i++) {
			put(&s, "{\"t\":\"begin\",\"id\":%d,\"ms\":1}", i);
			put(&s,
			    "{\"t\":\"evidence\",\"id\":%d,\"name\":\"n\","
			    "\"value\":0,\"unit\":\"\"}",
			    i);
			put_end(&s, i, "held", "",
				i == id ?
					"\"dying: 0 -> 3\",\"mounts: 1 -> 2\"" :
					"");
		}
		put_bye(&s, 4);
		judge(&run, "poweroff", &s);
		assert_verdict(&run, id, id == 2 ? FAIL : ERROR,
			       id == 2 ? "meters" : "control-unexpected");
		assert_non_null(strstr(run.plan.v[id].detail, "dying: 0 -> 3"));
		assert_non_null(
			strstr(run.plan.v[id].detail, "mounts: 1 -> 2"));
		assert_int_equal(run.status,
				 id == 2 ? STATUS_CLAIM : STATUS_HARNESS);
		run_free(&run);
	}
}

/* A control that must fail may move meters: a leak is how it fails. */
static void failing_control_may_leak(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, usual_plan());
	put(&s, "{\"t\":\"begin\",\"id\":0,\"ms\":1}");
	put(&s, "{\"t\":\"evidence\",\"id\":0,\"name\":\"n\",\"value\":0,"
		"\"unit\":\"\"}");
	put_end(&s, 0, "failed", "pinned", "\"dying: 0 -> 1\"");
	put_entry(&s, 1, "held", "");
	put_entry(&s, 2, "held", "");
	put_entry(&s, 3, "held", "");
	put_bye(&s, 4);
	judge(&run, "poweroff", &s);
	assert_verdict(&run, 0, PASS, "pinned");
	assert_int_equal(run.status, STATUS_EXPECTED);
	run_free(&run);
}

static void no_evidence_is_an_error(void **state)
{
	static const char *const claims[] = { "held", "failed" };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct stream s = { 0 };
		struct run run;
		int id = i < 2 ? 3 : 0;

		put_hello(&s, usual_plan());
		if (id != 0)
			put_entry(&s, 0, "failed", "as it must");
		put_entry(&s, 1, "held", "");
		put_entry(&s, 2, "held", "");
		put(&s, "{\"t\":\"begin\",\"id\":%d,\"ms\":1}", id);
		put_end(&s, id, claims[i % 2], "why", "");
		if (id != 3)
			put_entry(&s, 3, "held", "");
		put_bye(&s, 4);
		judge(&run, "poweroff", &s);
		assert_verdict(&run, id, ERROR, "no-evidence");
		assert_int_equal(run.status, STATUS_HARNESS);
		if (!id)
			assert_verdict(&run, 3, INCOMPLETE,
				       "control-incomplete");
		run_free(&run);
	}
}

static void unexpected_control_takes_the_proof(void **state)
{
	static const char *const claims[] = { "held", "failed" };
	struct run run;
	int id;

	(void)state;
	for (id = 0; id < 2; id++) {
		judge_with(&run, id, claims[id], "why");
		assert_verdict(&run, id, ERROR, "control-unexpected");
		assert_non_null(strstr(run.plan.v[id].detail,
				       id ? "must come out true" :
					    "must come out false"));
		assert_verdict(&run, 2, INCOMPLETE, "control-unexpected");
		assert_verdict(&run, 3, INCOMPLETE, "control-unexpected");
		assert_non_null(strstr(run.plan.v[2].detail,
				       id ? "none" : "cgloop-single"));
		assert_int_equal(run.status, STATUS_HARNESS);
		assert_int_equal(run.controls_expected, 1);
		assert_int_equal(run.controls_unexpected, 1);
		run_free(&run);
	}
}

static void unproven_control_takes_the_proof(void **state)
{
	static const struct {
		const char *claim;
		enum verdict verdict, subject;
		const char *reason;
		int status;
	} cases[] = {
		{ "skip", SKIP, SKIP, "no-control", STATUS_HARNESS },
		{ "error", ERROR, INCOMPLETE, "control-incomplete",
		  STATUS_HARNESS },
		{ "timeout", TIMEOUT, INCOMPLETE, "control-incomplete",
		  STATUS_HARNESS },
		{ "splat", SPLAT, INCOMPLETE, "control-incomplete",
		  STATUS_MACHINE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		struct run run;

		judge_with(&run, (int)i % 2, cases[i / 2].claim, "why");
		assert_verdict(&run, i % 2, cases[i / 2].verdict, "why");
		assert_verdict(&run, 2, cases[i / 2].subject,
			       cases[i / 2].reason);
		assert_non_null(strstr(run.plan.v[2].detail,
				       i % 2 ? "none" : "cgloop-single"));
		assert_int_equal(run.status, cases[i / 2].status);
		assert_int_equal(run.controls_unexpected, 0);
		run_free(&run);
	}
}

/* A kernel that lacks what all claims need passes none of them. */
static void nothing_tested_is_not_good(void **state)
{
	static const struct {
		const char *loop, *cgloop;
		int status;
	} cases[] = {
		{ "skip", "skip", STATUS_HARNESS },
		{ "skip", "held", STATUS_EXPECTED },
		{ "failed", "skip", STATUS_CLAIM },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct stream s = { 0 };
		struct run run;

		put_hello(&s, usual_plan());
		put_entry(&s, 0, "failed", "why");
		put_entry(&s, 1, "held", "");
		put_entry(&s, 2, cases[i].loop, "no-memory");
		put_entry(&s, 3, cases[i].cgloop, "no-memory");
		put_bye(&s, 4);
		judge_stream(&run, usual_plan(), "poweroff", &s, NULL);
		assert_int_equal(run.status, cases[i].status);
		assert_int_equal(has_problem(&run, "nothing-tested"), !i);
		run_free(&run);
		stream_free(&s);
	}
}

/* Of several controls that are no proof, the worst says why. */
static void worst_control_decides(void **state)
{
	static const struct {
		const char *claims[2], *reason;
	} cases[] = {
		{ { "skip", "error" }, "control-incomplete" },
		{ { "error", "skip" }, "control-incomplete" },
		{ { "held", "error" }, "control-unexpected" },
		{ { "error", "failed" }, "control-unexpected" },
		{ { "skip", "failed" }, "control-unexpected" },
		{ { "held", "skip" }, "control-unexpected" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct stream s = { 0 };
		struct run run;

		put_hello(&s, usual_plan());
		put_entry(&s, 0, cases[i].claims[0], "why");
		put_entry(&s, 1, cases[i].claims[1], "why");
		put_entry(&s, 2, "held", "");
		put_entry(&s, 3, "held", "");
		put_bye(&s, 4);
		judge(&run, "poweroff", &s);
		assert_verdict(&run, 2, INCOMPLETE, cases[i].reason);
		run_free(&run);
	}
}

/* A method that fails where the claim must hold tells nothing of a failure. */
static void failure_needs_its_baseline(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "skip", "no-cgloop");
	put_entry(&s, 1, "failed", "no kill");
	put_entry(&s, 2, "failed", "no kill");
	put_entry(&s, 3, "skip", "no-cgloop");
	put_bye(&s, 4);
	judge(&run, "poweroff", &s);
	assert_verdict(&run, 2, INCOMPLETE, "control-unexpected");
	assert_int_equal(run.status, STATUS_HARNESS);
	run_free(&run);
}

/* A failure stands although the controls of the other kind are missing. */
static void failure_outlives_its_control(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "skip", "no-cgloop");
	put_entry(&s, 1, "held", "");
	put_entry(&s, 2, "failed", "no kill");
	put_entry(&s, 3, "skip", "no-cgloop");
	put_bye(&s, 4);
	judge(&run, "poweroff", &s);
	assert_verdict(&run, 2, FAIL, "no kill");
	assert_verdict(&run, 3, SKIP, "no-cgloop");
	assert_int_equal(run.status, STATUS_CLAIM);
	run_free(&run);
}

/* A control counts for its own scenario and cell, and must be there. */
static void controls_belong_to_a_cell(void **state)
{
	char *line[] = {
		plan_line(0, "a", "{\"x\":\"1\",\"y\":\"2\"}", "c", "false"),
		plan_line(1, "a", "{\"y\":\"2\",\"x\":\"1\"}", "loop", NULL),
		plan_line(2, "a", "{\"x\":\"2\",\"y\":\"2\"}", "loop", NULL),
		plan_line(3, "b", "{\"x\":\"1\",\"y\":\"2\"}", "none", "true"),
		plan_line(4, "b", "{\"x\":\"1\",\"y\":\"2\"}", "loop", NULL),
	};
	char *plan = xasprintf("%s%s%s%s%s", line[0], line[1], line[2], line[3],
			       line[4]);
	struct stream s = { 0 };
	struct run run;
	int i;

	(void)state;
	put_hello(&s, plan);
	for (i = 0; i < 5; i++)
		put_entry(&s, i, i ? "held" : "failed", i ? "" : "why");
	put_bye(&s, 5);
	judge_stream(&run, plan, "poweroff", &s, NULL);
	assert_verdict(&run, 1, PASS, "");
	assert_verdict(&run, 2, INCOMPLETE, "control-missing");
	assert_verdict(&run, 4, INCOMPLETE, "control-missing");
	assert_int_equal(run.status, STATUS_HARNESS);
	run_free(&run);
	stream_free(&s);
	free(plan);
	for (i = 0; i < 5; i++)
		free(line[i]);
}

static void machine_ends_in_an_entry(void **state)
{
	static const struct {
		const char *end;
		enum verdict verdict;
		const char *reason, *rest;
		int status;
	} cases[] = {
		{ "panic", PANIC, "panic", "after-panic", STATUS_MACHINE },
		{ "hang", HANG, "hang", "after-hang", STATUS_MACHINE },
		{ "deadline", TIMEOUT, "deadline", "deadline", STATUS_HARNESS },
		{ "vmm-died", INCOMPLETE, "vmm-died", "vmm-died",
		  STATUS_HARNESS },
		{ "poweroff", INCOMPLETE, "early-exit", "early-exit",
		  STATUS_HARNESS },
		{ "reset", INCOMPLETE, "reset", "reset", STATUS_HARNESS },
		{ "interrupted", INCOMPLETE, "interrupted", "interrupted",
		  STATUS_HARNESS },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct stream s = { 0 };
		struct run run;

		put_hello(&s, usual_plan());
		put_entry(&s, 0, "failed", "why");
		put_entry(&s, 1, "held", "");
		put(&s, "{\"t\":\"begin\",\"id\":2,\"ms\":5000}");
		put(&s, "{\"t\":\"tick\",\"id\":2,\"ms\":6000}");
		put(&s, "{\"t\":\"tick\",\"id\":2,\"ms\":7001}");
		judge(&run, cases[i].end, &s);
		assert_verdict(&run, 0, PASS, "why");
		assert_verdict(&run, 2, cases[i].verdict, cases[i].reason);
		assert_string_equal(run.plan.v[2].detail, "last words");
		assert_int_equal(run.plan.v[2].duration_ms, 2001);
		assert_verdict(&run, 3, INCOMPLETE, cases[i].rest);
		assert_int_equal(run.status, cases[i].status);
		run_free(&run);
	}
}

/* Before hello, between entries and after bye: the status tells as well. */
static void machine_ends_outside(void **state)
{
	static const struct {
		const char *end;
		const char *before;
		int status;
	} cases[] = {
		{ "panic", "after-panic", STATUS_MACHINE },
		{ "hang", "after-hang", STATUS_MACHINE },
		{ "deadline", "deadline", STATUS_HARNESS },
		{ "vmm-died", "vmm-died", STATUS_HARNESS },
		{ "reset", "reset", STATUS_HARNESS },
		{ "interrupted", "interrupted", STATUS_HARNESS },
		{ "poweroff", "early-exit", STATUS_HARNESS },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool well = !strcmp(cases[i].end, "poweroff");
		struct stream s = { 0 };
		struct run run;

		judge(&run, cases[i].end, &s);
		assert_int_equal(run.summary[INCOMPLETE], 4);
		assert_verdict(&run, 3, INCOMPLETE, cases[i].before);
		assert_int_equal(run.status, cases[i].status);
		run_free(&run);

		put_hello(&s, usual_plan());
		judge(&run, cases[i].end, &s);
		assert_verdict(&run, 0, INCOMPLETE, cases[i].before);
		assert_int_equal(run.status, cases[i].status);
		run_free(&run);

		put_usual(&s);
		judge(&run, cases[i].end, &s);
		assert_int_equal(run.summary[PASS], 4);
		assert_int_equal(run.status,
				 well ? STATUS_EXPECTED : cases[i].status);
		assert_true(well || has_problem(&run, cases[i].end));
		run_free(&run);
	}
}

static void splat_ends_the_run(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put_entry(&s, 2, "splat", "WARNING: at lib/x.c");
	judge(&run, "poweroff", &s);
	assert_verdict(&run, 2, SPLAT, "WARNING: at lib/x.c");
	assert_verdict(&run, 3, INCOMPLETE, "after-splat");
	assert_int_equal(run.status, STATUS_MACHINE);
	run_free(&run);
}

/* A splat outside of entries is a breakdown of the machine. */
static void stray_splat_is_told(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, usual_plan());
	put(&s, "{\"t\":\"stray\",\"splat\":\"WARNING: at boot\"}");
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put_entry(&s, 2, "held", "");
	put_entry(&s, 3, "held", "");
	put_bye(&s, 4);
	judge(&run, "poweroff", &s);
	assert_int_equal(run.summary[PASS], 4);
	assert_int_equal(run.status, STATUS_MACHINE);
	assert_true(has_problem(&run, "stray-splat"));
	run_free(&run);
}

static void stray_splat_ends_the_run(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put_entry(&s, 2, "held", "");
	put(&s, "{\"t\":\"stray\"}");
	judge(&run, "poweroff", &s);
	assert_verdict(&run, 3, INCOMPLETE, "after-splat");
	assert_int_equal(run.status, STATUS_MACHINE);
	assert_true(has_problem(&run, "bad-record"));
	run_free(&run);
}

static void without_bye(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put_entry(&s, 2, "held", "");
	put_entry(&s, 3, "held", "");
	judge(&run, "poweroff", &s);
	assert_int_equal(run.summary[PASS], 4);
	assert_int_equal(run.status, STATUS_HARNESS);
	assert_true(has_problem(&run, "early-exit"));
	run_free(&run);
}

static void bye_too_early(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put(&s, "{\"t\":\"begin\",\"id\":2,\"ms\":5000}");
	put_bye(&s, 3);
	put_entry(&s, 3, "held", "");
	judge(&run, "poweroff", &s);
	assert_verdict(&run, 2, INCOMPLETE, "no-end");
	assert_verdict(&run, 3, INCOMPLETE, "not-run");
	assert_true(has_problem(&run, "wrong-count"));
	assert_true(has_problem(&run, "bad-record"));
	assert_int_equal(run.status, STATUS_HARNESS);
	run_free(&run);
}

static void hello_must_fit(void **state)
{
	static const char *const hellos[] = {
		"\"schema\":1,\"plan\":4,\"plan_crc\":\"00000000\"",
		"\"schema\":1,\"plan\":3,\"plan_crc\":\"%s\"",
		"\"schema\":1,\"plan\":4",
		"\"schema\":2,\"plan\":4,\"plan_crc\":\"%s\"",
		"\"plan\":4,\"plan_crc\":\"%s\"",
	};
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		struct stream good = { 0 }, s = { 0 };
		char crc[9], *fields;
		struct run run;

		put_usual(&good);
		memcpy(crc, strstr(good.data, "plan_crc") + 11, 8);
		crc[8] = '\0';
		fields = xstrdup(hellos[i]);
		if (strstr(fields, "%s"))
			*strstr(fields, "%s") = '\0';
		put(&s, "{\"t\":\"hello\",%s%s%s}", fields,
		    strstr(hellos[i], "%s") ? crc : "",
		    strstr(hellos[i], "%s") ? "\"" : "");
		put_bytes(&s, strchr(good.data, '\n') + 1,
			  good.len - (size_t)(strchr(good.data, '\n') + 1 -
					      good.data));
		free(fields);
		stream_free(&good);
		judge(&run, "poweroff", &s);
		assert_int_equal(run.summary[INCOMPLETE], 4);
		assert_verdict(&run, 0, INCOMPLETE,
			       i < 3 ? "plan-mismatch" : "schema-mismatch");
		assert_true(has_problem(&run, run.plan.v[0].reason));
		assert_int_equal(run.status, STATUS_HARNESS);
		run_free(&run);
	}
}

/* Each malformed or misplaced record is a problem. */
static void bad_records(void **state)
{
	static const char *const bad[] = {
		"{\"t\":\"begin\",\"id\":2,\"ms\":1}",
		"{\"t\":\"end\",\"id\":2,\"claim\":\"held\",\"reason\":\"\","
		"\"ms\":1,\"meters\":[]}",
		"{\"t\":\"tick\",\"id\":2,\"ms\":9}",
		"{\"t\":\"tick\",\"id\":4,\"ms\":9}",
		"{\"t\":\"tick\",\"id\":-1,\"ms\":9}",
		"{\"t\":\"tick\",\"id\":\"2\",\"ms\":9}",
		"{\"t\":\"hello\",\"schema\":1}",
		"{\"t\":\"news\",\"id\":3}",
		"{\"t\":\"news\"}",
		"{\"t\":\"tick\",\"id\":3,\"ms\":1}",
		"{\"t\":\"tick\",\"id\":3,\"ms\":1000000000001}",
		"{\"t\":\"evidence\",\"id\":3,\"name\":\"n\",\"unit\":\"\"}",
		"{\"t\":\"evidence\",\"id\":3,\"name\":\"\",\"value\":1,"
		"\"unit\":\"\"}",
		"{\"t\":\"evidence\",\"id\":3,\"name\":\"n\",\"value\":\"1\","
		"\"unit\":\"\"}",
		"{\"t\":\"evidence\",\"id\":3,\"name\":\"n\",\"value\":1}",
		"{\"t\":\"end\",\"id\":3,\"claim\":\"held\",\"ms\":1,"
		"\"meters\":[]}",
		"{\"t\":\"end\",\"id\":3,\"claim\":\"held\",\"reason\":\"\","
		"\"ms\":-1,\"meters\":[]}",
		"{\"t\":\"end\",\"id\":3,\"claim\":\"held\",\"reason\":\"\","
		"\"ms\":1}",
		"{\"t\":\"end\",\"id\":3,\"claim\":\"held\",\"reason\":\"\","
		"\"ms\":1,\"meters\":[1]}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct stream s = { 0 };
		struct run run;

		put_hello(&s, usual_plan());
		put_entry(&s, 0, "failed", "why");
		put_entry(&s, 1, "held", "");
		put_entry(&s, 2, "held", "");
		put(&s, "{\"t\":\"begin\",\"id\":3,\"ms\":100}");
		put(&s, "{\"t\":\"evidence\",\"id\":3,\"name\":\"m\","
			"\"value\":1,\"unit\":\"\"}");
		put(&s, "%s", bad[i]);
		if (!strstr(bad[i], "\"end\",\"id\":3"))
			put_end(&s, 3, "held", "", "");
		put_bye(&s, 4);
		judge(&run, "poweroff", &s);
		assert_true(has_problem(&run, "bad-record"));
		assert_int_equal(run.status, STATUS_HARNESS);
		if (strstr(bad[i], "\"id\":3"))
			assert_verdict(&run, 3, INCOMPLETE, "bad-record");
		if (strstr(bad[i], "\"id\":2"))
			assert_verdict(&run, 2, INCOMPLETE, "bad-record");
		run_free(&run);
	}
}

static void evidence_twice(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put(&s, "{\"t\":\"begin\",\"id\":2,\"ms\":1}");
	put(&s, "{\"t\":\"evidence\",\"id\":2,\"name\":\"n\",\"value\":1,"
		"\"unit\":\"\"}");
	put(&s, "{\"t\":\"evidence\",\"id\":2,\"name\":\"n\",\"value\":2,"
		"\"unit\":\"\"}");
	put_end(&s, 2, "held", "", "");
	put_entry(&s, 3, "held", "");
	put_bye(&s, 4);
	judge(&run, "poweroff", &s);
	assert_verdict(&run, 2, INCOMPLETE, "bad-record");
	assert_int_equal(run.status, STATUS_HARNESS);
	run_free(&run);
}

/* Leaves out the records from first to last of the usual run. */
static void judge_without(struct run *run, uint64_t first, uint64_t last)
{
	struct stream all = { 0 }, s = { 0 };
	uint64_t i;
	char *p;

	put_usual(&all);
	for (p = all.data, i = 0; i < all.seq; i++) {
		char *nl = memchr(p, '\n', all.len);

		if (i < first || i > last)
			put_bytes(&s, p, (size_t)(nl + 1 - p));
		p = nl + 1;
	}
	stream_free(&all);
	judge(run, "poweroff", &s);
}

/* Records: 0 hello; 1-3, 4-6, 7-9, 10-12 the entries; 13 bye. */
static void loss_is_never_a_pass(void **state)
{
	struct run run;
	uint64_t i;

	(void)state;
	for (i = 1; i < 13; i++) {
		uint64_t id = (i - 1) / 3;

		judge_without(&run, i, i);
		assert_int_equal(run.plan.v[id].verdict, INCOMPLETE);
		assert_string_equal(run.plan.v[id].reason, "records-lost");
		assert_int_equal(run.plan.v[3].verdict == PASS, id == 2);
		assert_int_equal(run.status, STATUS_HARNESS);
		assert_true(has_problem(&run, "records-lost"));
		run_free(&run);
	}
	judge_without(&run, 0, 0);
	assert_verdict(&run, 2, INCOMPLETE, "no-hello");
	assert_int_equal(run.status, STATUS_HARNESS);
	run_free(&run);
	judge_without(&run, 13, 13);
	assert_int_equal(run.summary[PASS], 4);
	assert_int_equal(run.status, STATUS_HARNESS);
	run_free(&run);
	judge_without(&run, 7, 12);
	assert_verdict(&run, 2, INCOMPLETE, "records-lost");
	assert_verdict(&run, 3, INCOMPLETE, "records-lost");
	run_free(&run);
}

/* Only the running entry is blamed for the end of the machine. */
static void panic_hits_the_last(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put(&s, "{\"t\":\"begin\",\"id\":1,\"ms\":1}");
	s.seq++;
	put(&s, "{\"t\":\"begin\",\"id\":2,\"ms\":1}");
	judge(&run, "panic", &s);
	assert_verdict(&run, 1, INCOMPLETE, "records-lost");
	assert_verdict(&run, 2, PANIC, "panic");
	assert_verdict(&run, 3, INCOMPLETE, "after-panic");
	run_free(&run);
}

/* No run may show a pass that the whole stream would not show. */
static void check_no_better(const char *data, size_t len, bool whole)
{
	struct stream s = { 0 };
	struct run run;

	put_bytes(&s, data, len);
	judge(&run, "poweroff", &s);
	assert_true(run.summary[PASS] <= 3);
	assert_int_not_equal(run.plan.v[2].verdict, PASS);
	assert_int_equal(run.status == STATUS_CLAIM, whole);
	assert_int_not_equal(run.status, STATUS_EXPECTED);
	run_free(&run);
}

static void cut_or_corrupted_anywhere(void **state)
{
	static const char flips[] = { 1, 4, 0x20, (char)0x80, (char)0xff };
	struct stream s = { 0 };
	size_t at, i;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put_entry(&s, 2, "failed", "no kill");
	put_entry(&s, 3, "held", "");
	put_bye(&s, 4);
	for (at = 0; at <= s.len; at++)
		check_no_better(s.data, at, at == s.len);
	for (at = 0; at < s.len; at++) {
		for (i = 0; i < sizeof(flips); i++) {
			s.data[at] ^= flips[i];
			check_no_better(s.data, s.len, false);
			s.data[at] ^= flips[i];
		}
	}
	stream_free(&s);
}

/* Each kind of damage alone keeps a perfect run from status 0. */
static void damage_is_held_against_the_run(void **state)
{
	static const struct {
		const char *bytes, *reason;
	} cases[] = {
		{ "@cb 14 00000000 {\"t\":\"x\"}\n", "crc-errors" },
		{ "@cb garbage\n", "malformed-records" },
		{ "@cb 14 12", "truncated-record" },
		{ "junk\n", NULL },
		{ "no newline", NULL },
	};
	struct stream s = { 0 };
	struct run run;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		put_usual(&s);
		put_bytes(&s, cases[i].bytes, strlen(cases[i].bytes));
		judge(&run, "poweroff", &s);
		assert_int_equal(run.summary[PASS], 4);
		assert_int_equal(run.status, cases[i].reason ? STATUS_HARNESS :
							       STATUS_EXPECTED);
		if (cases[i].reason)
			assert_true(has_problem(&run, cases[i].reason));
		run_free(&run);
	}
	put_usual(&s);
	put_as(&s, 3, "{\"t\":\"end\",\"id\":0,\"claim\":\"held\"}");
	judge(&run, "poweroff", &s);
	assert_true(has_problem(&run, "conflicting-records"));
	assert_verdict(&run, 2, INCOMPLETE, "control-incomplete");
	assert_int_equal(run.plan.v[0].ended, false);
	assert_int_equal(run.status, STATUS_HARNESS);
	run_free(&run);
}

/* 3 before 4 before 1. */
static void precedence(void **state)
{
	static const struct {
		const char *first, *second;
		int status;
	} cases[] = {
		{ "splat", "error", STATUS_MACHINE },
		{ "splat", "failed", STATUS_MACHINE },
		{ "error", "failed", STATUS_HARNESS },
		{ "timeout", "failed", STATUS_HARNESS },
		{ "failed", "skip", STATUS_CLAIM },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct stream s = { 0 };
		struct run run;

		put_hello(&s, usual_plan());
		put_entry(&s, 0, "failed", "why");
		put_entry(&s, 1, "held", "");
		put_entry(&s, 2, cases[i].second, "why");
		put_entry(&s, 3, cases[i].first, "why");
		put_bye(&s, 4);
		judge(&run, "poweroff", &s);
		assert_int_equal(run.status, cases[i].status);
		run_free(&run);
	}
}

static void many_problems_are_bounded(void **state)
{
	struct stream s = { 0 };
	struct run run;
	int i;

	(void)state;
	put_hello(&s, usual_plan());
	for (i = 0; i < 5000; i++)
		put(&s, "{\"t\":\"tick\",\"id\":77,\"ms\":1}");
	judge(&run, "poweroff", &s);
	assert_int_equal(json_array_size(run.problems), 101);
	assert_true(has_problem(&run, "more-problems"));
	run_free(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_as_expected),
		cmocka_unit_test(said_is_judged),
		cmocka_unit_test(moved_meter_fails),
		cmocka_unit_test(failing_control_may_leak),
		cmocka_unit_test(no_evidence_is_an_error),
		cmocka_unit_test(unexpected_control_takes_the_proof),
		cmocka_unit_test(unproven_control_takes_the_proof),
		cmocka_unit_test(nothing_tested_is_not_good),
		cmocka_unit_test(worst_control_decides),
		cmocka_unit_test(failure_outlives_its_control),
		cmocka_unit_test(failure_needs_its_baseline),
		cmocka_unit_test(controls_belong_to_a_cell),
		cmocka_unit_test(machine_ends_in_an_entry),
		cmocka_unit_test(machine_ends_outside),
		cmocka_unit_test(splat_ends_the_run),
		cmocka_unit_test(stray_splat_is_told),
		cmocka_unit_test(stray_splat_ends_the_run),
		cmocka_unit_test(without_bye),
		cmocka_unit_test(bye_too_early),
		cmocka_unit_test(hello_must_fit),
		cmocka_unit_test(bad_records),
		cmocka_unit_test(evidence_twice),
		cmocka_unit_test(loss_is_never_a_pass),
		cmocka_unit_test(panic_hits_the_last),
		cmocka_unit_test(cut_or_corrupted_anywhere),
		cmocka_unit_test(damage_is_held_against_the_run),
		cmocka_unit_test(precedence),
		cmocka_unit_test(many_problems_are_bounded),
	};

	return cmocka_run_group_tests_name("verdicts", tests, NULL, NULL);
}
