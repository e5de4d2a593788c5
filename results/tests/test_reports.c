// SPDX-License-Identifier: GPL-2.0
/* Output: the fields of result.json, KTAP, JUnit, the table; and the plan. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/help.h"
#include "view/view.h"

#define EVIL "a<b>&\\\"c\\\"\\u0001\\u001b[31m\\n#\\ufffe\\u009bz\\u0000y"

static const char *get(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static json_int_t number(const json_t *o, const char *key)
{
	assert_true(json_is_integer(json_object_get(o, key)));
	return json_integer_value(json_object_get(o, key));
}

/* A run with one of everything that is hard to write. */
static void judge_hard(struct run *run)
{
	struct stream s = { 0 };

	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "256 MiB written");
	put_entry(&s, 1, "held", "");
	put(&s, "{\"t\":\"begin\",\"id\":2,\"ms\":1}");
	put(&s, "{\"t\":\"evidence\",\"id\":2,\"name\":\"" EVIL "\","
		"\"value\":1,\"unit\":\"" EVIL "\"}");
	put_end(&s, 2, "failed", EVIL, "\"" EVIL "\"");
	put(&s, "{\"t\":\"begin\",\"id\":3,\"ms\":1}");
	put(&s, "{\"t\":\"evidence\",\"id\":3,\"name\":\"charged\","
		"\"value\":-9223372036854775808,\"unit\":\"bytes\"}");
	put(&s, "{\"t\":\"evidence\",\"id\":3,\"name\":\"ratio\","
		"\"value\":0.10000000000000001,\"unit\":\"\"}");
	put(&s, "{\"t\":\"evidence\",\"id\":3,\"name\":\"huge\","
		"\"value\":1e300,\"unit\":\"ns\"}");
	put(&s, "{\"t\":\"evidence\",\"id\":3,\"name\":\"most\","
		"\"value\":9223372036854775807,\"unit\":\"bytes\"}");
	put_end(&s, 3, "held", "", "");
	put_bye(&s, 4);
	judge_stream(run, usual_plan(), "poweroff", &s, NULL);
	stream_free(&s);
}

static void result_has_its_fields(void **state)
{
	struct stream s = { 0 };
	json_t *o, *e, *meta;
	struct run run;

	(void)state;
	put_usual(&s);
	judge_stream(&run, usual_plan(), "poweroff", &s, NULL);
	json_object_set_new(run.meta, "commit", json_string("1234567"));
	json_object_set_new(run.meta, "kernel", json_string("asked for"));
	o = run_json(&run);
	assert_int_equal(number(o, "schema"), 1);
	assert_int_equal(number(o, "status"), 0);
	meta = json_object_get(o, "meta");
	assert_string_equal(get(meta, "kernel"), "6.12.117");
	assert_string_equal(get(meta, "accel"), "tcg");
	assert_string_equal(get(meta, "commit"), "1234567");
	assert_string_equal(get(meta, "end"), "poweroff");
	assert_int_equal(number(meta, "boots"), 1);
	assert_int_equal(number(meta, "init_ms"), 700);
	assert_int_equal(json_array_size(json_object_get(o, "matrices")), 0);
	assert_int_equal(json_array_size(json_object_get(o, "problems")), 0);
	assert_int_equal(json_array_size(json_object_get(o, "scenarios")), 4);
	e = json_array_get(json_object_get(o, "scenarios"), 0);
	assert_string_equal(get(e, "name"), "oom-bypass");
	assert_string_equal(get(e, "driver"), "cgloop-single");
	assert_true(json_is_true(json_object_get(e, "control")));
	assert_string_equal(get(e, "expect"), "false");
	assert_string_equal(get(e, "outcome"), "failed");
	assert_string_equal(get(e, "verdict"), "pass");
	assert_string_equal(get(e, "reason"), "the writer exits 0");
	assert_int_equal(number(e, "duration_ms"), 412);
	assert_string_equal(get(json_object_get(e, "cell"), "io"), "direct");
	e = json_object_get(json_object_get(e, "evidence"), "oom_kill");
	assert_int_equal(number(e, "value"), 1);
	assert_string_equal(get(e, "unit"), "events");
	e = json_array_get(json_object_get(o, "scenarios"), 3);
	assert_true(json_is_false(json_object_get(e, "control")));
	assert_null(json_object_get(e, "expect"));
	assert_int_equal(json_object_size(json_object_get(o, "summary")),
			 VERDICTS);
	assert_int_equal(number(json_object_get(o, "summary"), "pass"), 4);
	assert_int_equal(number(json_object_get(o, "summary"), "fail"), 0);
	assert_int_equal(number(json_object_get(o, "controls"), "expected"), 2);
	assert_int_equal(number(json_object_get(o, "controls"), "unexpected"),
			 0);
	assert_int_equal(number(json_object_get(o, "stream"), "accepted"), 14);
	assert_int_equal(number(json_object_get(o, "stream"), "missing"), 0);
	json_decref(o);
	run_free(&run);
	stream_free(&s);
}

static void numbers_stay_exact(void **state)
{
	struct run run;
	char *text;
	json_t *o;

	(void)state;
	judge_hard(&run);
	assert_verdict(&run, 3, PASS, "");
	o = run_json(&run);
	assert_non_null(o);
	text = json_dumps(o, JSON_COMPACT);
	assert_non_null(strstr(text, ":-9223372036854775808,"));
	assert_non_null(strstr(text, ":9223372036854775807,"));
	assert_non_null(strstr(text, ":0.10000000000000001,"));
	assert_non_null(strstr(text, ":1.0000000000000001e300,"));
	free(text);
	json_decref(o);
	run_free(&run);
}

/* All of the only file in dir, which goes away; the caller frees. */
static char *take_file(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name), *text = NULL;
	FILE *f = fopen(path, "r");
	size_t room = 0;

	assert_non_null(f);
	assert_true(getdelim(&text, &room, '\0', f) > 0);
	fclose(f);
	unlink(path);
	/* Fails if anything else was left there. */
	assert_int_equal(rmdir(dir), 0);
	free(path);
	return text;
}

/* The file that a view writes; the caller frees. */
static char *written(int (*write)(const struct result *, const char *,
				  struct error *),
		     const struct run *run, const char *name)
{
	char dir[] = "/tmp/judge-test-XXXXXX";
	struct error err = { "" };
	struct result r;

	assert_non_null(mkdtemp(dir));
	run_result(run, &r);
	assert_int_equal(write(&r, dir, &err), 0);
	result_free(&r);
	return take_file(dir, name);
}

static int junit_of(const struct result *r, const char *dir, struct error *err)
{
	const struct report report = { .result = *r };

	return junit_write(&report, dir, err);
}

static void no_control_characters(const char *text)
{
	for (; *text; text++)
		assert_true((unsigned char)*text >= 0x20 || *text == '\n');
}

static void ktap_is_ktap(void **state)
{
	struct run run;
	char *text;

	(void)state;
	judge_hard(&run);
	text = written(ktap_write, &run, "result.ktap");
	assert_int_equal(strncmp(text, "KTAP version 1\n1..4\n", 20), 0);
	assert_non_null(strstr(text, "\n# oom_kill: 1 events\nok 1 oom-bypass "
				     "form=c,io=direct cgloop-single "
				     "(control, must fail)\n"));
	assert_non_null(strstr(text, "\nnot ok 3 oom-bypass form=c,io=direct "
				     "loop # fail: a<b>"));
	assert_non_null(strstr(text, "\n# charged: -9223372036854775808 "
				     "bytes\n"));
	assert_non_null(strstr(text, "\nok 4 "));
	no_control_characters(text);
	/* U+009B would begin a terminal's command. */
	assert_null(strstr(text, "\xc2\x9b"));
	assert_non_null(strstr(text, "[31m?#"));
	free(text);
	run_free(&run);
}

/* The table; the caller frees. */
static char *table(const struct run *run, size_t columns, bool colour)
{
	char *text;
	struct result r;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	run_result(run, &r);
	table_print(&r, f, columns, colour);
	result_free(&r);
	fclose(f);
	return text;
}

/* A control may be the subject's own driver, otherwise used. */
static void variant_is_shown(void **state)
{
	static const char plan[] =
		"{\"t\":\"plan\",\"id\":0,\"name\":\"a\",\"cell\":{},"
		"\"driver\":\"none\",\"control\":true,\"expect\":\"false\","
		"\"variant\":\"off\",\"claim\":\"c\"}\n";
	struct stream s = { 0 };
	struct run run;
	char *text;
	json_t *o;

	(void)state;
	put_hello(&s, plan);
	put_entry(&s, 0, "held", "");
	put_bye(&s, 1);
	judge_stream(&run, plan, "poweroff", &s, NULL);
	o = run_json(&run);
	assert_string_equal(get(json_array_get(json_object_get(o, "scenarios"),
					       0),
				"variant"),
			    "off");
	json_decref(o);
	text = table(&run, 100, false);
	assert_non_null(strstr(text, "  none/off  must fail  error "));
	assert_non_null(strstr(text, "error: a none/off (control): "));
	free(text);
	run_free(&run);
	stream_free(&s);
}

/* All views list a kernel warning that changes no verdict. */
static void warnings_are_listed(void **state)
{
	static const char text[] = "Trying to write to read-only ram0";
	struct stream s = { 0 };
	char *written_text;
	struct run run;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put(&s, "{\"t\":\"begin\",\"id\":2,\"ms\":1}");
	put(&s, "{\"t\":\"evidence\",\"id\":2,\"name\":\"a\",\"value\":1,"
		"\"unit\":\"events\"}");
	put(&s, "{\"t\":\"warning\",\"id\":2,\"text\":\"%s\"}", text);
	put_end(&s, 2, "held", "", "");
	put_entry(&s, 3, "held", "");
	put_bye(&s, 4);
	judge_stream(&run, usual_plan(), "poweroff", &s, NULL);
	assert_verdict(&run, 2, PASS, "");
	assert_int_equal(run.status, STATUS_EXPECTED);
	written_text = table(&run, 100, false);
	assert_non_null(strstr(written_text,
			       "\nkernel warning: oom-bypass form=c,io=direct "
			       "loop: Trying to write to read-only ram0\n"));
	free(written_text);
	written_text = written(ktap_write, &run, "result.ktap");
	assert_non_null(strstr(written_text, "\n# kernel warning: Trying"));
	free(written_text);
	written_text = written(junit_of, &run, "junit.xml");
	assert_non_null(strstr(written_text, "\nkernel warning: Trying"));
	free(written_text);
	run_free(&run);
	stream_free(&s);
}

/* A "#" in a name would be read as a directive. */
static void ktap_names_hold_no_directive(void **state)
{
	char *plan = plan_line(0, "a # SKIP", "{\"x\":\"#TODO\"}", "l#p", NULL);
	struct stream s = { 0 };
	struct run run;
	char *text;

	(void)state;
	put_hello(&s, plan);
	put_entry(&s, 0, "failed", "why");
	put_bye(&s, 1);
	judge_stream(&run, plan, "poweroff", &s, NULL);
	text = written(ktap_write, &run, "result.ktap");
	assert_non_null(strstr(text, "\nnot ok 1 a ? SKIP x=?TODO l?p # fail: "
				     "why\n"));
	free(text);
	run_free(&run);
	stream_free(&s);
	free(plan);
}

static void ktap_directives(void **state)
{
	struct stream s = { 0 };
	struct run run;
	char *text;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "timeout", "60 s");
	put_entry(&s, 2, "failed", "no kill");
	put_entry(&s, 3, "skip", "no-xfs");
	judge_stream(&run, usual_plan(), "poweroff", &s,
		     "* loop oom-bypass * xfail oom_kill=1 known");
	text = written(ktap_write, &run, "result.ktap");
	assert_non_null(strstr(text, "must hold) # TIMEOUT timeout: 60 s\n"));
	assert_non_null(strstr(text, "\nok 3 "));
	assert_non_null(strstr(text, " loop # XFAIL xfail: no kill: "
				     "expected to fail: known\n"));
	assert_non_null(strstr(text, " cgloop # SKIP skip: no-xfs\n"));
	assert_non_null(strstr(text, "\n# problem: early-exit: "));
	assert_non_null(strstr(text, "\n# status 4\n"));
	free(text);
	run_free(&run);
	stream_free(&s);
}

static void junit_is_xml(void **state)
{
	struct run run;
	char *text;

	(void)state;
	judge_hard(&run);
	text = written(junit_of, &run, "junit.xml");
	assert_non_null(strstr(text, "<testsuites name=\"chargeback\" "
				     "tests=\"4\" failures=\"1\" errors=\"0\" "
				     "skipped=\"0\" time=\"1.648\">"));
	assert_non_null(strstr(text, "<testcase classname=\"oom-bypass\" "
				     "name=\"form=c,io=direct loop\" "
				     "time=\"0.412\">"));
	assert_non_null(strstr(text, "<failure type=\"fail\" message=\"a&lt;b"
				     "&gt;&amp;&quot;c&quot;"));
	assert_non_null(strstr(text, "</testsuite>\n</testsuites>\n"));
	assert_null(strstr(text, "\xef\xbf\xbe"));
	no_control_characters(text);
	free(text);
	run_free(&run);
}

static void junit_elements(void **state)
{
	struct stream s = { 0 };
	struct run run;
	char *text;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "skip", "no-xfs");
	put_entry(&s, 2, "splat", "WARN");
	judge_stream(&run, usual_plan(), "poweroff", &s, NULL);
	text = written(junit_of, &run, "junit.xml");
	assert_non_null(strstr(text, "tests=\"5\" failures=\"0\" errors=\"3\" "
				     "skipped=\"1\""));
	assert_non_null(strstr(text, "<skipped message=\"no-xfs\"/>"));
	assert_non_null(strstr(text, "<error type=\"splat\" message=\"WARN\""));
	assert_non_null(strstr(text, "<error type=\"incomplete\" "
				     "message=\"after-splat\""));
	assert_non_null(strstr(text, "<testsuite name=\"the run\""));
	free(text);
	run_free(&run);
	stream_free(&s);
}

static void jsonl_has_each_record(void **state)
{
	char dir[] = "/tmp/judge-test-XXXXXX";
	struct error err = { "" };
	struct stream s = { 0 };
	struct run run;
	char *text, *line, *next;
	int n = 0;

	(void)state;
	put_usual(&s);
	put_as(&s, 2, "{\"t\":\"other\"}");
	judge_stream(&run, usual_plan(), "poweroff", &s, NULL);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(jsonl_write(&run, dir, &err), 0);
	text = take_file(dir, "records.jsonl");
	for (next = text; (line = strsep(&next, "\n")) && *line; n++) {
		json_t *o;

		if (n == 2)
			n++;
		o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		assert_int_equal(number(o, "seq"), n);
		assert_non_null(get(o, "t"));
		json_decref(o);
	}
	assert_int_equal(n, 14);
	free(text);
	run_free(&run);
	stream_free(&s);
}

static void table_fits(void **state)
{
	struct stream s = { 0 };
	struct run run;
	size_t columns;
	int i;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put(&s, "{\"t\":\"begin\",\"id\":2,\"ms\":1}");
	for (i = 0; i < 12; i++)
		put(&s,
		    "{\"t\":\"evidence\",\"id\":2,\"name\":\"bytes_%d\","
		    "\"value\":%d,\"unit\":\"bytes\"}",
		    i, i << 20);
	put_end(&s, 2, "held", "", "");
	put_entry(&s, 3, "held", "");
	put_bye(&s, 4);
	judge_stream(&run, usual_plan(), "poweroff", &s, NULL);
	for (columns = 40; columns < 220; columns++) {
		char *text = table(&run, columns, false), *next = text, *line;

		assert_non_null(strstr(text, "bytes_11 11 MiB"));
		assert_non_null(strstr(text, "bytes_0 0 B,"));
		while ((line = strsep(&next, "\n"))) {
			/* Rows; the lines of counts are for no column. */
			if (*line == ' ' && strstr(line, "bytes"))
				assert_true(text_width(line) <= columns);
		}
		free(text);
	}
	run_free(&run);
	stream_free(&s);
}

static void table_joins_neighbours(void **state)
{
	static const char *const names[] = { "kills_before", "kills_after",
					     "moved", "part_1", "part_2" };
	struct stream s = { 0 };
	struct run run;
	char *text;
	size_t i;

	(void)state;
	put_hello(&s, usual_plan());
	put(&s, "{\"t\":\"begin\",\"id\":0,\"ms\":1}");
	for (i = 0; i < 5; i++)
		put(&s,
		    "{\"t\":\"evidence\",\"id\":0,\"name\":\"%s\","
		    "\"value\":%zu,\"unit\":\"events\"}",
		    names[i], i);
	put_end(&s, 0, "held", "", "");
	judge_stream(&run, usual_plan(), "poweroff", &s, NULL);
	text = table(&run, 200, false);
	assert_non_null(strstr(text, "  kills before 0 after 1, moved 2, "
				     "part_1 3, part_2 4\n"));
	free(text);
	run_free(&run);
	stream_free(&s);
}

static void table_names_what_is_wrong(void **state)
{
	struct run run;
	char *text;

	(void)state;
	judge_hard(&run);
	text = table(&run, 100, false);
	assert_non_null(strstr(text, "oom-bypass  form=c,io=direct\n"));
	assert_non_null(strstr(text, "  cgloop-single  must fail  pass "));
	assert_non_null(strstr(text, "  loop                      fail "));
	assert_non_null(strstr(text, "oom_kill 1\n"));
	assert_non_null(strstr(text, "\n4 planned: 3 pass, 1 fail, with 2 of 2 "
				     "controls as they must be\n"));
	assert_non_null(strstr(text, "\nfail: oom-bypass form=c,io=direct "
				     "loop: a<b>&\"c\""));
	no_control_characters(text);
	free(text);
	text = table(&run, 100, true);
	assert_non_null(strstr(text, "\033[31mfail\033[0m"));
	assert_non_null(strstr(text, "\033[32mpass\033[0m"));
	assert_null(strstr(text, "c\"\033"));
	free(text);
	run_free(&run);
}

static void quantities_for_people(void **state)
{
	static const struct {
		const char *value, *unit, *want;
	} cases[] = {
		{ "0", "bytes", "0 B" },
		{ "1023", "bytes", "1023 B" },
		{ "1024", "bytes", "1 KiB" },
		{ "-1536", "bytes", "-1.5 KiB" },
		{ "268435456", "bytes", "256 MiB" },
		{ "67108865", "bytes", "64 MiB" },
		{ "1e300", "bytes", NULL },
		{ "3", "events", "3" },
		{ "3", "", "3" },
		{ "-3", "requests", "-3 requests" },
		{ "999", "ms", "999 ms" },
		{ "1250", "ms", "1.25 s" },
		{ "0.25", "ratio", "0.25 ratio" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *v = json_loads(cases[i].value, JSON_DECODE_ANY, NULL);
		char *text = text_quantity(v, cases[i].unit);

		if (cases[i].want)
			assert_string_equal(text, cases[i].want);
		else
			assert_non_null(strstr(text, " TiB"));
		free(text);
		json_decref(v);
	}
}

static void bad_plans(void **state)
{
	static const char start[] = "{\"t\":\"plan\",\"id\":0,\"name\":\"a\",";
	static const char *const ends[] = {
		"\"cell\":{},\"driver\":\"d\",\"claim\":\"c\"}",
		"\"cell\":{},\"driver\":\"d\",\"claim\":\"c\",\"control\":1}",
		"\"cell\":{},\"driver\":\"\",\"claim\":\"c\","
		"\"control\":false}",
		"\"cell\":[],\"driver\":\"d\",\"claim\":\"c\","
		"\"control\":false}",
		"\"cell\":{\"a\":1},\"driver\":\"d\",\"claim\":\"c\","
		"\"control\":false}",
		"\"cell\":{},\"driver\":\"d\",\"claim\":\"c\","
		"\"control\":true}",
		"\"cell\":{},\"driver\":\"d\",\"claim\":\"c\","
		"\"control\":true,\"expect\":\"maybe\"}",
		"\"cell\":{},\"driver\":\"d\",\"claim\":\"c\","
		"\"control\":false,\"expect\":\"true\"}",
		"\"cell\":{},\"driver\":\"d\",\"claim\":\"c\","
		"\"control\":false",
		"\"cell\":{},\"driver\":\"d\",\"claim\":\"c\","
		"\"control\":false}\n\n",
		"\"cell\":{},\"driver\":\"d\",\"claim\":\"c\","
		"\"control\":false,\"id\":0}",
	};
	char *second = plan_line(0, "a", "{}", "loop", NULL);
	size_t i, n = sizeof(ends) / sizeof(*ends);

	(void)state;
	for (i = 0; i < n + 2; i++) {
		struct plan plan = { 0 };
		struct error err = { "" };
		char *text;

		if (i < n)
			text = xasprintf("%s%s", start, ends[i]);
		else
			text = xasprintf("%s%s", i == n ? "" : second,
					 i == n ? "" : second);
		assert_int_equal(plan_parse(&plan, text, strlen(text), "file",
					    &err),
				 -1);
		assert_int_equal(strncmp(err.text, "file:", 5), 0);
		assert_null(strchr(err.text, '\n'));
		plan_free(&plan);
		free(text);
	}
	free(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(result_has_its_fields),
		cmocka_unit_test(numbers_stay_exact),
		cmocka_unit_test(ktap_is_ktap),
		cmocka_unit_test(variant_is_shown),
		cmocka_unit_test(warnings_are_listed),
		cmocka_unit_test(ktap_names_hold_no_directive),
		cmocka_unit_test(ktap_directives),
		cmocka_unit_test(junit_is_xml),
		cmocka_unit_test(junit_elements),
		cmocka_unit_test(jsonl_has_each_record),
		cmocka_unit_test(table_fits),
		cmocka_unit_test(table_joins_neighbours),
		cmocka_unit_test(table_names_what_is_wrong),
		cmocka_unit_test(quantities_for_people),
		cmocka_unit_test(bad_plans),
	};

	return cmocka_run_group_tests_name("reports", tests, NULL, NULL);
}
