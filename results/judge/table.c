// SPDX-License-Identifier: GPL-2.0
/*
 * The table for people: under each scenario and cell a line for each driver,
 * with its verdict, time and evidence; then the counts; then a line for each
 * thing that is not as expected.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "judge/judge.h"
#include "judge/matrix.h"

#define EVIDENCE_MIN 28 /* narrower than this, evidence gets lines of its own */

struct layout {
	FILE *f;
	size_t columns;
	bool colour;
	size_t driver; /* width of that column */
	size_t indent; /* where evidence begins */
	bool below; /* evidence goes under its line */
	size_t at; /* where the cursor is */
};

static const char *colour_of(enum verdict v)
{
	switch (v) {
	case PASS:
		return "\033[32m";
	case SKIP:
	case XFAIL:
		return "\033[33m";
	default:
		return "\033[31m";
	}
}

static void put(struct layout *l, const char *s, size_t width)
{
	char *clean = text_clean(s);
	size_t n = text_width(clean);

	fputs(clean, l->f);
	for (l->at += n; n < width; n++, l->at++)
		fputc(' ', l->f);
	free(clean);
}

static void put_verdict(struct layout *l, enum verdict v)
{
	if (l->colour)
		fputs(colour_of(v), l->f);
	put(l, verdict_names[v], 0);
	if (l->colour)
		fputs("\033[0m", l->f);
}

static void new_line(struct layout *l, size_t indent)
{
	fputc('\n', l->f);
	l->at = 0;
	put(l, "", indent);
}

/* One more piece of evidence, on a new line where this one is full. */
static void put_item(struct layout *l, const char *item, bool *first)
{
	size_t need = text_width(item) + (*first ? 0 : 2);

	if (*first && l->below)
		new_line(l, l->indent);
	if (!*first)
		put(l, ",", 0);
	/* One column is kept for the comma that may follow. */
	if (!*first && l->at + need > l->columns)
		new_line(l, l->indent);
	else if (!*first)
		put(l, " ", 0);
	put(l, item, 0);
	*first = false;
}

/* How much of a name stands before its last underscore. */
static size_t stem(const char *name)
{
	const char *end = strrchr(name, '_');

	return end ? (size_t)(end - name) : strlen(name);
}

/* A number for an ending would be taken for a value. */
static bool same_stem(const char *a, const char *b)
{
	if (isdigit((unsigned char)a[strlen(a) - 1]))
		return false;
	return stem(a) == stem(b) && a[stem(a)] == '_' && b[stem(b)] == '_' &&
	       !strncmp(a, b, stem(a));
}

/*
 * One piece of evidence.  Neighbours whose names begin alike share an item:
 * oom_kill_before, oom_kill_after become "oom_kill before 0 after 1".
 */
static char *add_to_item(char *item, const char *name, json_t *one, bool joins)
{
	const char *unit = json_string_value(json_object_get(one, "unit"));
	char *number = text_quantity(json_object_get(one, "value"), unit);
	char *longer;

	if (item)
		longer = xasprintf("%s %s %s", item, name + stem(name) + 1,
				   number);
	else if (joins)
		longer = xasprintf("%.*s %s %s", (int)stem(name), name,
				   name + stem(name) + 1, number);
	else
		longer = xasprintf("%s %s", name, number);
	free(number);
	free(item);
	return longer;
}

static void put_evidence(struct layout *l, const struct entry *e)
{
	void *next, *at = json_object_iter(e->evidence);
	bool first = true, joins;
	char *item = NULL;

	for (; at; at = next) {
		const char *name = json_object_iter_key(at);

		next = json_object_iter_next(e->evidence, at);
		joins = next && same_stem(name, json_object_iter_key(next)) &&
			(!item || text_width(item) < EVIDENCE_MIN);
		item = add_to_item(item, name, json_object_iter_value(at),
				   joins);
		if (joins)
			continue;
		put_item(l, item, &first);
		free(item);
		item = NULL;
	}
	/* The lines at the end leave these two out. */
	if (e->verdict == SKIP || e->verdict == XFAIL) {
		char *reason = text_reason(e->reason, e->detail);

		put_item(l, reason, &first);
		free(reason);
	}
}

static const char *role(const struct entry *e)
{
	if (!e->control)
		return "";
	return e->expect_held ? "must hold" : "must fail";
}

static void put_row(struct layout *l, const struct entry *e)
{
	char *seconds = xasprintf("%7.2f s", (double)e->duration_ms / 1000);

	l->at = 0;
	put(l, "  ", 0);
	put(l, e->label, l->driver + 2);
	put(l, role(e), 11);
	put_verdict(l, e->verdict);
	put(l, "", 10 - strlen(verdict_names[e->verdict]));
	put(l, seconds, 11);
	put_evidence(l, e);
	fputc('\n', l->f);
	free(seconds);
}

static bool same_cell(const struct entry *a, const struct entry *b)
{
	return !strcmp(a->name, b->name) && !strcmp(a->cell_text, b->cell_text);
}

/* The rows of at's cell, if at is the first of them. */
static void put_group(struct layout *l, const struct plan *plan, size_t at)
{
	const struct entry *e = &plan->v[at];
	size_t i;

	/* Figures have tables of their own. */
	if (e->metric)
		return;
	for (i = 0; i < at; i++) {
		if (same_cell(&plan->v[i], e))
			return;
	}
	put(l, e->name, 0);
	put(l, *e->cell_text ? "  " : "", 0);
	put(l, e->cell_text, 0);
	fputc('\n', l->f);
	for (i = at; i < plan->n; i++) {
		if (same_cell(&plan->v[i], e))
			put_row(l, &plan->v[i]);
	}
}

static void put_counts(struct layout *l, const struct run *run)
{
	static const enum verdict order[VERDICTS] = {
		PASS,  XFAIL, SKIP,    FAIL,  XPASS,	  SPLAT,
		PANIC, HANG,  TIMEOUT, ERROR, INCOMPLETE,
	};
	size_t i, controls = 0;

	for (i = 0; i < run->plan.n; i++)
		controls += run->plan.v[i].control;
	fprintf(l->f, "\n%zu planned:", run->plan.n);
	for (i = 0; i < VERDICTS; i++) {
		if (run->summary[order[i]])
			fprintf(l->f, " %zu %s,", run->summary[order[i]],
				verdict_names[order[i]]);
	}
	if (controls)
		fprintf(l->f, " with %zu of %zu controls as they must be\n",
			run->controls_expected, controls);
	else
		fputs(" no controls\n", l->f);
}

static void put_unexpected(struct layout *l, const struct entry *e)
{
	char *reason = text_reason(e->reason, e->detail);

	put_verdict(l, e->verdict);
	fputs(": ", l->f);
	put(l, e->name, 0);
	put(l, *e->cell_text ? " " : "", 0);
	put(l, e->cell_text, 0);
	put(l, " ", 0);
	put(l, e->label, 0);
	if (e->control)
		put(l, " (control)", 0);
	fprintf(l->f, "%s%s\n", *reason ? ": " : "", reason);
	free(reason);
}

static void set_layout(struct layout *l, const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n; i++) {
		size_t width = text_width(plan->v[i].label);

		if (width > l->driver)
			l->driver = width;
	}
	l->indent = 2 + l->driver + 2 + 11 + 10 + 11;
	l->below = l->indent + EVIDENCE_MIN > l->columns;
	if (l->below)
		l->indent = 6;
}

void table_print(const struct run *run, FILE *f, size_t columns, bool colour)
{
	struct layout l = { .f = f, .columns = columns, .colour = colour };
	json_t *problem, *matrices;
	size_t i;

	set_layout(&l, &run->plan);
	for (i = 0; i < run->plan.n; i++)
		put_group(&l, &run->plan, i);
	matrices = matrices_json(run);
	figures_print(matrices, f);
	json_decref(matrices);
	put_counts(&l, run);
	for (i = 0; i < run->plan.n; i++) {
		if (!verdict_expected(run->plan.v[i].verdict))
			put_unexpected(&l, &run->plan.v[i]);
	}
	json_array_foreach(run->problems, i, problem) {
		char *text =
			text_reason(json_string_value(
					    json_object_get(problem, "reason")),
				    json_string_value(
					    json_object_get(problem,
							    "detail")));

		fprintf(f, "the run: %s\n", text);
		free(text);
	}
}
