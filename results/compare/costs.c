// SPDX-License-Identifier: GPL-2.0
/* Compares the costs of two results. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "compare/diff.h"
#include "model/spread.h"
#include "model/unit.h"

#define TOLERANCE_DEFAULT 0.5 /* percent, between different images */

char *cost_name(const struct cost_delta *c)
{
	const struct figure *f = c->head ? c->head : c->base;

	return xasprintf("%s%s%s %s %s", f->matrix, *f->cell_text ? " " : "",
			 f->cell_text, f->driver, f->metric);
}

static char *rank_text(const struct cost_delta *c, const char *unit)
{
	return xasprintf("%.6g -> %.6g %s, x%.4f, higher in %.0f %% of pairs, "
			 "p %.2g",
			 c->rank.median_a, c->rank.median_b, unit, c->ratio,
			 100 * c->rank.above, c->rank.p);
}

static char *value_text(const struct cost_delta *c, const char *unit)
{
	char *rule = c->allowed > 0 ? xasprintf("%g %% allowed", c->allowed) :
				      xstrdup("exact");
	char *text = xasprintf("%.12g -> %.12g %s, x%.4f, %s", c->base->value,
			       c->head->value, unit, c->ratio, rule);

	free(rule);
	return text;
}

char *cost_text(const struct cost_delta *c)
{
	char *unit = text_clean((c->head ? c->head : c->base)->unit), *text;

	if (!c->head)
		text = xasprintf("%.12g %s -> none: no longer there",
				 c->base->value, unit);
	else if (!c->base)
		text = xasprintf("none -> %.12g %s: new", c->head->value, unit);
	else if (c->method == BY_VALUE)
		text = value_text(c, unit);
	else if (c->method == BY_RANK)
		text = rank_text(c, unit);
	else
		text = xasprintf("%.12g -> %.12g %s, not judged%s%s",
				 c->base->value, c->head->value, unit,
				 c->why_not ? ": " : "",
				 c->why_not ? c->why_not : "");
	free(unit);
	return text;
}

static int by_figure_key(const void *a, const void *b)
{
	return strcmp((*(struct figure *const *)a)->key,
		      (*(struct figure *const *)b)->key);
}

static const struct figure **sort_figures(const struct result *r)
{
	const struct figure **v =
		xrealloc(NULL, (r->n_figures + 1) * sizeof(*v));
	size_t i;

	for (i = 0; i < r->n_figures; i++)
		v[i] = &r->figures[i];
	qsort(v, r->n_figures, sizeof(*v), by_figure_key);
	return v;
}

char *bench_meta(const struct result *r, const char *key)
{
	char *own = xasprintf("bench_%s", key), *value = result_meta(r, own);

	free(own);
	if (*value)
		return value;
	free(value);
	return result_meta(r, key);
}

static bool same_meta(const struct diff *d, const char *key)
{
	char *a = bench_meta(d->base, key), *b = bench_meta(d->head, key);
	bool same = !strcmp(a, b);

	free(a);
	free(b);
	return same;
}

/*
 * The kernel keeps its command line in memory: other words shift what follows,
 * as another image would.
 */
static bool same_machine(const struct diff *d)
{
	char *image = bench_meta(d->base, "image_sha256");
	bool known = *image;

	free(image);
	return known && same_meta(d, "image_sha256") && same_meta(d, "words");
}

static enum change change_by(const struct cost_delta *c)
{
	bool grew = c->ratio > 1;

	return grew == (unit_direction(c->head->unit) > 0) ? WORSE : BETTER;
}

/* The result of the rank test; its significance depends on all cells. */
static void rank_cost(struct cost_delta *c)
{
	size_t n, m;
	double *a = samples_array(c->base->samples, &n);
	double *b = samples_array(c->head->samples, &m);

	if (!n || !m) {
		c->why_not = xstrdup("by the clock, and without rounds");
	} else {
		rank_test(&c->rank, a, n, b, m);
		if (c->rank.least_p > RANK_FALSE_SHARE)
			c->why_not = xasprintf("%zu and %zu rounds are too few",
					       n, m);
		else if (c->rank.median_a <= 0)
			c->why_not = xstrdup("base's median is 0");
		else
			c->method = BY_RANK;
	}
	if (c->method == BY_RANK)
		c->ratio = c->rank.median_b / c->rank.median_a;
	free(a);
	free(b);
}

static void value_cost(struct cost_delta *c, bool exact)
{
	c->method = BY_VALUE;
	c->ratio = c->head->value / c->base->value;
	if (!exact)
		c->allowed = c->base->tolerance < 0 ? TOLERANCE_DEFAULT :
						      c->base->tolerance;
	if (c->base->value != c->head->value &&
	    fabs(c->ratio - 1) * 100 > c->allowed)
		c->change = change_by(c);
}

static void judge_cost(struct cost_delta *c, bool exact)
{
	const struct figure *base = c->base, *head = c->head;

	if (!base) {
		c->change = OTHER;
	} else if (!head) {
		c->change = WORSE;
	} else if (strcmp(base->unit, head->unit)) {
		c->change = OTHER;
		c->why_not = xasprintf("base is in %.40s", base->unit);
	} else if (!unit_direction(head->unit)) {
		return;
	} else if (base->unstable || head->unstable) {
		c->why_not = xasprintf("unstable in %s: %.200s",
				       head->unstable ? "head" : "base",
				       head->unstable ? head->unstable :
							base->unstable);
	} else if (!strcmp(head->unit, "virtual ns")) {
		value_cost(c, exact);
	} else {
		rank_cost(c);
	}
}

static void add_cost(struct diff *d, const struct figure *base,
		     const struct figure *head, bool exact)
{
	struct cost_delta *c = &d->costs[d->n_costs++];

	memset(c, 0, sizeof(*c));
	c->base = base;
	c->head = head;
	if (d->base->n_figures && d->head->n_figures)
		judge_cost(c, exact);
	d->not_judged += c->why_not != NULL;
}

/*
 * Among a hundred unchanged cells a few look changed by chance: judge all cells
 * of the wall clock together.
 */
static void judge_ranks(struct diff *d)
{
	double *p = xrealloc(NULL, (d->n_costs + 1) * sizeof(*p)), limit;
	size_t i, n = 0;

	for (i = 0; i < d->n_costs; i++) {
		if (d->costs[i].method == BY_RANK)
			p[n++] = d->costs[i].rank.p;
	}
	limit = rank_limit(p, n, RANK_FALSE_SHARE);
	for (i = 0; i < d->n_costs; i++) {
		struct cost_delta *c = &d->costs[i];

		if (c->method == BY_RANK && rank_moved(&c->rank, limit))
			c->change = change_by(c);
	}
	free(p);
}

void diff_costs(struct diff *d)
{
	const struct figure **heads = sort_figures(d->head);
	const struct figure **bases = sort_figures(d->base);
	bool exact = same_machine(d);
	size_t i;

	d->costs = xrealloc(NULL, (d->base->n_figures + d->head->n_figures +
				   1) * sizeof(*d->costs));
	for (i = 0; i < d->base->n_figures; i++) {
		const struct figure *f = &d->base->figures[i];
		const struct figure **found =
			bsearch(&f, heads, d->head->n_figures, sizeof(*heads),
				by_figure_key);

		add_cost(d, f, found ? *found : NULL, exact);
	}
	for (i = 0; i < d->head->n_figures; i++) {
		const struct figure *f = &d->head->figures[i];

		if (!bsearch(&f, bases, d->base->n_figures, sizeof(*bases),
			     by_figure_key))
			add_cost(d, NULL, f, exact);
	}
	free(heads);
	free(bases);
	judge_ranks(d);
	for (i = 0; i < d->n_costs && d->base->n_figures && d->head->n_figures;
	     i++)
		d->counts[d->costs[i].change]++;
}
