// SPDX-License-Identifier: GPL-2.0
/* The answer to quote: it needs the verdict and the control that proves it. */
#include <stdlib.h>
#include <string.h>

#include "tests/help.h"
#include "view/view.h"

/* The result of each entry of the usual plan; the third is the subject. */
struct reports {
	const char *must_fail, *must_hold, *loop;
};

static void judge_reports(struct result *r, const struct reports *reports,
			  const char *expectations)
{
	struct stream s = { 0 };
	struct run run;

	put_hello(&s, usual_plan());
	put_entry(&s, 0, reports->must_fail, "why");
	put_entry(&s, 1, reports->must_hold, "why");
	if (!strcmp(reports->loop, "meters")) {
		put(&s, "{\"t\":\"begin\",\"id\":2,\"ms\":100}");
		put(&s, "{\"t\":\"evidence\",\"id\":2,\"name\":\"a\","
			"\"value\":1,\"unit\":\"events\"}");
		put_end(&s, 2, "held", "", "\"slab: 1 -> 2\"");
	} else {
		put_entry(&s, 2, reports->loop, "why");
	}
	put_entry(&s, 3, "held", "");
	put_bye(&s, 4);
	judge_stream(&run, usual_plan(), "poweroff", &s, expectations);
	run_result(&run, r);
	run_free(&run);
	stream_free(&s);
}

static void answer_needs_its_control(void **state)
{
	static const struct {
		struct reports reports;
		const char *expectations;
		enum escape want;
	} cases[] = {
		/* The claim failed, and holds without a driver: yes. */
		{ { "failed", "held", "failed" }, NULL, ESCAPE_YES },
		{ { "held", "held", "failed" }, NULL, ESCAPE_YES },
		{ { "failed", "held", "failed" },
		  "* loop oom-bypass * xfail oom_kill=1 known",
		  ESCAPE_YES },
		{ { "failed", "failed", "failed" }, NULL, ESCAPE_NOT_TESTED },
		{ { "failed", "error", "failed" }, NULL, ESCAPE_NOT_TESTED },
		/* It held, and failed where nobody is charged: no. */
		{ { "failed", "held", "held" }, NULL, ESCAPE_NO },
		{ { "failed", "held", "held" },
		  "* loop oom-bypass * xfail oom_kill=1 known",
		  ESCAPE_NO },
		{ { "held", "held", "held" }, NULL, ESCAPE_NOT_TESTED },
		{ { "skip", "held", "held" }, NULL, ESCAPE_NOT_TESTED },
		/* Neither. */
		{ { "failed", "held", "meters" }, NULL, ESCAPE_NOT_TESTED },
		{ { "failed", "held", "skip" }, NULL, ESCAPE_NOT_TESTED },
		{ { "failed", "held", "error" }, NULL, ESCAPE_NOT_TESTED },
		{ { "failed", "held", "timeout" }, NULL, ESCAPE_NOT_TESTED },
		{ { "failed", "held", "splat" }, NULL, ESCAPE_NOT_TESTED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct result r;

		judge_reports(&r, &cases[i].reports, cases[i].expectations);
		if (result_escape(&r, FROM_MEMORY_AND_IO) != cases[i].want)
			fail_msg("case %zu: %s", i,
				 escape_names[result_escape(
					 &r, FROM_MEMORY_AND_IO)]);
		result_free(&r);
	}
}

/* A result of these entries of oom-bypass: driver, cell, verdict, boot. */
struct told {
	const char *driver, *cell, *verdict;
	int boot;
};

static enum escape escape_of(const char *scenario, enum escape_way way,
			     const struct told *v, size_t n)
{
	json_t *list = json_array();
	struct error err = { "" };
	enum escape escape;
	struct result r;
	size_t i;

	for (i = 0; i < n; i++) {
		json_t *o =
			json_pack("{s:s,s:{s:s},s:s,s:b,s:s,s:s,s:{},s:i}",
				  "name", scenario, "cell", "form", v[i].cell,
				  "driver", v[i].driver, "control",
				  *v[i].driver != 'l', "verdict", v[i].verdict,
				  "reason", "", "evidence", "boot", v[i].boot);

		if (!strcmp(v[i].driver, "none"))
			json_object_set_new(o, "expect", json_string("true"));
		else if (*v[i].driver == 'c')
			json_object_set_new(o, "expect", json_string("false"));
		json_array_append_new(list, o);
	}
	if (result_parse(&r,
			 json_pack("{s:i,s:{},s:i,s:[],s:[],s:o}", "schema", 1,
				   "meta", "status", 0, "problems", "matrices",
				   "scenarios", list),
			 "test", &err))
		fail_msg("%s", err.text);
	escape = result_escape(&r, way);
	result_free(&r);
	return escape;
}

static void all_ways_must_be_shut(void **state)
{
	static const struct {
		struct told v[6];
		size_t n;
		enum escape want;
	} cases[] = {
		{ { { "cgloop-single", "c", "pass", 1 },
		    { "none", "c", "pass", 1 },
		    { "loop", "c", "pass", 1 },
		    { "cgloop-single", "shell", "pass", 1 },
		    { "none", "shell", "pass", 1 },
		    { "loop", "shell", "fail", 1 } },
		  6,
		  ESCAPE_YES },
		/* One way that was not tried may be open. */
		{ { { "cgloop-single", "c", "pass", 1 },
		    { "none", "c", "pass", 1 },
		    { "loop", "c", "pass", 1 },
		    { "loop", "shell", "skip", 1 } },
		  4,
		  ESCAPE_NOT_TESTED },
		/* Controls of another boot, or of another cell. */
		{ { { "cgloop-single", "c", "pass", 2 },
		    { "none", "c", "pass", 2 },
		    { "loop", "c", "pass", 1 } },
		  3,
		  ESCAPE_NOT_TESTED },
		{ { { "none", "shell", "pass", 1 },
		    { "loop", "c", "fail", 1 } },
		  2,
		  ESCAPE_NOT_TESTED },
		{ { { "none", "c", "pass", 1 } }, 1, ESCAPE_NOT_TESTED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct told *v = cases[i].v;
		size_t n = cases[i].n;

		if (escape_of("oom-bypass", FROM_MEMORY_AND_IO, v, n) !=
		    cases[i].want)
			fail_msg("case %zu", i);
		/* Each answer is of its own scenario. */
		if (escape_of("memory-only-cgroup", FROM_MEMORY_ALONE, v, n) !=
		    cases[i].want)
			fail_msg("case %zu without io", i);
		assert_int_equal(escape_of("oom-bypass", FROM_MEMORY_ALONE, v,
					   n),
				 ESCAPE_NOT_TESTED);
	}
}

static void it_can_be_quoted(void **state)
{
	static const struct reports escapes = { "failed", "held", "failed" };
	static const char line[] =
		"this kernel (6.12.117) lets a container escape its memory "
		"limit through loop devices: yes; from a cgroup without the io "
		"controller: not tested";
	struct result r;
	json_t *o, *headline;
	char *text;
	size_t len;
	FILE *f;

	(void)state;
	judge_reports(&r, &escapes, NULL);
	o = result_json(&r);
	headline = json_object_get(o, "headline");
	assert_string_equal(json_string_value(
				    json_object_get(headline, "escape")),
			    "yes");
	assert_string_equal(json_string_value(
				    json_object_get(headline, "text")),
			    line);
	json_decref(o);
	f = open_memstream(&text, &len);
	table_print(&r, f, 100, false);
	fclose(f);
	assert_non_null(strstr(text, line));
	free(text);
	result_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_needs_its_control),
		cmocka_unit_test(all_ways_must_be_shut),
		cmocka_unit_test(it_can_be_quoted),
	};

	return cmocka_run_group_tests_name("headline", tests, NULL, NULL);
}
