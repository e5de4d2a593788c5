// SPDX-License-Identifier: GPL-2.0
/*
 * Fills in the result of a run, and writes the records. Numbers stay exactly as
 * the guest measured them.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"
#include "judge/matrix.h"

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

/* The first boot that broke down; if none did, the first. */
static const struct boot *worst_boot(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->n_boots; i++) {
		if (run->boots[i].info.end != END_POWEROFF)
			return &run->boots[i];
	}
	return run->boots;
}

/* Values that the machine reported override those of the command line. */
static json_t *meta_json(const struct run *run)
{
	static const char *const hello[] = { "kernel", "build", "channel",
					     "cmdline", "plan_crc" };
	static const char *const machine[] = { "machine", "firmware",
					       "cpu",	  "microcode",
					       "memory",  "serial_port" };
	static const char *const boot[] = { "accel", "qemu", "smp", "mem",
					    "clock" };
	json_t *meta = json_copy(run->meta);
	json_int_t wall_ms = 0;
	size_t i;

	for (i = 0; i < sizeof(hello) / sizeof(*hello); i++)
		copy(meta, hello[i], run->hello, hello[i]);
	copy(meta, "init_ms", run->hello, "ms");
	for (i = 0; i < sizeof(machine) / sizeof(*machine); i++)
		copy(meta, machine[i], json_object_get(run->hello, "machine"),
		     machine[i]);
	for (i = 0; i < sizeof(boot) / sizeof(*boot); i++)
		copy(meta, boot[i], run->boots->info.json, boot[i]);
	copy(meta, "end", worst_boot(run)->info.json, "end");
	copy(meta, "end_detail", worst_boot(run)->info.json, "detail");
	for (i = 0; i < run->n_boots; i++)
		wall_ms += run->boots[i].info.wall_ms;
	json_object_set_new(meta, "wall_ms", json_integer(wall_ms));
	json_object_set_new(meta, "boots",
			    json_integer((json_int_t)run->n_boots +
					 run->repeats));
	return meta;
}

/*
 * A cell with figures is listed with the matrices. One without figures is
 * listed with the scenarios, once for all its rounds.
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

static void fill_item(struct item *it, const struct run *run, size_t id)
{
	const struct entry *e = &run->plan.v[id];

	it->id = id;
	it->name = e->name;
	it->cell = e->cell;
	it->driver = e->driver;
	it->variant = e->variant;
	it->control = e->control;
	if (e->control)
		it->expect = e->expect_held ? "true" : "false";
	it->claim = e->claim;
	it->metric = e->metric;
	it->outcome = claim_names[e->outcome];
	it->verdict = e->verdict;
	it->reason = e->reason;
	it->detail = e->detail;
	it->duration_ms = (double)e->duration_ms;
	it->evidence = e->evidence;
	it->meters = e->meters;
	it->warnings = e->warnings;
	/* The boot that ran it or failed to run it. */
	if (e->boot)
		it->boot = (size_t)(e->boot - run->boots) + 1;
	item_finish(it);
}

/* The summary counts every entry, controls included. */
void judge_result(const struct run *run, struct result *r)
{
	size_t i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < run->plan.n; i++) {
		if (is_told(run, i))
			fill_item(result_add(r), run, i);
	}
	r->meta = meta_json(run);
	r->matrices = matrices_json(run);
	r->stream = stream_json(run);
	r->problems = json_incref(run->problems);
	memcpy(r->summary, run->summary, sizeof(r->summary));
	result_count(r);
	r->status = run->status;
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
