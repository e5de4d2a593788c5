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
#include "view/view.h"

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

static void put_evidence(struct layout *l, const struct item *it)
{
	void *next, *at = json_object_iter(it->evidence);
	bool first = true, joins;
	char *item = NULL;

	for (; at; at = next) {
		const char *name = json_object_iter_key(at);

		next = json_object_iter_next(it->evidence, at);
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
	if (it->verdict == SKIP || it->verdict == XFAIL) {
		char *reason = text_reason(it->reason, it->detail);

		put_item(l, reason, &first);
		free(reason);
	}
}

static const char *role(const struct item *it)
{
	if (!it->control)
		return "";
	return strcmp(it->expect, "true") ? "must fail" : "must hold";
}

static void put_row(struct layout *l, const struct item *it)
{
	char *seconds = xasprintf("%7.2f s", it->duration_ms / 1000);

	l->at = 0;
	put(l, "  ", 0);
	put(l, it->label, l->driver + 2);
	put(l, role(it), 11);
	put_verdict(l, it->verdict);
	put(l, "", 10 - strlen(verdict_names[it->verdict]));
	put(l, seconds, 11);
	put_evidence(l, it);
	fputc('\n', l->f);
	free(seconds);
}

static bool same_cell(const struct item *a, const struct item *b)
{
	return !strcmp(a->name, b->name) && !strcmp(a->cell_text, b->cell_text);
}

/* The rows of at's cell, if at is the first of them. */
static void put_group(struct layout *l, const struct result *r, size_t at)
{
	const struct item *it = &r->items[at];
	size_t i;

	/* Figures have tables of their own. */
	if (*it->metric)
		return;
	for (i = 0; i < at; i++) {
		if (same_cell(&r->items[i], it))
			return;
	}
	put(l, it->name, 0);
	put(l, *it->cell_text ? "  " : "", 0);
	put(l, it->cell_text, 0);
	fputc('\n', l->f);
	for (i = at; i < r->n_items; i++) {
		if (same_cell(&r->items[i], it))
			put_row(l, &r->items[i]);
	}
}

static void put_counts(struct layout *l, const struct result *r)
{
	size_t i;

	fprintf(l->f, "\n%zu planned:", r->planned);
	for (i = 0; i < VERDICTS; i++) {
		enum verdict v = verdict_order[i];

		if (r->summary[v])
			fprintf(l->f, " %zu %s,", r->summary[v],
				verdict_names[v]);
	}
	if (r->controls)
		fprintf(l->f, " with %zu of %zu controls as they must be\n",
			r->controls_expected, r->controls);
	else
		fputs(" no controls\n", l->f);
}

static void put_item_name(struct layout *l, const struct item *it)
{
	put(l, it->name, 0);
	put(l, *it->cell_text ? " " : "", 0);
	put(l, it->cell_text, 0);
	put(l, " ", 0);
	put(l, it->label, 0);
	if (it->control)
		put(l, " (control)", 0);
}

static void put_unexpected(struct layout *l, const struct item *it)
{
	char *reason = text_reason(it->reason, it->detail);

	put_verdict(l, it->verdict);
	fputs(": ", l->f);
	put_item_name(l, it);
	fprintf(l->f, "%s%s\n", *reason ? ": " : "", reason);
	free(reason);
}

/* They change no verdict, so nobody would see them otherwise. */
static void put_warnings(struct layout *l, const struct item *it)
{
	json_t *text;
	size_t i;

	json_array_foreach(it->warnings, i, text) {
		fputs("kernel warning: ", l->f);
		put_item_name(l, it);
		fputs(": ", l->f);
		put(l, json_string_value(text), 0);
		fputc('\n', l->f);
	}
}

static void put_headline(const struct result *r, FILE *f)
{
	char *text, *clean;

	if (!result_has_headline(r))
		return;
	text = result_headline(r);
	clean = text_clean(text);
	fprintf(f, "%s\n", clean);
	free(clean);
	free(text);
}

static void set_layout(struct layout *l, const struct result *r)
{
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		size_t width = text_width(r->items[i].label);

		if (width > l->driver)
			l->driver = width;
	}
	l->indent = 2 + l->driver + 2 + 11 + 10 + 11;
	l->below = l->indent + EVIDENCE_MIN > l->columns;
	if (l->below)
		l->indent = 6;
}

void table_print(const struct result *r, FILE *f, size_t columns, bool colour)
{
	struct layout l = { .f = f, .columns = columns, .colour = colour };
	json_t *problem;
	size_t i;

	set_layout(&l, r);
	for (i = 0; i < r->n_items; i++)
		put_group(&l, r, i);
	figures_print(r, f);
	put_counts(&l, r);
	for (i = 0; i < r->n_items; i++) {
		if (!verdict_expected(r->items[i].verdict))
			put_unexpected(&l, &r->items[i]);
	}
	json_array_foreach(r->problems, i, problem) {
		char *text = text_problem(problem);

		fprintf(f, "the run: %s\n", text);
		free(text);
	}
	for (i = 0; i < r->n_items; i++)
		put_warnings(&l, &r->items[i]);
	put_headline(r, f);
}
