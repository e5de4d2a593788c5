// SPDX-License-Identifier: GPL-2.0
/*
 * Prints a comparison: for one head the worse, better and other changes; for
 * several heads a table of changes with one column per head.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "compare/diff.h"

struct view {
	FILE *f;
	bool colour;
};

static void put_clean(const struct view *w, const char *s)
{
	char *clean = text_clean(s);

	fputs(clean, w->f);
	free(clean);
}

/* Worse is red, better is green. */
static void put_in_colour(const struct view *w, const char *s, enum change c)
{
	static const char *const colours[CHANGES] = {
		[SAME] = "",
		[OTHER] = "\033[33m",
		[BETTER] = "\033[32m",
		[WORSE] = "\033[31m",
	};

	if (w->colour)
		fputs(colours[c], w->f);
	put_clean(w, s);
	if (w->colour && *colours[c])
		fputs("\033[0m", w->f);
}

static void put_delta(const struct view *w, const struct delta *d)
{
	char *name = delta_name(d), *why = delta_why(d), *words;

	words = xasprintf("%s -> %s", delta_verdict(d->base),
			  delta_verdict(d->head));
	fputs("  ", w->f);
	put_clean(w, name);
	fputs(": ", w->f);
	put_in_colour(w, words, d->change);
	fputs(*why ? ": " : "", w->f);
	put_clean(w, why);
	fputc('\n', w->f);
	if (d->evidence) {
		fputs("      ", w->f);
		put_clean(w, d->evidence);
		fputc('\n', w->f);
	}
	free(name);
	free(why);
	free(words);
}

static void put_cost(const struct view *w, const struct cost_delta *c)
{
	char *name = cost_name(c), *text = cost_text(c);

	fputs("  ", w->f);
	put_clean(w, name);
	fputs(": ", w->f);
	put_in_colour(w, text, c->change);
	fputc('\n', w->f);
	free(name);
	free(text);
}

static void put_problem(const struct view *w, const struct problem_delta *p)
{
	char *text = text_reason(p->reason, p->detail);

	fprintf(w->f, "  the run: %s: ", p->change == WORSE ? "new" : "gone");
	put_in_colour(w, text, p->change);
	fputc('\n', w->f);
	free(text);
}

static void put_changes(const struct view *w, const struct diff *d,
			enum change change)
{
	size_t i;

	if (!d->counts[change])
		return;
	fprintf(w->f, "\n%s (%zu)\n", change_names[change], d->counts[change]);
	for (i = 0; i < d->n_problems; i++) {
		if (d->problems[i].change == change)
			put_problem(w, &d->problems[i]);
	}
	for (i = 0; i < d->n; i++) {
		if (d->v[i].change == change)
			put_delta(w, &d->v[i]);
	}
	for (i = 0; i < d->n_costs; i++) {
		if (d->costs[i].change == change)
			put_cost(w, &d->costs[i]);
	}
}

/* Entries with the same verdict but other counts. */
static void put_evidence(const struct view *w, const struct diff *d)
{
	bool any = false;
	size_t i;

	for (i = 0; i < d->n; i++) {
		const struct delta *v = &d->v[i];
		char *name;

		if (v->change != SAME || !v->evidence)
			continue;
		if (!any)
			fputs("\nother evidence, same verdict\n", w->f);
		any = true;
		name = delta_name(v);
		fputs("  ", w->f);
		put_clean(w, name);
		fputs(": ", w->f);
		put_clean(w, v->evidence);
		fputc('\n', w->f);
		free(name);
	}
}

/* Costs that were not judged must be mentioned. */
static void put_not_judged(const struct view *w, const struct diff *d)
{
	size_t i;

	if (d->not_judged)
		fprintf(w->f, "\nnot judged (%zu)\n", d->not_judged);
	for (i = 0; i < d->n_costs; i++) {
		if (d->costs[i].why_not)
			put_cost(w, &d->costs[i]);
	}
}

static void put_result(const struct view *w, const char *role,
		       const struct result *r)
{
	char *kernel = result_meta(r, "kernel"), *clean = text_clean(kernel);

	fprintf(w->f, "%-6s %s: %s, %zu entries, %zu costs, status %d\n", role,
		r->path, *clean ? clean : "kernel unknown", r->n_items,
		r->n_figures, r->status);
	free(kernel);
	free(clean);
}

static void put_warnings(const struct view *w, const char *role,
			 const struct diff *d)
{
	size_t i;

	for (i = 0; i < d->n_warnings; i++)
		fprintf(w->f, "warning: %s%s%s\n", role, *role ? ": " : "",
			d->warnings[i]);
}

static void put_holes(const struct view *w, const struct diff *d)
{
	size_t i, opened = 0, closed = 0, controls = 0;

	for (i = 0; i < d->n; i++) {
		opened += d->v[i].hole == HOLE_OPENED;
		closed += d->v[i].hole == HOLE_CLOSED;
		controls += d->v[i].control_unexpected;
	}
	fprintf(w->f, "; %zu holes opened, %zu closed", opened, closed);
	if (controls)
		fprintf(w->f, ", %zu controls became unexpected", controls);
}

static void put_sum(const struct view *w, const char *role,
		    const struct diff *d)
{
	enum change c = d->counts[WORSE] ? WORSE : BETTER;

	fputs(role, w->f);
	put_in_colour(w, d->counts[WORSE] ? "worse" : "not worse", c);
	fprintf(w->f, ": %zu worse, %zu better, %zu other, %zu the same",
		d->counts[WORSE], d->counts[BETTER], d->counts[OTHER],
		d->counts[SAME]);
	put_holes(w, d);
	if (d->not_judged)
		fprintf(w->f, "; %zu costs are not judged", d->not_judged);
	fputc('\n', w->f);
}

void diff_print(const struct diff *d, size_t n, FILE *f, bool colour)
{
	const struct view w = { f, colour };

	if (n > 1) {
		trend_print(d, n, f, colour);
		return;
	}
	put_result(&w, "base", d->base);
	put_result(&w, "head", d->head);
	put_warnings(&w, "", d);
	put_changes(&w, d, WORSE);
	put_changes(&w, d, BETTER);
	put_changes(&w, d, OTHER);
	put_evidence(&w, d);
	put_not_judged(&w, d);
	fputc('\n', f);
	put_sum(&w, "", d);
}

#define COLUMN 12

static void put_column(const struct view *w, const char *s, enum change c)
{
	size_t width = text_width(s);

	put_in_colour(w, s, c);
	for (; width < COLUMN; width++)
		fputc(' ', w->f);
}

/* An entry of the base has the same index in all diffs. */
static void put_item_row(const struct view *w, const struct diff *d, size_t n,
			 size_t at)
{
	char *name = delta_name(&d->v[at]);
	size_t i;

	put_column(w, delta_verdict(d->v[at].base), SAME);
	for (i = 0; i < n; i++)
		put_column(w, delta_verdict(d[i].v[at].head),
			   d[i].v[at].change);
	put_clean(w, name);
	fputc('\n', w->f);
	free(name);
}

/* The text for the cost of a head in its column. The caller frees. */
static char *cost_word(const struct cost_delta *c)
{
	if (!c->head)
		return xstrdup("none");
	if (c->why_not)
		return xstrdup("not judged");
	return c->method == NOT_JUDGED ? xasprintf("%.6g", c->head->value) :
					 xasprintf("x%.4f", c->ratio);
}

static void put_cost_row(const struct view *w, const struct diff *d, size_t n,
			 size_t at)
{
	char *name = cost_name(&d->costs[at]);
	char *was = xasprintf("%.6g", d->costs[at].base->value);
	size_t i;

	put_column(w, was, SAME);
	for (i = 0; i < n; i++) {
		const struct cost_delta *c = &d[i].costs[at];
		char *ratio = cost_word(c);

		put_column(w, ratio, c->change);
		free(ratio);
	}
	put_clean(w, name);
	fputc('\n', w->f);
	free(name);
	free(was);
}

static bool item_moved(const struct diff *d, size_t n, size_t at)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (d[i].v[at].change != SAME)
			return true;
	}
	return false;
}

static bool cost_moved(const struct diff *d, size_t n, size_t at)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (d[i].costs[at].change != SAME)
			return true;
	}
	return false;
}

static bool any_moved(const struct diff *d, size_t n)
{
	size_t i;

	for (i = 0; i < d->base->n_items; i++) {
		if (item_moved(d, n, i))
			return true;
	}
	for (i = 0; i < d->base->n_figures; i++) {
		if (cost_moved(d, n, i))
			return true;
	}
	return false;
}

static void put_trend_heads(const struct view *w, size_t n)
{
	size_t i;

	put_column(w, "base", SAME);
	for (i = 0; i < n; i++) {
		char *head = xasprintf("head %zu", i + 1);

		put_column(w, head, SAME);
		free(head);
	}
	fputc('\n', w->f);
}

/* Changes without a row or a column entry follow below, one per line. */
static void put_new(const struct view *w, const struct diff *d, size_t number)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		if (d->v[i].base)
			continue;
		fprintf(w->f, "head %zu:", number);
		put_delta(w, &d->v[i]);
	}
	for (i = 0; i < d->n_costs; i++) {
		if (d->costs[i].base && !d->costs[i].why_not)
			continue;
		fprintf(w->f, "head %zu:", number);
		put_cost(w, &d->costs[i]);
	}
	for (i = 0; i < d->n_problems; i++) {
		fprintf(w->f, "head %zu:", number);
		put_problem(w, &d->problems[i]);
	}
}

void trend_print(const struct diff *d, size_t n, FILE *f, bool colour)
{
	const struct view w = { f, colour };
	size_t i;

	put_result(&w, "base", d->base);
	for (i = 0; i < n; i++) {
		char *role = xasprintf("head %zu", i + 1);

		put_result(&w, role, d[i].head);
		put_warnings(&w, role, &d[i]);
		free(role);
	}
	fputc('\n', f);
	if (any_moved(d, n))
		put_trend_heads(&w, n);
	else
		fputs("nothing that base has moved\n", f);
	for (i = 0; i < d->base->n_items; i++) {
		if (item_moved(d, n, i))
			put_item_row(&w, d, n, i);
	}
	for (i = 0; i < d->base->n_figures; i++) {
		if (cost_moved(d, n, i))
			put_cost_row(&w, d, n, i);
	}
	for (i = 0; i < n; i++)
		put_new(&w, &d[i], i + 1);
	fputc('\n', f);
	for (i = 0; i < n; i++) {
		char *role = xasprintf("head %zu: ", i + 1);

		put_sum(&w, role, &d[i]);
		free(role);
	}
}
