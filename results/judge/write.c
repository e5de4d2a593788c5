// SPDX-License-Identifier: GPL-2.0
/*
 * result.json and records.jsonl: what programs read. Numbers stay exactly as
 * they were measured.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"
#include "judge/matrix.h"

#define SCHEMA 1

static void set_text(json_t *o, const char *key, const char *s)
{
	json_object_set_new(o, key, s ? json_string(s) : json_null());
}

static json_t *entry_json(const struct run *run, size_t id)
{
	const struct entry *e = &run->plan.v[id];
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
	/* The boot that ran it or failed to; numbers count from 1. */
	if (e->boot)
		json_object_set_new(o, "boot",
				    json_integer(e->boot - run->boots + 1));
	return o;
}

/* The counts of all boots together. */
static struct record_counts stream_of(const struct run *run)
{
	struct record_counts all = { 0 };
	size_t i, j;

	static_assert(sizeof(all) % sizeof(uint64_t) == 0, "counts alone");
	for (i = 0; i < run->n_boots; i++) {
		const uint64_t *one =
			(const uint64_t *)&run->boots[i].records.counts;

		for (j = 0; j < sizeof(all) / sizeof(*one); j++)
			((uint64_t *)&all)[j] += one[j];
	}
	return all;
}

static json_t *stream_json(const struct run *run)
{
	const struct record_counts all = stream_of(run), *c = &all;
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

/* The first boot that broke down; without one, the first. */
static const struct boot *worst_boot(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->n_boots; i++) {
		if (run->boots[i].end != END_POWEROFF)
			return &run->boots[i];
	}
	return run->boots;
}

/* What the machine itself said goes before what the command line says. */
static json_t *meta_json(const struct run *run)
{
	static const char *const hello[] = { "kernel", "build", "channel",
					     "cmdline", "plan_crc" };
	static const char *const boot[] = { "accel", "qemu", "smp", "mem",
					    "clock" };
	json_t *meta = json_copy(run->meta);
	json_int_t wall_ms = 0;
	size_t i;

	for (i = 0; i < sizeof(hello) / sizeof(*hello); i++)
		copy(meta, hello[i], run->hello, hello[i]);
	copy(meta, "init_ms", run->hello, "ms");
	for (i = 0; i < sizeof(boot) / sizeof(*boot); i++)
		copy(meta, boot[i], run->boots->json, boot[i]);
	copy(meta, "end", worst_boot(run)->json, "end");
	copy(meta, "end_detail", worst_boot(run)->json, "detail");
	for (i = 0; i < run->n_boots; i++)
		wall_ms += json_integer_value(
			json_object_get(run->boots[i].json, "wall_ms"));
	json_object_set_new(meta, "wall_ms", json_integer(wall_ms));
	json_object_set_new(meta, "boots",
			    json_integer((json_int_t)run->n_boots +
					 run->repeats));
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
			json_array_append_new(scenarios, entry_json(run, i));
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
			 stream_json(run), "problems", run->problems, "status",
			 run->status);
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

static void put_records(FILE *f, const struct records *records, size_t boot)
{
	size_t i;

	for (i = 0; i < records->n; i++) {
		const struct record *rec = records->v[i];

		if (rec->conflicting)
			continue;
		fprintf(f, "{\"boot\":%zu,\"seq\":%llu,", boot,
			(unsigned long long)rec->seq);
		fwrite(rec->json + 1, 1, rec->len - 1, f);
		fputc('\n', f);
	}
}

int jsonl_write(const struct run *run, const char *dir, struct error *err)
{
	struct outfile out;
	size_t i;

	if (out_open(&out, dir, "records.jsonl", err))
		return -1;
	for (i = 0; i < run->n_boots; i++)
		put_records(out.f, &run->boots[i].records, i + 1);
	return out_commit(&out, err);
}
