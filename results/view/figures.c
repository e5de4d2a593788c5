// SPDX-License-Identifier: GPL-2.0
/*
 * Prints matrices as tables: a line per cell, a column per driver, then the
 * ratios to the bare backing and to the in-tree driver.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/spread.h"
#include "view/duel.h"
#include "view/view.h"

#define DRIVERS_MAX 8
#define RAW "none"
#define IN_TREE "loop"
#define SUBJECT "cgloop"

/* The figures of one metric of a matrix. */
struct table {
	FILE *f;
	const struct result *r;
	const char *matrix;
	const char *metric;
	const char *unit;
	const char *drivers[DRIVERS_MAX];
	size_t n_drivers;
	int width; /* of the cells' names */
};

static bool is_of(const struct table *t, const struct figure *is)
{
	return !strcmp(is->matrix, t->matrix) && !strcmp(is->metric, t->metric);
}

/*
 * Returns the next figure of the table from *at on and advances *at; or NULL.
 */
static const struct figure *next_of(const struct table *t, size_t *at)
{
	while (*at < t->r->n_figures) {
		const struct figure *is = &t->r->figures[(*at)++];

		if (is_of(t, is))
			return is;
	}
	return NULL;
}

/* The figure of the same cell through another driver, or NULL. */
static const struct figure *beside(const struct table *t,
				   const struct figure *is, const char *driver)
{
	const struct figure *other;
	size_t at = 0;

	while ((other = next_of(t, &at))) {
		if (!strcmp(other->driver, driver) &&
		    !strcmp(other->cell_text, is->cell_text))
			return other;
	}
	return NULL;
}

/* 0 where there is no such figure. */
static double value_beside(const struct table *t, const struct figure *is,
			   const char *driver)
{
	const struct figure *other = beside(t, is, driver);

	return other ? other->value : 0;
}

/* Like next_of(), but only the first figure of each cell. */
static const struct figure *next_cell(const struct table *t, size_t *at)
{
	const struct figure *is, *other;

	while ((is = next_of(t, at))) {
		size_t before = 0;

		while ((other = next_of(t, &before)) != is) {
			if (!strcmp(other->cell_text, is->cell_text))
				break;
		}
		if (other == is)
			return is;
	}
	return NULL;
}

static const char *value_of(const struct figure *is, const char *axis)
{
	const char *value = json_string_value(json_object_get(is->cell, axis));

	return value ? value : "";
}

/* True if all cells have the same value on the axis. */
static bool is_constant(const struct table *t, const char *axis)
{
	const struct figure *is;
	const char *value = NULL;
	size_t at = 0;

	while ((is = next_of(t, &at))) {
		if (value && strcmp(value, value_of(is, axis)))
			return false;
		value = value_of(is, axis);
	}
	return true;
}

/* The parts of a cell that are common to all cells, or the other ones. */
static char *cell_parts(const struct table *t, const struct figure *is,
			bool common)
{
	char *text = xstrdup(""), *longer;
	const char *axis;
	json_t *value;

	json_object_foreach(is->cell, axis, value) {
		if (is_constant(t, axis) != common)
			continue;
		longer = xasprintf("%s%s%s=%s", text, *text ? " " : "", axis,
				   json_string_value(value));
		free(text);
		text = longer;
	}
	return text;
}

static void find_drivers(struct table *t)
{
	const struct figure *is;
	size_t at = 0, d;

	t->n_drivers = 0;
	while ((is = next_of(t, &at))) {
		for (d = 0; d < t->n_drivers; d++) {
			if (!strcmp(t->drivers[d], is->driver))
				break;
		}
		if (d == t->n_drivers && d < DRIVERS_MAX)
			t->drivers[t->n_drivers++] = is->driver;
	}
}

static bool has_driver(const struct table *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n_drivers; i++) {
		if (!strcmp(t->drivers[i], name))
			return true;
	}
	return false;
}

/* Ratios are shown for the drivers under test. */
static bool has_ratio(const struct table *t, size_t driver, const char *to)
{
	const char *name = t->drivers[driver];

	return has_driver(t, to) && strcmp(name, to) &&
	       (!strcmp(name, IN_TREE) || !strcmp(name, SUBJECT));
}

static const char *const yardsticks[] = { RAW, IN_TREE };

static void put_heading(const struct table *t, const struct figure *is)
{
	char *common = cell_parts(t, is, true), *name;
	size_t i, y;

	fprintf(t->f, "\n%s: %s in %s%s%s\n%-*s", t->matrix, t->metric, t->unit,
		*common ? ", " : "", common, t->width + 2, "");
	for (i = 0; i < t->n_drivers; i++)
		fprintf(t->f, " %13s", t->drivers[i]);
	for (y = 0; y < 2; y++) {
		for (i = 0; i < t->n_drivers; i++) {
			if (!has_ratio(t, i, yardsticks[y]))
				continue;
			name = xasprintf("%s/%s", t->drivers[i], yardsticks[y]);
			fprintf(t->f, " %13s", name);
			free(name);
		}
	}
	fputc('\n', t->f);
	free(common);
}

static void put_figures(const struct table *t, const struct figure *is)
{
	size_t i;

	for (i = 0; i < t->n_drivers; i++) {
		const struct figure *other = beside(t, is, t->drivers[i]);

		if (!other)
			fprintf(t->f, " %13s", "-");
		else
			fprintf(t->f, " %12.1f%s", other->value,
				other->unstable ? "*" : " ");
	}
}

static void put_row(const struct table *t, const struct figure *first)
{
	char *name = cell_parts(t, first, false);
	size_t i, y;

	fprintf(t->f, "  %-*s", t->width, name);
	put_figures(t, first);
	for (y = 0; y < 2; y++) {
		double to = value_beside(t, first, yardsticks[y]);

		for (i = 0; i < t->n_drivers; i++) {
			double is = value_beside(t, first, t->drivers[i]);

			if (!has_ratio(t, i, yardsticks[y]))
				continue;
			if (is > 0 && to > 0)
				fprintf(t->f, " %13.3f", is / to);
			else
				fprintf(t->f, " %13s", "-");
		}
	}
	fputc('\n', t->f);
	free(name);
}

/* Geometric mean over the cells with this io; 0 when there are none. */
static double mean_ratio(const struct table *t, const char *driver,
			 const char *to, const char *io)
{
	const struct figure *is;
	size_t at = 0, n = 0;
	double sum = 0;

	while ((is = next_cell(t, &at))) {
		double a = value_beside(t, is, driver);
		double b = value_beside(t, is, to);

		if (io && strcmp(io, value_of(is, "io")))
			continue;
		if (a > 0 && b > 0) {
			sum += log(a / b);
			n++;
		}
	}
	return n ? exp(sum / (double)n) : 0;
}

/* Prints a line of means unless there are none. */
static void put_means(const struct table *t, const char *io)
{
	size_t i, y;
	char *name, *line = xstrdup(""), *longer;
	bool any = false;

	for (y = 0; y < 2; y++) {
		for (i = 0; i < t->n_drivers; i++) {
			double mean;

			if (!has_ratio(t, i, yardsticks[y]))
				continue;
			mean = mean_ratio(t, t->drivers[i], yardsticks[y], io);
			any = any || mean > 0;
			longer = xasprintf("%s %13.3f", line, mean);
			free(line);
			line = longer;
		}
	}
	name = xasprintf("geometric mean, io=%s", io);
	if (any)
		fprintf(t->f, "  %-*s%*s%s\n", t->width, name,
			(int)t->n_drivers * 14, "", line);
	free(name);
	free(line);
}

/* Prints the spread of the rounds of the wall clock, one line per driver. */
static void put_spread(const struct table *t, const struct figure *is)
{
	char *name = cell_parts(t, is, false), *text;
	size_t i;

	for (i = 0; i < t->n_drivers; i++) {
		const struct figure *other = beside(t, is, t->drivers[i]);

		if (!other)
			continue;
		text = spread_text(other->samples);
		fprintf(t->f, "  %-*s %13s  %s\n", t->width, name,
			t->drivers[i], text);
		free(text);
	}
	free(name);
}

/* Compares cgloop with the in-tree driver in all cells that have both. */
static void put_duels(const struct table *t)
{
	struct duel *duels =
		xrealloc(NULL, (t->r->n_figures + 1) * sizeof(*duels));
	const struct figure *is;
	size_t at = 0, n = 0;

	while ((is = next_cell(t, &at))) {
		const struct figure *ours = beside(t, is, SUBJECT);
		const struct figure *theirs = beside(t, is, IN_TREE);

		if (ours && theirs)
			duels[n++] = (struct duel){
				cell_parts(t, is, false),
				ours->samples,
				theirs->samples,
			};
	}
	if (n)
		fprintf(t->f,
			"%s: %s against %s, by the ranks of their rounds\n",
			t->matrix, SUBJECT, IN_TREE);
	duels_print(duels, n, t->unit, t->width, t->f);
	while (n)
		free(duels[--n].cell);
	free(duels);
}

static void put_unstable(const struct table *t)
{
	const struct figure *is;
	size_t at = 0;

	while ((is = next_of(t, &at))) {
		char *name;

		if (!is->unstable)
			continue;
		name = cell_parts(t, is, false);
		fprintf(t->f, "  * unstable: %s %s: %s\n", name, is->driver,
			is->unstable);
		free(name);
	}
}

static void set_width(struct table *t)
{
	const struct figure *is;
	size_t at = 0;

	t->width = (int)strlen("geometric mean, io=buffered");
	while ((is = next_cell(t, &at))) {
		char *name = cell_parts(t, is, false);

		if ((int)strlen(name) > t->width)
			t->width = (int)strlen(name);
		free(name);
	}
}

static void put_table(struct table *t, const struct figure *first)
{
	const struct figure *is;
	size_t at = 0;

	find_drivers(t);
	set_width(t);
	put_heading(t, first);
	while ((is = next_cell(t, &at)))
		put_row(t, is);
	/* A mean of percentiles would mean nothing. */
	if (strncmp(t->metric, "latency", 7)) {
		put_means(t, "buffered");
		put_means(t, "direct");
	}
	put_unstable(t);
	if (!strcmp(t->unit, "virtual ns"))
		return;
	fprintf(t->f, "%s: the rounds of each, in %s\n", t->matrix, t->unit);
	at = 0;
	while ((is = next_cell(t, &at)))
		put_spread(t, is);
	put_duels(t);
}

void figures_print(const struct result *r, FILE *f)
{
	size_t i;

	for (i = 0; i < r->n_figures; i++) {
		const struct figure *is = &r->figures[i];
		struct table t = { .f = f,
				   .r = r,
				   .matrix = is->matrix,
				   .metric = is->metric,
				   .unit = is->unit };
		size_t at = 0;

		if (next_of(&t, &at) == is)
			put_table(&t, is);
	}
}
