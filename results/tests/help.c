// SPDX-License-Identifier: GPL-2.0
/* Hand-made streams and runs for the tests of reader and judge. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/crc32.h"
#include "tests/help.h"

#define CELL "{\"form\":\"c\",\"io\":\"direct\"}"

void put_bytes(struct stream *s, const void *data, size_t len)
{
	s->data = xrealloc(s->data, s->len + len + 1);
	memcpy(s->data + s->len, data, len);
	s->len += len;
}

void put_as(struct stream *s, uint64_t seq, const char *json)
{
	char *line = xasprintf("@cb %" PRIu64 " %08x %s\n", seq,
			       crc32_ieee(0, json, strlen(json)), json);

	put_bytes(s, line, strlen(line));
	free(line);
}

void put(struct stream *s, const char *fmt, ...)
{
	va_list ap;
	char *json;

	va_start(ap, fmt);
	assert_true(vasprintf(&json, fmt, ap) > 0);
	va_end(ap);
	put_as(s, s->seq++, json);
	free(json);
}

void put_end(struct stream *s, int id, const char *claim, const char *reason,
	     const char *meters)
{
	put(s,
	    "{\"t\":\"end\",\"id\":%d,\"claim\":\"%s\",\"reason\":\"%s\","
	    "\"ms\":412,\"meters\":[%s]}",
	    id, claim, reason, meters);
}

void put_entry(struct stream *s, int id, const char *claim, const char *reason)
{
	put(s, "{\"t\":\"begin\",\"id\":%d,\"ms\":100}", id);
	put(s,
	    "{\"t\":\"evidence\",\"id\":%d,\"name\":\"oom_kill\",\"value\":1,"
	    "\"unit\":\"events\"}",
	    id);
	put_end(s, id, claim, reason, "");
}

void put_hello_of(struct stream *s, const char *plan, const char *kernel,
		  const char *words)
{
	int lines = 0;
	const char *p;

	for (p = plan; *p; p++)
		lines += *p == '\n';
	put(s,
	    "{\"t\":\"hello\",\"schema\":1,\"kernel\":\"%s\",\"build\":\"#1\","
	    "\"ms\":700,\"channel\":\"virtio\",\"cmdline\":\"%s\",\"plan\":%d,"
	    "\"plan_crc\":\"%08x\"}",
	    kernel, words, lines, crc32_ieee(0, plan, strlen(plan)));
}

void put_hello(struct stream *s, const char *plan)
{
	put_hello_of(s, plan, "6.12.117", "console=ttyS0 cb.suite=full");
}

void put_bye(struct stream *s, int ran)
{
	put(s, "{\"t\":\"bye\",\"ran\":%d,\"ms\":9000}", ran);
}

void stream_free(struct stream *s)
{
	free(s->data);
	memset(s, 0, sizeof(*s));
}

char *plan_line(int id, const char *name, const char *cell, const char *driver,
		const char *control)
{
	return xasprintf(
		"{\"t\":\"plan\",\"id\":%d,\"name\":\"%s\",\"cell\":%s,"
		"\"driver\":\"%s\",\"control\":%s%s%s%s,"
		"\"claim\":\"a claim\",\"timeout_s\":60}\n",
		id, name, cell, driver, control ? "true" : "false",
		control ? ",\"expect\":\"" : "", control ? control : "",
		control ? "\"" : "");
}

const char *usual_plan(void)
{
	static char plan[2048];
	char *line[4] = {
		plan_line(0, "oom-bypass", CELL, "cgloop-single", "false"),
		plan_line(1, "oom-bypass", CELL, "none", "true"),
		plan_line(2, "oom-bypass", CELL, "loop", NULL),
		plan_line(3, "oom-bypass", CELL, "cgloop", NULL),
	};
	int i;

	snprintf(plan, sizeof(plan), "%s%s%s%s", line[0], line[1], line[2],
		 line[3]);
	for (i = 0; i < 4; i++)
		free(line[i]);
	return plan;
}

void put_usual(struct stream *s)
{
	put_hello(s, usual_plan());
	put_entry(s, 0, "failed", "the writer exits 0");
	put_entry(s, 1, "held", "");
	put_entry(s, 2, "held", "");
	put_entry(s, 3, "held", "");
	put_bye(s, 4);
}

void run_begin(struct run *run, const char *plan, const char *expectations)
{
	char *copy = xstrdup(expectations ? expectations : "");
	struct error err = { "" };

	run_init(run);
	assert_int_equal(plan_parse(&run->plan, plan, strlen(plan), "plan",
				    &err),
			 0);
	assert_int_equal(expect_parse(&run->expectations, copy, "expectations",
				      &err),
			 0);
	free(copy);
}

static void add_boot(struct run *run, const char *words, const char *end,
		     const char *clock, const struct stream *s)
{
	struct records *records;
	struct error err = { "" };

	assert_int_equal(boot_parse(run,
				    json_pack("{s:s,s:s,s:s,s:s,s:s,s:i}",
					      "end", end, "detail",
					      "last words", "accel", "tcg",
					      "clock", clock, "words", words,
					      "wall_ms", 5000),
				    "boot", &err),
			 0);
	records = &run->boots[run->n_boots - 1].records;
	records_feed(records, s->data, s->len);
	records_finish(records);
}

void run_boot(struct run *run, const char *words, const char *end,
	      const struct stream *s)
{
	add_boot(run, words, end, "wall", s);
}

void judge_by_clock(struct run *run, const char *plan, const char *end,
		    const char *clock, const struct stream *s,
		    const char *expectations)
{
	run_begin(run, plan, expectations);
	add_boot(run, "cb.suite=full", end, clock, s);
	judge_run(run);
}

void judge_stream(struct run *run, const char *plan, const char *end,
		  const struct stream *s, const char *expectations)
{
	judge_by_clock(run, plan, end, "wall", s, expectations);
}

bool has_problem(const struct run *run, const char *reason)
{
	json_t *problem;
	size_t i;

	json_array_foreach(run->problems, i, problem) {
		if (!strcmp(json_string_value(
				    json_object_get(problem, "reason")),
			    reason))
			return true;
	}
	return false;
}

json_t *run_json(const struct run *run)
{
	struct result r;
	json_t *o;

	judge_result(run, &r);
	o = result_json(&r);
	result_free(&r);
	assert_non_null(o);
	return o;
}

void run_result(const struct run *run, struct result *r)
{
	char dir[] = "/tmp/result-test-XXXXXX", *path;
	struct error err = { "" };
	struct result out;

	assert_non_null(mkdtemp(dir));
	judge_result(run, &out);
	assert_int_equal(result_write(&out, dir, &err), 0);
	result_free(&out);
	if (result_load(r, dir, NULL, &err))
		fail_msg("%s", err.text);
	path = xasprintf("%s/result.json", dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	free(path);
}
