// SPDX-License-Identifier: GPL-2.0
/* Combines the rounds and repeats of a cell into its figures. */
#include <stdlib.h>
#include <string.h>

#include "judge/matrix.h"
#include "model/spread.h"

bool clock_is_virtual(const struct run *run)
{
	const char *clock = run->boots->info.clock;

	return clock && !strcmp(clock, "virtual");
}

bool same_subject(const struct entry *a, const struct entry *b)
{
	return !strcmp(a->name, b->name) && !strcmp(a->label, b->label) &&
	       !strcmp(a->cell_text, b->cell_text);
}

/* With the wall clock, round 0 is a warm-up and is not counted. */
static bool counts(const struct run *run, const struct entry *e)
{
	return e->metric && e->verdict == PASS &&
	       (clock_is_virtual(run) || e->round);
}

/* Counts of instructions must agree exactly; mark the cell if they differ. */
static void mark_unstable(json_t *cell, const char *name, json_t *metric)
{
	struct spread s = spread_of(json_object_get(metric, "samples"));
	char *text;

	if (s.most == s.least || json_object_get(cell, "unstable"))
		return;
	text = xasprintf("%s differs by %.3f (%.3f %%) in %zu repeats", name,
			 s.most - s.least, 100 * (s.most - s.least) / s.least,
			 s.n);
	json_object_set_new(cell, "unstable", json_string(text));
	free(text);
}

static void add_samples(json_t *metrics, const json_t *more)
{
	const char *name;
	json_t *metric;

	json_object_foreach(metrics, name, metric) {
		json_array_extend(json_object_get(metric, "samples"),
				  json_object_get(json_object_get(more, name),
						  "samples"));
	}
}

/* The cell whose first counted round is entry at; NULL for later rounds. */
static json_t *cell_json(const struct run *run, size_t at)
{
	const struct entry *e = &run->plan.v[at];
	json_t *cell, *metrics, *metric;
	json_int_t ms = e->duration_ms;
	const char *name;
	size_t i;

	for (i = 0; i < at; i++) {
		if (counts(run, &run->plan.v[i]) &&
		    same_subject(&run->plan.v[i], e))
			return NULL;
	}
	metrics = json_deep_copy(e->metrics);
	for (i = at + 1; i < run->plan.n; i++) {
		if (!counts(run, &run->plan.v[i]) ||
		    !same_subject(&run->plan.v[i], e))
			continue;
		add_samples(metrics, run->plan.v[i].metrics);
		ms += run->plan.v[i].duration_ms;
	}
	cell = json_pack("{s:s,s:s,s:O,s:I,s:o}", "name", e->name, "driver",
			 e->label, "cell", e->cell, "duration_ms", ms,
			 "metrics", metrics);
	json_object_foreach(metrics, name, metric) {
		struct spread s = spread_of(json_object_get(metric, "samples"));

		json_object_set_new(metric, "value", json_real(s.median));
		if (clock_is_virtual(run))
			mark_unstable(cell, name, metric);
	}
	return cell;
}

json_t *matrices_json(const struct run *run)
{
	json_t *cells = json_array(), *cell;
	size_t i;

	for (i = 0; i < run->plan.n; i++) {
		if (!counts(run, &run->plan.v[i]))
			continue;
		cell = cell_json(run, i);
		if (cell)
			json_array_append_new(cells, cell);
	}
	return cells;
}

void repeat_add(struct run *run, const struct run *repeat)
{
	json_t *problem;
	size_t i;

	for (i = 0; i < run->plan.n; i++) {
		struct entry *e = &run->plan.v[i];
		const struct entry *other = &repeat->plan.v[i];

		if (e->verdict == PASS && other->verdict == PASS)
			add_samples(e->metrics, other->metrics);
		else if (e->verdict == PASS)
			entry_judge(e, other->verdict, other->reason,
				    other->detail);
	}
	run->repeats++;
	json_array_foreach(repeat->problems, i, problem) {
		add_problem(run,
			    json_string_value(
				    json_object_get(problem, "reason")),
			    "in boot %d: %s", run->repeats + 1,
			    json_string_value(
				    json_object_get(problem, "detail")));
	}
}
