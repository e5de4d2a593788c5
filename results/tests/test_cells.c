// SPDX-License-Identifier: GPL-2.0
/*
 * Cells of matrices: fio's output put together from its parts and checked,
 * figures made of it, rounds and repeats put together, and the table.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/matrix.h"
#include "model/spread.h"
#include "record/crc32.h"
#include "tests/help.h"
#include "view/view.h"

/* A plan's line for a cell. */
static char *cell_line(int id, const char *io, const char *driver,
		       const char *metric, int round)
{
	return xasprintf("{\"t\":\"plan\",\"id\":%d,\"name\":\"cost\",\"cell\":"
			 "{\"io\":\"%s\",\"bs\":\"4k\"},\"driver\":\"%s\","
			 "\"control\":false,\"claim\":\"what it costs\","
			 "\"timeout_s\":60,\"metric\":%s,\"round\":%d}\n",
			 id, io, driver, metric, round);
}

static char *join(char *a, char *b)
{
	char *both = xasprintf("%s%s", a, b);

	free(a);
	free(b);
	return both;
}

#define NS "\"ns_per_io\""

/* One cell, of one driver. */
static char *small_plan(const char *metric)
{
	return cell_line(0, "direct", "none", metric, 0);
}

static char *fio_json(long ios, int failed)
{
	return xasprintf("{\"jobs\":[{\"jobname\":\"b\",\"error\":%d,\"read\":"
			 "{\"total_ios\":0},\"write\":{\"total_ios\":%ld,"
			 "\"lat_ns\":{\"max\":900,\"percentile\":{"
			 "\"50.000000\":10,\"90.000000\":20,\"99.000000\":30,"
			 "\"99.900000\":40}}}}]}",
			 failed, ios);
}

static void put_part(struct stream *s, int id, const char *name, int part,
		     const char *text, size_t len)
{
	json_t *o = json_pack("{s:s,s:i,s:s,s:i,s:s%}", "t", "output", "id", id,
			      "name", name, "part", part, "text", text, len);
	char *line = json_dumps(o, JSON_COMPACT);

	assert_non_null(line);
	put(s, "%s", line);
	free(line);
	json_decref(o);
}

static void put_output_end(struct stream *s, int id, const char *name,
			   int parts, uint32_t crc)
{
	put(s,
	    "{\"t\":\"output-end\",\"id\":%d,\"name\":\"%s\",\"parts\":%d,"
	    "\"crc\":\"%08x\"}",
	    id, name, parts, crc);
}

#define PART 32

/* Parts but one; leave_out below 0: all of them. */
static void put_parts(struct stream *s, int id, const char *name,
		      const char *text, int leave_out)
{
	size_t len = strlen(text), at;
	int part = 0;

	for (at = 0; at < len; at += PART, part++) {
		if (part != leave_out)
			put_part(s, id, name, part, text + at,
				 len - at < PART ? len - at : PART);
	}
	put_output_end(s, id, name, part, crc32_ieee(0, text, len));
}

static void put_output(struct stream *s, int id, const char *name, long ios)
{
	char *text = fio_json(ios, 0);

	put_parts(s, id, name, text, -1);
	free(text);
}

static void put_time(struct stream *s, int id, const char *name, long us)
{
	put(s,
	    "{\"t\":\"evidence\",\"id\":%d,\"name\":\"%s\",\"value\":%ld,"
	    "\"unit\":\"us\"}",
	    id, name, us);
}

static void put_begin(struct stream *s, int id)
{
	put(s, "{\"t\":\"begin\",\"id\":%d,\"ms\":100}", id);
}

/* Ends a begun cell: an I/O costs ns, all else 700 us. */
static void put_runs(struct stream *s, int id, long ns)
{
	put_output(s, id, "short", 1000);
	put_time(s, id, "short_run", ns + 700);
	put_output(s, id, "long", 4000);
	put_time(s, id, "long_run", 4 * ns + 700);
	put_end(s, id, "held", "", "");
}

static void put_cell(struct stream *s, int id, long ns)
{
	put_begin(s, id);
	put_runs(s, id, ns);
}

/* The value of a metric of the only cell; below 0 without one. */
static double figure(const struct run *run, const char *metric)
{
	json_t *cells = matrices_json(run), *one;
	double value = -1;

	if (json_array_size(cells) == 1) {
		one = json_object_get(json_object_get(json_array_get(cells, 0),
						      "metrics"),
				      metric);
		if (one)
			value = json_number_value(
				json_object_get(one, "value"));
	}
	json_decref(cells);
	return value;
}

static void judge_small(struct run *run, const char *metric, struct stream *s)
{
	char *plan = small_plan(metric);
	struct stream all = { 0 };

	put_hello(&all, plan);
	put_bytes(&all, s->data ? s->data : "", s->len);
	judge_by_clock(run, plan, "poweroff", "virtual", &all, NULL);
	stream_free(&all);
	stream_free(s);
	free(plan);
}

/* hello takes number 0. */
static struct stream begun(void)
{
	struct stream s = { .seq = 1 };

	put_begin(&s, 0);
	return s;
}

static void cost_is_the_difference(void **state)
{
	struct stream s = { .seq = 1 };
	struct run run;

	(void)state;
	put_cell(&s, 0, 5250);
	put_bye(&s, 1);
	judge_small(&run, NS, &s);
	assert_verdict(&run, 0, PASS, "");
	assert_int_equal(run.status, STATUS_EXPECTED);
	assert_true(figure(&run, "ns_per_io") == 5250);
	run_free(&run);
}

/* A profile's records say nothing of the cell, but must make sense. */
static void profiled(void **state)
{
	static const struct {
		const char *json;
		bool good;
	} cases[] = {
		{ "{\"t\":\"window\",\"id\":0,\"name\":\"cost\",\"requests\":"
		  "100,\"driver\":\"loop\"}",
		  true },
		{ "{\"t\":\"symbols\",\"id\":0,\"part\":0,\"text\":\"\"}",
		  true },
		{ "{\"t\":\"window\",\"id\":0,\"name\":\"cost\"}", false },
		{ "{\"t\":\"windows\",\"id\":0,\"requests\":100}", false },
	};
	struct stream s;
	struct run run;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		s = begun();
		put(&s, "%s", cases[i].json);
		put_runs(&s, 0, 5250);
		put_bye(&s, 1);
		judge_small(&run, NS, &s);
		assert_int_equal(has_problem(&run, "bad-record"),
				 !cases[i].good);
		run_free(&run);
	}
}

static void latency_is_fios(void **state)
{
	struct stream s = { .seq = 1 };
	struct run run;

	(void)state;
	put_cell(&s, 0, 5000);
	put_bye(&s, 1);
	judge_small(&run, "\"latency\",\"of\":\"b\"", &s);
	assert_verdict(&run, 0, PASS, "");
	assert_true(figure(&run, "latency_p50") == 10);
	assert_true(figure(&run, "latency_p999") == 40);
	assert_true(figure(&run, "latency_max") == 900);
	assert_true(figure(&run, "ns_per_io") < 0);
	run_free(&run);

	s.seq = 1;
	put_cell(&s, 0, 5000);
	put_bye(&s, 1);
	judge_small(&run, "\"latency\",\"of\":\"a\"", &s);
	assert_verdict(&run, 0, ERROR, "no-figures");
	run_free(&run);
}

static void iops_is_of_the_longer_run(void **state)
{
	struct stream s = { .seq = 1 };
	struct run run;

	(void)state;
	put_cell(&s, 0, 325);
	put_bye(&s, 1);
	judge_small(&run, "\"iops\"", &s);
	assert_true(figure(&run, "iops") == 2000000);
	run_free(&run);
}

/* Ends the entry, and expects it to be without a figure for this reason. */
static void ends_without(struct stream *s, enum verdict verdict,
			 const char *reason, const char *detail)
{
	struct run run;

	put_time(s, 0, "short_run", 100);
	put_time(s, 0, "long_run", 400);
	put_end(s, 0, "held", "", "");
	put_bye(s, 1);
	judge_small(&run, NS, s);
	assert_verdict(&run, 0, verdict, reason);
	if (detail)
		assert_non_null(strstr(run.plan.v[0].detail, detail));
	assert_int_equal(run.status, STATUS_HARNESS);
	assert_true(figure(&run, "ns_per_io") < 0);
	run_free(&run);
}

static void missing_part_is_found(void **state)
{
	char *text = fio_json(1000, 0);
	int part, parts = (int)((strlen(text) + PART - 1) / PART);

	(void)state;
	assert_true(parts > 3);
	for (part = 0; part < parts; part++) {
		struct stream s = begun();

		put_parts(&s, 0, "short", text, part);
		put_output(&s, 0, "long", 4000);
		ends_without(&s, INCOMPLETE, "bad-record", NULL);
	}
	free(text);
}

static void wrong_order_is_found(void **state)
{
	struct stream s = begun();

	(void)state;
	put_part(&s, 0, "short", 0, "{", 1);
	put_part(&s, 0, "short", 2, "}", 1);
	put_part(&s, 0, "short", 1, " ", 1);
	put_output_end(&s, 0, "short", 3, crc32_ieee(0, "{ }", 3));
	put_output(&s, 0, "long", 4000);
	ends_without(&s, INCOMPLETE, "bad-record", NULL);
}

static void damage_is_found(void **state)
{
	char *text = fio_json(1000, 0);
	struct stream s = begun();

	(void)state;
	put_part(&s, 0, "short", 0, text, strlen(text));
	text[10] ^= 1;
	put_output_end(&s, 0, "short", 1, crc32_ieee(0, text, strlen(text)));
	put_output(&s, 0, "long", 4000);
	ends_without(&s, INCOMPLETE, "bad-record", NULL);
	free(text);
}

static void more_after_the_end_is_found(void **state)
{
	struct stream s = begun();

	(void)state;
	put_output(&s, 0, "short", 1000);
	put_output(&s, 0, "long", 4000);
	put_part(&s, 0, "long", 0, "x", 1);
	ends_without(&s, INCOMPLETE, "bad-record", NULL);
}

static void too_large_is_found(void **state)
{
	static char piece[3000];
	struct stream s = begun();
	int part;

	(void)state;
	memset(piece, ' ', sizeof(piece));
	for (part = 0; part <= (int)(OUTPUT_BYTES_MAX / sizeof(piece)); part++)
		put_part(&s, 0, "short", part, piece, sizeof(piece));
	ends_without(&s, INCOMPLETE, "bad-record", NULL);
}

static void too_many_are_found(void **state)
{
	struct stream s = begun();
	char name[8];
	int i;

	(void)state;
	for (i = 0; i <= OUTPUTS_MAX; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		put_output(&s, 0, name, 1000);
	}
	ends_without(&s, INCOMPLETE, "bad-record", NULL);
}

static void no_json_is_found(void **state)
{
	static const char *const texts[] = { "[1]", "{\"jobs\":", "fio: bad" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct stream s = begun();

		put_parts(&s, 0, "short", texts[i], -1);
		put_output(&s, 0, "long", 4000);
		ends_without(&s, INCOMPLETE, "bad-record", NULL);
	}
}

static void unfinished_is_found(void **state)
{
	struct stream s = begun();

	(void)state;
	put_output(&s, 0, "long", 4000);
	put_part(&s, 0, "short", 0, "{", 1);
	ends_without(&s, ERROR, "no-figures", "short run did not come whole");
	s = begun();
	ends_without(&s, ERROR, "no-figures", "never came");
}

static void failed_job_is_found(void **state)
{
	struct stream s = begun();
	char *text = fio_json(1000, 5);

	(void)state;
	put_parts(&s, 0, "short", text, -1);
	put_output(&s, 0, "long", 4000);
	ends_without(&s, ERROR, "no-figures", "job b: error 5");
	s = begun();
	put_parts(&s, 0, "short", "{\"jobs\":[]}", -1);
	put_output(&s, 0, "long", 4000);
	ends_without(&s, ERROR, "no-figures", "no job");
	free(text);
}

static void nonsense_is_found(void **state)
{
	struct stream s = begun();

	(void)state;
	put_output(&s, 0, "short", 4000);
	put_output(&s, 0, "long", 4000);
	ends_without(&s, ERROR, "no-figures", "0 I/Os");
}

/* The guest's reason becomes the reason of the verdict. */
static void fios_message_is_told(void **state)
{
	struct stream s = begun();
	struct run run;
	json_t *result, *entry;

	(void)state;
	put_end(&s, 0, "error", "fio ended with status 1: no such engine", "");
	put_bye(&s, 1);
	judge_small(&run, NS, &s);
	assert_verdict(&run, 0, ERROR,
		       "fio ended with status 1: no such engine");
	result = run_json(&run);
	entry = json_array_get(json_object_get(result, "scenarios"), 0);
	assert_string_equal(json_string_value(
				    json_object_get(entry, "verdict")),
			    "error");
	assert_int_equal(json_array_size(json_object_get(result, "matrices")),
			 0);
	assert_int_equal(run.status, STATUS_HARNESS);
	json_decref(result);
	run_free(&run);
}

/* A warm-up and three rounds of two drivers, the last of them failing. */
static void rounds_are_put_together(void **state)
{
	static const long costs[] = { 9000, 9000, 5300, 8000,
				      5100, 8100, 5200, 0 };
	struct stream s = { 0 };
	char *plan = xstrdup("");
	json_t *result, *cells, *metric;
	struct run run;
	int i;

	(void)state;
	for (i = 0; i < 8; i++)
		plan = join(plan,
			    cell_line(i, "direct", i % 2 ? "loop" : "none", NS,
				      i / 2));
	put_hello(&s, plan);
	for (i = 0; i < 7; i++)
		put_cell(&s, i, costs[i]);
	put_begin(&s, 7);
	put_end(&s, 7, "error", "EIO", "");
	put_bye(&s, 8);
	judge_stream(&run, plan, "poweroff", &s, NULL);
	result = run_json(&run);
	cells = json_object_get(result, "matrices");
	assert_int_equal(json_array_size(cells), 2);
	metric = json_object_get(json_object_get(json_array_get(cells, 0),
						 "metrics"),
				 "ns_per_io");
	assert_true(json_number_value(json_object_get(metric, "value")) ==
		    5200);
	assert_int_equal(json_array_size(json_object_get(metric, "samples")),
			 3);
	assert_string_equal(json_string_value(json_object_get(metric, "unit")),
			    "ns");
	assert_null(json_object_get(json_array_get(cells, 0), "unstable"));
	assert_int_equal(json_array_size(json_object_get(result, "scenarios")),
			 1);
	assert_int_equal(run.status, STATUS_HARNESS);
	json_decref(result);
	run_free(&run);
	stream_free(&s);
	free(plan);
}

/* A boot of the small plan, with this cost; 0: fio failed. */
static void boot_small(struct run *run, long ns)
{
	struct stream s = { .seq = 1 };

	if (ns) {
		put_cell(&s, 0, ns);
	} else {
		put_begin(&s, 0);
		put_end(&s, 0, "error", "EIO", "");
	}
	put_bye(&s, 1);
	judge_small(run, NS, &s);
}

static void repeats_agree_or_are_unstable(void **state)
{
	static const struct {
		long second, third;
		const char *unstable;
	} cases[] = {
		{ 5000, 5000, NULL },
		{ 5000, 5001,
		  "ns_per_io differs by 1.000 (0.020 %) in 3 "
		  "repeats" },
		{ 4000, 5000,
		  "ns_per_io differs by 1000.000 (25.000 %) in 3 "
		  "repeats" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct run run, second, third;
		json_t *cells, *said;

		boot_small(&run, 5000);
		boot_small(&second, cases[i].second);
		boot_small(&third, cases[i].third);
		repeat_add(&run, &second);
		repeat_add(&run, &third);
		judge_count(&run);
		cells = matrices_json(&run);
		said = json_object_get(json_array_get(cells, 0), "unstable");
		if (cases[i].unstable)
			assert_string_equal(json_string_value(said),
					    cases[i].unstable);
		else
			assert_null(said);
		assert_int_equal(run.status, STATUS_EXPECTED);
		assert_int_equal(run.repeats, 2);
		json_decref(cells);
		run_free(&run);
		run_free(&second);
		run_free(&third);
	}
}

static void repeat_that_fails_counts(void **state)
{
	struct run run, second;

	(void)state;
	boot_small(&run, 5000);
	boot_small(&second, 0);
	repeat_add(&run, &second);
	judge_count(&run);
	assert_verdict(&run, 0, ERROR, "EIO");
	assert_int_equal(run.status, STATUS_HARNESS);
	assert_true(figure(&run, "ns_per_io") < 0);
	run_free(&run);
	run_free(&second);
}

static void spread_is_of_order(void **state)
{
	static const struct {
		int n, from, to;
	} cases[] = { { 5, 0, 0 },
		      { 6, 1, 6 },
		      { 7, 1, 7 },
		      { 9, 2, 8 },
		      { 20, 6, 15 } };
	size_t i;
	int j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *samples = json_array();
		struct spread s;

		for (j = cases[i].n; j; j--)
			json_array_append_new(samples, json_real(j));
		s = spread_of(samples);
		assert_int_equal(s.n, cases[i].n);
		assert_true(s.median == (cases[i].n + 1) / 2.0);
		if (cases[i].from) {
			assert_true(s.from == cases[i].from);
			assert_true(s.to == cases[i].to);
		} else {
			assert_true(isnan(s.from));
		}
		json_decref(samples);
	}
}

/* Two cells, three drivers: loop costs 2 and 8 times as much as none. */
static void table_has_ratios(void **state)
{
	static const char *const drivers[] = { "none", "loop", "cgloop" };
	static const long costs[] = { 1000, 2000, 1500, 1000, 8000, 2000 };
	struct stream s = { 0 };
	char *plan = xstrdup(""), *text = NULL;
	struct result r;
	struct run run;
	size_t size;
	FILE *f;
	int i;

	(void)state;
	for (i = 0; i < 6; i++)
		plan = join(plan, cell_line(i, i < 3 ? "direct" : "buffered",
					    drivers[i % 3], NS, 0));
	put_hello(&s, plan);
	for (i = 0; i < 6; i++)
		put_cell(&s, i, costs[i]);
	put_bye(&s, 6);
	judge_by_clock(&run, plan, "poweroff", "virtual", &s, NULL);
	run_result(&run, &r);
	f = open_memstream(&text, &size);
	table_print(&r, f, 100, false);
	fclose(f);
	result_free(&r);
	assert_non_null(strstr(text, "cost: ns_per_io in virtual ns, bs=4k\n"));
	assert_non_null(strstr(text, "         2.000         1.500         "
				     "0.750\n"));
	assert_non_null(strstr(text, "geometric mean, io=buffered"));
	assert_non_null(strstr(text, "         8.000         2.000         "
				     "0.250\n"));
	free(text);
	run_free(&run);
	stream_free(&s);
	free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cost_is_the_difference),
		cmocka_unit_test(latency_is_fios),
		cmocka_unit_test(iops_is_of_the_longer_run),
		cmocka_unit_test(missing_part_is_found),
		cmocka_unit_test(wrong_order_is_found),
		cmocka_unit_test(damage_is_found),
		cmocka_unit_test(more_after_the_end_is_found),
		cmocka_unit_test(too_large_is_found),
		cmocka_unit_test(too_many_are_found),
		cmocka_unit_test(no_json_is_found),
		cmocka_unit_test(unfinished_is_found),
		cmocka_unit_test(failed_job_is_found),
		cmocka_unit_test(nonsense_is_found),
		cmocka_unit_test(fios_message_is_told),
		cmocka_unit_test(profiled),
		cmocka_unit_test(rounds_are_put_together),
		cmocka_unit_test(repeats_agree_or_are_unstable),
		cmocka_unit_test(repeat_that_fails_counts),
		cmocka_unit_test(spread_is_of_order),
		cmocka_unit_test(table_has_ratios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
