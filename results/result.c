// SPDX-License-Identifier: GPL-2.0
/*
 * result.json and records.jsonl: what programs read. Numbers stay exactly as
 * they were measured.
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "matrix.h"

#define SCHEMA 1

static void set_text(json_t *o, const char *key, const char *s)
{
	json_object_set_new(o, key, s ? json_string(s) : json_null());
}

static json_t *entry_json(const struct entry *e, size_t id)
{
	json_t *o = json_pack("{s:I,s:s,s:O,s:s,s:b}", "id", (json_int_t)id,
			      "name", e->name, "cell", e->cell, "driver",
			      e->driver, "control", e->control);

	if (json_object_get(e->plan, "variant"))
		json_object_set(o, "variant",
				json_object_get(e->plan, "variant"));
	if (e->control)
		set_text(o, "expect", e->expect_held ? "true" : "false");
	set_text(o, "claim", e->claim);
	set_text(o, "outcome",
		 e->outcome == NOT_SAID ? NULL : outcome_names[e->outcome]);
	set_text(o, "verdict", verdict_names[e->verdict]);
	set_text(o, "reason", e->reason);
	set_text(o, "detail", e->detail ? e->detail : "");
	json_object_set_new(o, "duration_ms", json_integer(e->duration_ms));
	json_object_set(o, "evidence", e->evidence);
	json_object_set(o, "meters", e->meters);
	return o;
}

static json_t *stream_json(const struct record_counts *c)
{
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {
		{ "bytes", c->bytes },
		{ "lines", c->lines },
		{ "accepted", c->accepted },
		{ "repeated", c->repeated },
		{ "reordered", c->reordered },
		{ "overlong", c->overlong },
		{ "crc_errors", c->crc_errors },
		{ "conflicting", c->conflicting },
		{ "malformed", c->malformed },
		{ "truncated", c->truncated },
		{ "gaps", c->gaps },
		{ "missing", c->missing },
		{ "unkept", c->unkept },
	};
	json_t *o = json_object();
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		json_object_set_new(o, counts[i].name,
				    json_integer((json_int_t)counts[i].n));
	return o;
}

static void copy(json_t *to, const char *as, const json_t *from,
		 const char *key)
{
	json_t *value = json_object_get(from, key);

	if (value)
		json_object_set(to, as, value);
}

/* What the machine itself said goes before what the command line says. */
static json_t *meta_json(const struct run *run)
{
	static const char *const hello[] = { "kernel", "build", "channel",
					     "cmdline", "plan_crc" };
	static const char *const boot[] = { "accel", "qemu", "wall_ms",
					    "smp",   "mem",  "clock" };
	json_t *meta = json_copy(run->meta);
	size_t i;

	for (i = 0; i < sizeof(hello) / sizeof(*hello); i++)
		copy(meta, hello[i], run->hello, hello[i]);
	copy(meta, "init_ms", run->hello, "ms");
	for (i = 0; i < sizeof(boot) / sizeof(*boot); i++)
		copy(meta, boot[i], run->boot.json, boot[i]);
	copy(meta, "end", run->boot.json, "end");
	copy(meta, "end_detail", run->boot.json, "detail");
	json_object_set_new(meta, "boots", json_integer(run->boots));
	return meta;
}

/*
 * A cell of a matrix that gave its figures has them to tell.  One that did not
 * stands among the scenarios, with its verdict; once, whatever its rounds.
 */
static bool is_told(const struct run *run, size_t at)
{
	const struct entry *e = &run->plan.v[at];
	size_t i;

	if (!e->metric)
		return true;
	for (i = 0; i < at; i++) {
		const struct entry *before = &run->plan.v[i];

		if (before->metric && before->verdict != PASS &&
		    same_subject(before, e))
			return false;
	}
	return e->verdict != PASS;
}

/* The summary counts every entry, controls too. */
json_t *result_json(const struct run *run)
{
	json_t *scenarios = json_array(), *summary = json_object();
	size_t i;

	for (i = 0; i < run->plan.n; i++) {
		if (is_told(run, i))
			json_array_append_new(scenarios,
					      entry_json(&run->plan.v[i], i));
	}
	for (i = 0; i < VERDICTS; i++)
		json_object_set_new(summary, verdict_names[i],
				    json_integer((json_int_t)run->summary[i]));
	return json_pack("{s:i,s:o,s:o,s:o,s:o,s:{s:I,s:I},s:o,s:O,s:i}",
			 "schema", SCHEMA, "meta", meta_json(run), "scenarios",
			 scenarios, "matrices", matrices_json(run), "summary",
			 summary, "controls", "expected",
			 (json_int_t)run->controls_expected, "unexpected",
			 (json_int_t)run->controls_unexpected, "stream",
			 stream_json(&run->records.counts), "problems",
			 run->problems, "status", run->status);
}

int result_write(const struct run *run, const char *dir, struct error *err)
{
	struct outfile out;
	json_t *o;

	if (out_open(&out, dir, "result.json", err))
		return -1;
	o = result_json(run);
	/* A failed write stays visible in the stream; commit reports it. */
	json_dumpf(o, out.f, JSON_INDENT(1));
	fputc('\n', out.f);
	json_decref(o);
	return out_commit(&out, err);
}

int jsonl_write(const struct run *run, const char *dir, struct error *err)
{
	struct outfile out;
	size_t i;

	if (out_open(&out, dir, "records.jsonl", err))
		return -1;
	for (i = 0; i < run->records.n; i++) {
		const struct record *rec = run->records.v[i];

		if (rec->conflicting)
			continue;
		fprintf(out.f, "{\"seq\":%llu,", (unsigned long long)rec->seq);
		fwrite(rec->json + 1, 1, rec->len - 1, out.f);
		fputc('\n', out.f);
	}
	return out_commit(&out, err);
}
