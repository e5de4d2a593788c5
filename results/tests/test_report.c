// SPDX-License-Identifier: GPL-2.0
/* The report: escaping, what it takes from the console, and the page. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/command.h"
#include "view/console.h"
#include "view/html.h"

static char dir[] = "/tmp/report-test-XXXXXX";
static char page[262144];

/* A literal with any bytes, as HTML. The caller frees. */
static char *html(const char *s, size_t len)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	html_put(f, s, len);
	fclose(f);
	return text;
}

#define assert_html(from, to)                             \
	do {                                              \
		char *is_ = html(from, sizeof(from) - 1); \
		assert_string_equal(is_, to);             \
		free(is_);                                \
	} while (0)

#define BAD "\xef\xbf\xbd"

static void bytes_become_text(void **state)
{
	char *cut;

	(void)state;
	assert_html("", "");
	assert_html("a\tb", "a\tb");
	assert_html("<b>&\"x\"'</b>", "&lt;b&gt;&amp;&quot;x&quot;'&lt;/b&gt;");
	assert_html("\033[31m\0\n\r\x7f",
		    "&#x241b;[31m&#x2400;&#x240a;&#x240d;&#x2421;");
	/* Whole characters of each length, and the last one there is. */
	assert_html("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7",
		    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7");
	assert_html("\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd");
	/* Cut, stray, overlong, a surrogate, too high. */
	assert_html("\xe2\x82", BAD BAD);
	assert_html("\xc3", BAD);
	assert_html("\xc3(", BAD "(");
	assert_html("\x80\xff", BAD BAD);
	assert_html("\xc0\xbc", BAD BAD);
	assert_html("\xe0\x80\xbc", BAD BAD BAD);
	assert_html("\xed\xa0\x80", BAD BAD BAD);
	assert_html("\xf4\x90\x80\x80", BAD BAD BAD BAD);
	/* Cut though the rest is there. */
	cut = html("\xe2\x82\xac", 2);
	assert_string_equal(cut, BAD BAD);
	free(cut);
	/* C1, direction, separators, no characters. */
	assert_html("\xc2\x9b"
		    "1m",
		    BAD "1m");
	assert_html("\xe2\x80\xae"
		    "abc",
		    BAD "abc");
	assert_html("\xe2\x81\xa6", BAD);
	assert_html("\xe2\x80\xa8", BAD);
	assert_html("\xef\xbf\xbf", BAD);
}

static const char log_text[] =
	"KTAP version 1\r\n1..4\r\n"
	"first\r\nok 1 - a loop\r\n"
	"second\r\n# failed: it did\r\nnot ok 2 - a cgloop\r\n"
	"third\nWARNING: CPU: 0\nlast";

static void lines_belong_to_entries(void **state)
{
	static const char part[] =
		"# id: 2\r\nBUG: x\nok 1 - x\n# id: 9\nok 2 - y\n"
		"# id: 3\nok 3 - x\n";
	static const struct {
		size_t at, from, to;
	} cases[] = {
		{ 0, 0, 4 },  { 1, 4, 7 },   { 2, 7, 10 },
		{ 3, 7, 10 }, { 99, 7, 10 }, { SIZE_MAX, 7, 10 },
	};
	struct console c;
	size_t i, from, to, len;

	(void)state;
	console_parse(&c, log_text, sizeof(log_text) - 1, 4);
	assert_int_equal(c.n, 10);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(console_span(&c, cases[i].at, &from, &to));
		assert_int_equal(from, cases[i].from);
		assert_int_equal(to, cases[i].to);
	}
	assert_memory_equal(console_line(&c, 3, &len), "ok 1 - a loop", 13);
	assert_int_equal(len, 13);
	console_line(&c, 9, &len);
	assert_int_equal(len, 4);
	assert_false(console_offends(&c, 2));
	assert_false(console_offends(&c, 3));
	assert_true(console_offends(&c, 5));
	assert_true(console_offends(&c, 6));
	assert_true(console_offends(&c, 8));
	console_free(&c);

	console_parse(&c, "not ok 4 - x", 12, 4);
	assert_int_equal(c.result[3], 0);
	console_free(&c);
	console_parse(&c, "", 0, 4);
	assert_int_equal(c.n, 0);
	assert_false(console_span(&c, 0, &from, &to));
	console_free(&c);
	/* Results of a boot that ran a part of the plan. */
	console_parse(&c, part, strlen(part), 4);
	assert_int_equal(c.result[0], SIZE_MAX);
	assert_int_equal(c.result[1], SIZE_MAX);
	assert_int_equal(c.result[2], 2);
	assert_int_equal(c.result[3], 6);
	console_free(&c);
	/* Numbers that are no entry's, and what only looks like a result. */
	console_parse(&c,
		      "ok 0 - x\nok 5 - x\nok 1 x\nok\nok 99999999999 - x\n"
		      "ok 2 -",
		      54, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(c.result[i], SIZE_MAX);
	console_free(&c);
}

/* A long part is cut down to what offends, around it, and the end. */
static void excerpts_are_short(void **state)
{
	static char text[1 << 20];
	size_t len = 0, size;
	struct console c;
	char *out = NULL;
	FILE *f;
	int i;

	(void)state;
	for (i = 1; i <= 1000; i++)
		len += (size_t)sprintf(text + len, "line %d%s\n", i,
				       i == 500 ? " BUG: <here>" : "");
	memset(text + len, 'x', 2000);
	len += 2000;
	console_parse(&c, text, len, 0);
	f = open_memstream(&out, &size);
	console_html(&c, 0, c.n, f);
	fclose(f);
	assert_non_null(strstr(out, "<span class=\"gap\">&#8230; 493 lines"));
	assert_null(strstr(out, "line 493<"));
	assert_non_null(strstr(out, "line 494<"));
	assert_non_null(strstr(out, "<mark>line 500 BUG: &lt;here&gt;</mark>"));
	assert_non_null(strstr(out, "line 506<"));
	assert_null(strstr(out, "line 507<"));
	assert_non_null(strstr(out, "line 1000<"));
	assert_non_null(strstr(out, "&#8230; (1500 bytes more)"));
	free(out);
	console_free(&c);

	/* One that is short anyway is not cut. */
	for (i = 0, len = 0; i < 60; i++)
		len += (size_t)sprintf(text + len, "line %d\n", i);
	console_parse(&c, text, len, 0);
	f = open_memstream(&out, &size);
	console_html(&c, 0, c.n, f);
	fclose(f);
	assert_null(strstr(out, "class=\"gap\""));
	assert_non_null(strstr(out, "line 30<"));
	free(out);
	console_free(&c);

	/* Nothing but what offends is bounded too. */
	for (i = 0, len = 0; i < 1000; i++)
		len += (size_t)sprintf(text + len, "WARNING: %d\n", i);
	console_parse(&c, text, len, 0);
	f = open_memstream(&out, &size);
	console_html(&c, 0, c.n, f);
	fclose(f);
	assert_non_null(strstr(out, "WARNING: 159<"));
	assert_null(strstr(out, "WARNING: 160<"));
	assert_non_null(strstr(out, "&#8230; 828 lines"));
	assert_non_null(strstr(out, "WARNING: 999<"));
	free(out);
	console_free(&c);
}

#define BOOT_1 "run/boot-1"
#define BOOT_2 "run/boot-2"

static int enter(void **state)
{
	(void)state;
	work_open(dir);
	return mkdir("run", 0777) || mkdir(BOOT_1, 0777);
}

static int leave(void **state)
{
	static const char *const names[] = {
		"stdout",	   "stderr",
		"run/result.json", BOOT_1 "/console.log",
		"run/report.html", "run/result.ktap",
		"run/junit.xml",   "run/summary.md",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(names[i]);
	/* A temporary file left behind makes these fail. */
	return rmdir(BOOT_1) || rmdir("run") || chdir("/") || rmdir(dir);
}

#define EVIL "<script>x()</script>\" onload=\"y\033[1m\xe2\x80\xae"

/* A run in which loop failed, with this text wherever text may be. */
static json_t *failed_run(const char *text)
{
	struct stream s = { 0 };
	json_t *o, *e;
	struct run run;

	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "256 MiB written");
	put_entry(&s, 1, "held", "");
	put_entry(&s, 2, "failed", "nothing was killed");
	put_entry(&s, 3, "held", "");
	put_bye(&s, 4);
	judge_stream(&run, usual_plan(), "poweroff", &s, NULL);
	o = run_json(&run);
	run_free(&run);
	stream_free(&s);
	if (!text)
		return o;
	e = json_array_get(json_object_get(o, "scenarios"), 2);
	json_object_set_new(e, "reason", json_string(text));
	json_object_set_new(e, "detail", json_string(text));
	json_object_set_new(e, "claim", json_string(text));
	json_object_set_new(e, "driver", json_string(text));
	json_object_set_new(json_object_get(e, "cell"), text,
			    json_string(text));
	json_object_set_new(json_object_get(e, "evidence"), text,
			    json_pack("{s:i,s:s}", "value", 1, "unit", text));
	json_array_append_new(json_object_get(e, "meters"), json_string(text));
	json_object_set_new(json_object_get(o, "meta"), text,
			    json_string(text));
	json_object_set_new(json_object_get(o, "meta"), "kernel",
			    json_string(text));
	json_array_append_new(json_object_get(o, "problems"),
			      json_pack("{s:s,s:s}", "reason", text, "detail",
					text));
	return o;
}

static void save_run(json_t *o, const char *console)
{
	assert_int_equal(json_dump_file(o, "run/result.json", 0), 0);
	json_decref(o);
	save_text(BOOT_1 "/console.log", console);
}

static void write_report(void)
{
	struct command c;

	run_program(&c, "view", "stdout", RLIM_INFINITY, "run");
	assert_string_equal(c.err, "");
	assert_null(strchr(c.out, '\033'));
	assert_int_equal(c.status, 0);
	read_back("run/report.html", page, sizeof(page));
}

static void assert_page(const char *text)
{
	if (!strstr(page, text))
		fail_msg("no '%s' in the page", text);
}

static void page_says_what_happened(void **state)
{
	(void)state;
	save_run(failed_run(NULL), "x\nok 1 - a\nok 2 - a\nwhile loop ran\n"
				   "not ok 3 - oom-bypass loop\nok 4 - a\n");
	write_report();
	assert_page("<strong>A claim failed, or unexpectedly held</strong> "
		    "<span>exit status 1</span>");
	assert_page("<title>A claim failed, or unexpectedly held: 6.12.117<");
	assert_page("&#10003; 3 pass</span>");
	assert_page("&#10007; 1 fail</span>");
	assert_page("2 of 2 controls came out as they must");
	/* The failure with its reason, before the table. */
	assert_page("<article>\n<h3><span class=\"v bad\">&#10007; fail</span>"
		    " <a href=\"#e2\">oom-bypass <span class=\"cell\">form=c,"
		    "<wbr>io=direct</span> loop</a></h3>\n"
		    "<p class=\"why\">nothing was killed</p>\n");
	assert_true(strstr(page, "nothing was killed") <
		    strstr(page, "<table class=\"matrix\">"));
	assert_page("console, lines 4 to 5</summary>\n<pre class=\"console\">"
		    "<span class=\"ln\"><i>4</i> while loop ran</span>"
		    "<span class=\"ln bad\"><i>&#9654; 5</i> <mark>not ok 3 - "
		    "oom-bypass loop</mark></span></pre>");
	assert_page("<small>control: must fail</small>");
	assert_page("<small>control: must hold</small>");
	assert_page("<tr><th scope=\"row\">oom_kill</th><td>1</td></tr>");
	assert_page("<th scope=\"row\">kernel</th><td>6.12.117</td>");
	assert_null(strstr(page, "id=\"costs\""));
}

static void page_of_a_good_run(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_usual(&s);
	judge_stream(&run, usual_plan(), "poweroff", &s, NULL);
	save_run(run_json(&run), "");
	run_free(&run);
	stream_free(&s);
	write_report();
	assert_page(
		"<p class=\"status good\"><strong>All as expected</strong>");
	assert_page("<h2>Not as expected</h2>\n<p>Nothing.</p>");
	assert_page("Nothing was printed.");
	assert_null(strstr(page, "<article>"));
}

/* After a panic the end of the console is shown, once. */
static void page_of_a_panic(void **state)
{
	struct stream s = { 0 };
	struct run run;
	char *first;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put(&s, "{\"t\":\"begin\",\"id\":1,\"ms\":1}");
	judge_stream(&run, usual_plan(), "panic", &s, NULL);
	save_run(run_json(&run),
		 "ok 1 - a\nBUG: x\n[ 1.0] Kernel panic - not syncing\n");
	run_free(&run);
	stream_free(&s);
	write_report();
	assert_page("exit status 3");
	first = strstr(page, "console, lines 2 to 3</summary>");
	assert_non_null(first);
	assert_null(strstr(first + 1, "console, lines"));
	assert_page("<mark>[ 1.0] Kernel panic - not syncing</mark>");
	assert_page("<details class=\"lines\"><summary>1 more incomplete<");

	/* Also where its entry had printed its result before. */
	save_text(BOOT_1 "/console.log",
		  "ok 1 - a\nok 2 - b\nBUG: x\n[ 1.0] Kernel panic\n");
	write_report();
	assert_page("console, lines 3 to 4</summary>");
	assert_null(strstr(page, "console, lines 2 to 2</summary>"));
}

/* Each boot's end beside the entry that was hit by it. */
static void page_of_two_boots(void **state)
{
	struct stream s = { 0 };
	struct run run;
	char *panic, *hang;

	(void)state;
	run_begin(&run, usual_plan(), NULL);
	put_hello(&s, usual_plan());
	put(&s, "{\"t\":\"begin\",\"id\":0,\"ms\":1}");
	run_boot(&run, "cb.entries=0-1", "panic", &s);
	stream_free(&s);
	put_hello(&s, usual_plan());
	put(&s, "{\"t\":\"begin\",\"id\":2,\"ms\":1}");
	run_boot(&run, "cb.entries=2-3", "hang", &s);
	judge_run(&run);
	save_run(run_json(&run), "the first one's end\n");
	run_free(&run);
	stream_free(&s);
	assert_int_equal(mkdir(BOOT_2, 0777), 0);
	save_text(BOOT_2 "/console.log", "the second one's end\n");
	write_report();
	unlink(BOOT_2 "/console.log");
	assert_int_equal(rmdir(BOOT_2), 0);
	panic = strstr(page, "panic</span> <a href=\"#e0\">");
	hang = strstr(page, "hang</span> <a href=\"#e2\">");
	assert_non_null(panic);
	assert_non_null(hang);
	assert_true(panic < hang);
	panic = strstr(panic, "console of boot 1, lines 1 to 1");
	assert_true(panic && panic < hang);
	assert_non_null(strstr(panic, "the first one"));
	assert_true(strstr(panic, "the first one") < hang);
	hang = strstr(hang, "console of boot 2, lines 1 to 1");
	assert_non_null(hang);
	assert_non_null(strstr(hang, "the second one"));
	assert_page("its last 1 of 1 lines of boot 2<");
}

/* The first that did not come to its end, and not what follows from it. */
static void page_of_a_run_cut_short(void **state)
{
	struct stream s = { 0 };
	struct run run;
	char *first;

	(void)state;
	put_hello(&s, usual_plan());
	put_entry(&s, 0, "failed", "why");
	put_entry(&s, 1, "held", "");
	put(&s, "{\"t\":\"begin\",\"id\":2,\"ms\":1}");
	judge_stream(&run, usual_plan(), "vmm-died", &s, NULL);
	save_run(run_json(&run), "ok 1 - a\nok 2 - b\nlast words\n");
	run_free(&run);
	stream_free(&s);
	write_report();
	first = strstr(page, "incomplete</span> <a href=\"#e2\">");
	assert_non_null(first);
	assert_non_null(strstr(first, "<p class=\"why\">vmm-died</p>"));
	assert_non_null(strstr(first, "last words"));
	assert_page("<summary>1 more incomplete</summary>");
}

/* Untrusted text stays text. */
static void page_is_harmless(void **state)
{
	const char *p;

	(void)state;
	save_run(failed_run(EVIL), EVIL "\nnot ok 3 - " EVIL "\n");
	write_report();
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "x()</script"));
	assert_null(strstr(page, "\" onload"));
	assert_null(strstr(page, "\xe2\x80\xae"));
	assert_null(strstr(page, "http://"));
	assert_null(strstr(page, "https://"));
	assert_page("default-src 'none'");
	assert_page("&lt;script&gt;x()&lt;/script&gt;&quot; onload=&quot;y"
		    "&#x241b;[1m");
	for (p = page; *p; p++)
		assert_true((unsigned char)*p >= 0x20 || *p == '\n');
}

static void costs_are_drawn(void **state)
{
	static const char matrices[] =
		"[{\"name\":\"cost\",\"driver\":\"none\",\"cell\":{\"rw\":"
		"\"read'\\\"`\\n\"},\"metrics\":{\"ns_per_io\":{\"value\":5000,"
		"\"unit\":\"virtual ns\"}}},{\"name\":\"cost\",\"driver\":"
		"\"loop\",\"cell\":{\"rw\":\"read'\\\"`\\n\"},\"metrics\":{"
		"\"ns_per_io\":{\"value\":20000,\"unit\":\"virtual ns\"}}},"
		"{\"name\":\"cost\",\"driver\":\"cgloop\",\"cell\":{\"rw\":"
		"\"read'\\\"`\\n\"},\"metrics\":{\"ns_per_io\":{\"value\":15000,"
		"\"unit\":\"virtual ns\"}}}]";
	json_t *o = failed_run(NULL);
	struct command c;
	const char *path = getenv("PATH");
	char *old = xstrdup(path ? path : "");

	(void)state;
	json_object_set_new(o, "matrices", json_loads(matrices, 0, NULL));
	assert_non_null(json_object_get(o, "matrices"));
	save_run(o, "");
	/* Without gnuplot the figures are there, and the page says what is not. */
	setenv("PATH", "/nowhere", 1);
	run_program(&c, "view", "stdout", RLIM_INFINITY, "run");
	setenv("PATH", old, 1);
	free(old);
	assert_int_equal(c.status, 0);
	assert_string_equal(c.err, "view: run/report.html has no drawings: "
				   "gnuplot is missing; install it and run "
				   "view again\n");
	read_back("run/report.html", page, sizeof(page));
	assert_page("<p class=\"meter\">not drawn: gnuplot is missing");
	assert_page("<td>15000 virtual ns</td><td>3.000</td><td>0.750</td>");
	if (system("command -v gnuplot >stdout 2>&1"))
		skip();
	write_report();
	assert_page("<svg role=\"img\" aria-label=\"cost: ns_per_io in virtual "
		    "ns; rw=read'&quot;`&#x240a;: none 5000, loop 20000, "
		    "cgloop 15000\"");
	assert_page("<td>15000 virtual ns</td><td>3.000</td><td>0.750</td>");
	assert_page("id=\"cost0");
	assert_null(strstr(page, "<?xml"));
	assert_null(strstr(page, "<script"));
}

/* A cell of a driver, on an axis; json_pack() of its metrics. */
static void add_cell(json_t *matrices, const char *name, const char *driver,
		     const char *axis, const char *value, json_t *metrics)
{
	json_array_append_new(matrices,
			      json_pack("{s:s,s:s,s:{s:s,s:s},s:o}", "name",
					name, "driver", driver, "cell", "io",
					"direct", axis, value, "metrics",
					metrics));
}

static json_t *metric(const char *name, double value, const char *unit)
{
	return json_pack("{s:{s:f,s:s}}", name, "value", value, "unit", unit);
}

/* Over an axis of numbers, and by percentiles; what is 0 is no point. */
static void curves_are_drawn(void **state)
{
	static const char *const groups[] = { "64", "1", "256" };
	json_t *o = failed_run(NULL), *matrices = json_array();
	json_t *latency, *more;
	const char *p;
	size_t i, n = 0;

	(void)state;
	if (system("command -v gnuplot >stdout 2>&1"))
		skip();
	for (i = 0; i < 3; i++) {
		add_cell(matrices, "scale", "loop", "groups", groups[i],
			 metric("ns_per_io", 1000.0 * (double)(i + 1),
				"virtual ns"));
		add_cell(matrices, "scale", "cgloop", "groups", groups[i],
			 metric("ns_per_io", i ? 700 : 900, "virtual ns"));
		add_cell(matrices, "idle", "loop", "groups", groups[i],
			 metric("iops", 0, "IOPS"));
	}
	for (i = 0; i < 2; i++) {
		latency = metric("latency_p50", 10 + (double)i, "ns");
		more = metric("latency_max", 500, "ns");
		json_object_update(latency, more);
		json_decref(more);
		add_cell(matrices, "isolation", "loop", "beside",
			 i ? "throttled" : "nobody", latency);
	}
	add_cell(matrices, "isolation", "cgloop", "beside", "nobody",
		 metric("latency_p50", 9, "ns"));
	json_object_set_new(o, "matrices", matrices);
	save_run(o, "");
	write_report();
	assert_page("isolation: latency, cgloop in ns, io=direct: beside "
		    "nobody 9\"");
	assert_page("aria-label=\"scale: ns_per_io by groups in virtual ns, "
		    "io=direct: loop 2000, 1000, 3000; cgloop 700, 900, 700\"");
	assert_page("aria-label=\"isolation: latency, loop in ns, io=direct: "
		    "beside nobody 10, 500; beside throttled 11, 500\"");
	for (p = page; (p = strstr(p, "<svg ")); p++)
		n++;
	assert_int_equal(n, 3);
}

static void wrong_usage(void **state)
{
	static const struct {
		const char *args, *says;
	} cases[] = {
		{ "none", "none: No such file" },
		{ "run run", "2 arguments" },
		{ "run", BOOT_1 "/console.log: No such file" },
	};
	struct command c;
	json_t *o;
	size_t i;

	(void)state;
	o = failed_run(NULL);
	assert_int_equal(json_dump_file(o, "run/result.json", 0), 0);
	json_decref(o);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run_program(&c, "view", "stdout", RLIM_INFINITY, cases[i].args);
		assert_int_equal(c.status, 2);
		if (!strstr(c.err, cases[i].says))
			fail_msg("no '%s' in %s", cases[i].says, c.err);
		assert_ptr_equal(strchr(c.err, '\n'),
				 c.err + strlen(c.err) - 1);
	}
	save_text(BOOT_1 "/console.log", "");
	run_program(&c, "view", "stdout", 4000, "run");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "run/report.html: cannot write"));
	run_program(&c, "view", "stdout", 300, "run");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "run/result.ktap: cannot write"));
	run_program(&c, "view", "/dev/full", RLIM_INFINITY, "run");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "standard output: "));
	save_text("run/result.json", "{\"schema\":2}");
	run_program(&c, "view", "stdout", RLIM_INFINITY, "run");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "schema 2"));
}

static json_t *bytes(json_int_t n)
{
	return json_pack("{s:I,s:s}", "value", n, "unit", "bytes");
}

/* Turns an entry of the run into one of charge-bytes. */
static void charge(json_t *o, size_t at, json_int_t issuer, json_int_t root)
{
	json_t *e = json_array_get(json_object_get(o, "scenarios"), at);

	json_object_set_new(e, "name", json_string("charge-bytes"));
	json_object_set_new(e, "outcome", json_string("held"));
	json_object_set_new(e, "evidence",
			    json_pack("{s:o,s:o,s:o,s:o}", "bytes_moved",
				      bytes(4096), "charged_issuer",
				      bytes(issuer), "charged_root",
				      bytes(root), "charged_others", bytes(0)));
}

/* Turns the evidence of an entry into that of oom-bypass. */
static void write_past(json_t *o, size_t at, int kills, json_int_t n)
{
	json_t *e = json_array_get(json_object_get(o, "scenarios"), at);

	json_object_set_new(e, "evidence",
			    json_pack("{s:{s:i,s:s},s:{s:i,s:s},s:o}",
				      "oom_kill_file", "value", 1, "unit",
				      "events", "oom_kill_device", "value",
				      1 + kills, "unit", "events",
				      "bytes_device", bytes(n)));
}

/* One picture, before anything else: who was charged, who was killed. */
static void page_shows_who_paid(void **state)
{
	json_t *o = failed_run(NULL);

	(void)state;
	charge(o, 0, 0, 4096);
	charge(o, 3, 3072, 0);
	write_past(o, 1, 1, 8192);
	write_past(o, 2, 0, 16384);
	json_object_set_new(json_array_get(json_object_get(o, "scenarios"), 1),
			    "warnings",
			    json_pack("[s]", "page allocation failure"));
	save_run(o, "");
	write_report();
	assert_page("<p class=\"headline bad\">This kernel (6.12.117) lets a "
		    "container escape its memory limit through loop devices: "
		    "yes; from a cgroup without the io controller: not tested"
		    "</p>");
	assert_page("loop</a><small>subject</small></th>"
		    "<td class=\"none\">not tested</td>"
		    "<td class=\"open\">0 of 1 writers killed; the survivors "
		    "wrote 16 KiB</td>");
	assert_page("cgloop</a><small>subject</small></th><td>"
		    "<div class=\"stack\" aria-hidden=\"true\">"
		    "<span class=\"issuer\" style=\"width:75.00%\"></span>"
		    "<span class=\"nobody\" style=\"width:25.00%\"></span>"
		    "</div>issuer 3 KiB, root 0 B, others 0 B, nobody 1 KiB"
		    "</td><td class=\"none\">not tested</td>");
	assert_page("<span class=\"root\" style=\"width:100.00%\"></span>");
	assert_page("<td class=\"shut\">1 of 1 writers killed</td>");
	assert_page(
		"<summary>kernel warnings that no verdict counts: 1</summary>"
		"\n<ul>\n<li><a href=\"#e1\">");
	assert_true(strstr(page, "class=\"headline") <
		    strstr(page, "id=\"payers\""));
	assert_true(strstr(page, "id=\"payers\"") <
		    strstr(page, "id=\"unexpected\""));
}

/* The table alone, of any file of a result. */
static void table_writes_nothing(void **state)
{
	struct command c;

	(void)state;
	save_run(failed_run(NULL), "");
	run_program(&c, "view", "stdout", RLIM_INFINITY,
		    "--table run/result.json");
	assert_string_equal(c.err, "");
	assert_int_equal(c.status, 0);
	assert_non_null(strstr(c.out, "4 planned: 3 pass, 1 fail, with 2 of"));
	assert_int_not_equal(access("run/report.html", F_OK), 0);
	assert_int_not_equal(access("run/result.ktap", F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_text),
		cmocka_unit_test(lines_belong_to_entries),
		cmocka_unit_test(excerpts_are_short),
		TEST(page_says_what_happened),
		TEST(page_of_a_good_run),
		TEST(page_of_a_panic),
		TEST(page_of_two_boots),
		TEST(page_of_a_run_cut_short),
		TEST(page_is_harmless),
		TEST(costs_are_drawn),
		TEST(curves_are_drawn),
		TEST(page_shows_who_paid),
		TEST(table_writes_nothing),
		TEST(wrong_usage),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
