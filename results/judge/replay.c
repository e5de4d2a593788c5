// SPDX-License-Identifier: GPL-2.0
/*
 * Walks the records in order and stores in each entry what the guest reported.
 * It judges nothing but the order of the records.
 */
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"
#include "judge/matrix.h"

#define WARNINGS_MAX 16 /* of one entry */
/* Thirty years in milliseconds, so that sums cannot overflow. */
#define COUNT_MAX 1000000000000

static void bad_record(struct run *run, const struct record *rec,
		       struct entry *e, const char *what)
{
	add_problem(run, "bad-record", "record %llu: %s",
		    (unsigned long long)rec->seq, what);
	if (e)
		e->damaged = true;
}

/* Reads a whole number up to COUNT_MAX; false and 0 for anything else. */
static bool count_of(json_t *o, const char *key, json_int_t *n)
{
	json_t *value = json_object_get(o, key);

	*n = json_integer_value(value);
	if (json_is_integer(value) && *n >= 0 && *n <= COUNT_MAX)
		return true;
	*n = 0;
	return false;
}

static void take_hello(struct run *run, json_t *o)
{
	struct boot *boot = run->boot;
	const char *crc = json_string_value(json_object_get(o, "plan_crc"));
	char mine[9];
	json_int_t schema, count;

	boot->hello = json_incref(o);
	if (!run->hello)
		run->hello = o;
	if (!count_of(o, "schema", &schema) || schema != RECORD_SCHEMA) {
		boot->unfit = "schema-mismatch";
		add_problem(run, boot->unfit,
			    "the guest's records are not of schema %d",
			    RECORD_SCHEMA);
		return;
	}
	snprintf(mine, sizeof(mine), "%08x", run->plan.crc);
	if (!count_of(o, "plan", &count) || count != (json_int_t)run->plan.n ||
	    !crc || strcmp(crc, mine)) {
		boot->unfit = "plan-mismatch";
		add_problem(run, boot->unfit,
			    "the guest planned %lld entries (%s), the host %zu "
			    "(%s)",
			    (long long)count, crc ? crc : "no checksum",
			    run->plan.n, mine);
	}
}

/* The kernel logged a splat while no entry ran. */
static void take_stray(struct run *run, const struct record *rec, json_t *o)
{
	const char *splat = json_string_value(json_object_get(o, "splat"));

	if (!splat || !*splat)
		bad_record(run, rec, NULL, "a stray splat without its text");
	run->boot->stray = true;
	add_problem(run, "stray-splat", "while no entry ran: %s",
		    splat ? splat : "");
}

static void take_begin(struct run *run, const struct record *rec,
		       struct entry *e, json_t *o)
{
	if (e->begun || e->ended) {
		bad_record(run, rec, e, "an entry begins twice");
		return;
	}
	e->begun = true;
	e->begin_seq = rec->seq;
	run->boot->last_begun = e;
	if (!count_of(o, "ms", &e->begin_ms))
		bad_record(run, rec, e, "begin without its time");
}

static void take_tick(struct run *run, const struct record *rec,
		      struct entry *e, json_t *o)
{
	json_int_t ms;

	if (!count_of(o, "ms", &ms) || ms < e->begin_ms)
		bad_record(run, rec, e, "tick without a time after begin");
	else
		e->duration_ms = ms - e->begin_ms;
}

static void take_evidence(struct run *run, const struct record *rec,
			  struct entry *e, json_t *o)
{
	const char *name = json_string_value(json_object_get(o, "name"));
	json_t *value = json_object_get(o, "value");
	json_t *unit = json_object_get(o, "unit");

	if (!name || !*name || !json_is_number(value) || !json_is_string(unit))
		bad_record(run, rec, e, "evidence is a name, number and unit");
	else if (json_object_get(e->evidence, name))
		bad_record(run, rec, e, "the same evidence twice");
	else if (json_object_size(e->evidence) == EVIDENCE_MAX)
		bad_record(run, rec, e, "more evidence than an entry may have");
	else
		json_object_set_new(e->evidence, name,
				    json_pack("{s:O,s:O}", "value", value,
					      "unit", unit));
}

static void take_warning(struct run *run, const struct record *rec,
			 struct entry *e, json_t *o)
{
	json_t *text = json_object_get(o, "text");

	if (!json_is_string(text) ||
	    json_array_size(e->warnings) == WARNINGS_MAX)
		bad_record(run, rec, e, "a warning is a text, one of a few");
	else
		json_array_append(e->warnings, text);
}

static void take_output(struct run *run, const struct record *rec,
			struct entry *e, const char *wrong)
{
	if (wrong)
		bad_record(run, rec, e, wrong);
}

static void take_window(struct run *run, const struct record *rec,
			struct entry *e, json_t *o)
{
	json_int_t requests;

	if (!count_of(o, "requests", &requests) || !requests)
		bad_record(run, rec, e, "a window without its requests");
}

static bool take_meters(struct entry *e, json_t *o)
{
	json_t *meters = json_object_get(o, "meters");
	json_t *meter;
	size_t i;

	if (!json_is_array(meters))
		return false;
	json_array_foreach(meters, i, meter) {
		if (!json_is_string(meter))
			return false;
		json_array_append(e->meters, meter);
	}
	return true;
}

static void take_end(struct run *run, const struct record *rec, struct entry *e,
		     json_t *o)
{
	const char *claim = json_string_value(json_object_get(o, "claim"));
	const char *reason = json_string_value(json_object_get(o, "reason"));
	json_int_t ms;
	int i;

	e->ended = true;
	e->end_seq = rec->seq;
	for (i = CLAIM_HELD; claim && i < CLAIMS; i++) {
		if (!strcmp(claim, claim_names[i]))
			e->outcome = (enum claim)i;
	}
	if (e->outcome == CLAIM_NONE)
		bad_record(run, rec, e, "end with an unknown claim");
	if (!reason || (!*reason && e->outcome != CLAIM_HELD))
		bad_record(run, rec, e, "end without a reason");
	else
		e->said = xstrdup(reason);
	if (count_of(o, "ms", &ms))
		e->duration_ms = ms;
	else
		bad_record(run, rec, e, "end without a duration");
	if (!take_meters(e, o))
		bad_record(run, rec, e, "end without its meters");
}

/* The records that belong to one entry. */
static void take_entry_record(struct run *run, const struct record *rec,
			      const char *type, json_t *o)
{
	struct entry *e;
	json_int_t id;

	if (!count_of(o, "id", &id) || id >= (json_int_t)run->plan.n) {
		bad_record(run, rec, NULL, "an id that was not planned");
		return;
	}
	e = &run->plan.v[id];
	if (!e->boot && boot_has(run->boot, (size_t)id))
		e->boot = run->boot;
	if (e->boot != run->boot)
		bad_record(run, rec, e, "an entry of another boot's");
	else if (!strcmp(type, RECORD_BEGIN))
		take_begin(run, rec, e, o);
	else if (e->ended)
		bad_record(run, rec, e, "more of an entry that has ended");
	else if (!strcmp(type, RECORD_TICK))
		take_tick(run, rec, e, o);
	else if (!strcmp(type, RECORD_EVIDENCE))
		take_evidence(run, rec, e, o);
	else if (!strcmp(type, RECORD_WARNING))
		take_warning(run, rec, e, o);
	else if (!strcmp(type, RECORD_OUTPUT) && e->metric)
		take_output(run, rec, e, output_take(e, o));
	else if (!strcmp(type, RECORD_OUTPUT_END) && e->metric)
		take_output(run, rec, e, output_end(e, o));
	else if (!strcmp(type, RECORD_WINDOW) && e->metric)
		take_window(run, rec, e, o);
	else if (!strcmp(type, RECORD_SYMBOLS) && e->metric)
		; /* the profile's, which is made after the judgement */
	else if (!strcmp(type, RECORD_END))
		take_end(run, rec, e, o);
	else
		bad_record(run, rec, e, "of an unknown type");
}

static void take_record(struct run *run, const struct record *rec, json_t *o)
{
	const char *type = json_string_value(json_object_get(o, "t"));
	struct boot *boot = run->boot;

	if (boot->bye) {
		bad_record(run, rec, NULL, "more after the last one");
	} else if (!strcmp(type, RECORD_HELLO)) {
		if (boot->hello || rec->seq)
			bad_record(run, rec, NULL, "hello is the first");
		else
			take_hello(run, o);
	} else if (!strcmp(type, RECORD_BYE)) {
		boot->bye = true;
		if (!count_of(o, "ran", &boot->bye_ran))
			bad_record(run, rec, NULL, "bye without its count");
	} else if (!strcmp(type, RECORD_STRAY)) {
		take_stray(run, rec, o);
	} else if (boot->hello && !boot->unfit) {
		/* Ids mean nothing without a hello that matches the plan. */
		take_entry_record(run, rec, type, o);
	}
}

static void replay_boot(struct run *run)
{
	const struct records *records = &run->boot->records;
	size_t i;

	for (i = 0; i < records->n; i++) {
		const struct record *rec = records->v[i];
		json_t *o;

		if (rec->conflicting)
			continue;
		o = json_loadb(rec->json, rec->len, JSON_ALLOW_NUL, NULL);
		take_record(run, rec, o);
		json_decref(o);
	}
}

void replay(struct run *run)
{
	size_t i;

	for (i = 0; i < run->n_boots; i++) {
		run->boot = &run->boots[i];
		replay_boot(run);
	}
	run->boot = NULL;
}
