// SPDX-License-Identifier: GPL-2.0
/*
 * Matrices as tables for people: a line a cell, the drivers side by side, then
 * what each takes in relation to the backing itself and to the in-tree driver.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "judge/duel.h"
#include "judge/matrix.h"
#include "model/spread.h"

#define DRIVERS_MAX 8
#define RAW "none"
#define IN_TREE "loop"
#define SUBJECT "cgloop"

struct table {
	FILE *f;
	json_t *matrices;
	const char *matrix;
	const char *metric;
	const char *unit;
	const char *drivers[DRIVERS_MAX];
	size_t n_drivers;
	int width; /* of the cells' names */
};

static const char *text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static json_t *metric_of(const struct table *t, json_t *cell)
{
	if (strcmp(text_of(cell, "name"), t->matrix))
		return NULL;
	return json_object_get(json_object_get(cell, "metrics"), t->metric);
}

/* The same cell through another driver; NULL where it has no such metric. */
static json_t *beside(const struct table *t, json_t *cell, const char *driver)
{
	json_t *other;
	size_t i;

	json_array_foreach(t->matrices, i, other) {
		if (metric_of(t, other) &&
		    !strcmp(text_of(other, "driver"), driver) &&
		    json_equal(json_object_get(other, "cell"),
			       json_object_get(cell, "cell")))
			return other;
	}
	return NULL;
}

/* 0 where there is no such figure. */
static double value_beside(const struct table *t, json_t *cell,
			   const char *driver)
{
	json_t *other = beside(t, cell, driver);

	return other ? json_number_value(
			       json_object_get(metric_of(t, other), "value")) :
		       0;
}

/* Is this the first of the matrix's entries for its cell? */
static bool begins(const struct table *t, size_t at)
{
	json_t *cell = json_array_get(t->matrices, at), *other;
	size_t i;

	if (!metric_of(t, cell))
		return false;
	for (i = 0; i < at; i++) {
		other = json_array_get(t->matrices, i);
		if (metric_of(t, other) &&
		    json_equal(json_object_get(other, "cell"),
			       json_object_get(cell, "cell")))
			return false;
	}
	return true;
}

/* Has the axis one value in all cells? */
static bool is_constant(const struct table *t, const char *axis)
{
	const char *value = NULL, *here;
	json_t *cell;
	size_t i;

	json_array_foreach(t->matrices, i, cell) {
		if (!metric_of(t, cell))
			continue;
		here = text_of(json_object_get(cell, "cell"), axis);
		if (value && strcmp(value, here))
			return false;
		value = here;
	}
	return true;
}

/* The parts of a cell that all have in common, or the others. */
static char *cell_parts(const struct table *t, json_t *cell, bool common)
{
	json_t *axes = json_object_get(cell, "cell"), *value;
	char *text = xstrdup(""), *longer;
	const char *axis;

	json_object_foreach(axes, axis, value) {
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
	json_t *cell;
	size_t i, d;

	t->n_drivers = 0;
	json_array_foreach(t->matrices, i, cell) {
		if (!metric_of(t, cell))
			continue;
		for (d = 0; d < t->n_drivers; d++) {
			if (!strcmp(t->drivers[d], text_of(cell, "driver")))
				break;
		}
		if (d == t->n_drivers && d < DRIVERS_MAX)
			t->drivers[t->n_drivers++] = text_of(cell, "driver");
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

/* Those under test, in relation to what they are to be compared with. */
static bool has_ratio(const struct table *t, size_t driver, const char *to)
{
	const char *name = t->drivers[driver];

	return has_driver(t, to) && strcmp(name, to) &&
	       (!strcmp(name, IN_TREE) || !strcmp(name, SUBJECT));
}

static const char *const yardsticks[] = { RAW, IN_TREE };

static void put_heading(const struct table *t, json_t *cell)
{
	char *common = cell_parts(t, cell, true), *name;
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

static void put_figures(const struct table *t, json_t *cell)
{
	size_t i;

	for (i = 0; i < t->n_drivers; i++) {
		json_t *other = beside(t, cell, t->drivers[i]);
		double value = value_beside(t, cell, t->drivers[i]);

		if (!other)
			fprintf(t->f, " %13s", "-");
		else
			fprintf(t->f, " %12.1f%s", value,
				json_object_get(other, "unstable") ? "*" : " ");
	}
}

static void put_row(const struct table *t, json_t *cell)
{
	char *name = cell_parts(t, cell, false);
	size_t i, y;

	fprintf(t->f, "  %-*s", t->width, name);
	put_figures(t, cell);
	for (y = 0; y < 2; y++) {
		double to = value_beside(t, cell, yardsticks[y]);

		for (i = 0; i < t->n_drivers; i++) {
			double is = value_beside(t, cell, t->drivers[i]);

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

/* Over the cells whose axis io has this value; 0 where there are none. */
static double mean_ratio(const struct table *t, const char *driver,
			 const char *to, const char *io)
{
	double sum = 0;
	size_t i, n = 0;

	for (i = 0; i < json_array_size(t->matrices); i++) {
		json_t *cell = json_array_get(t->matrices, i);
		double a, b;

		if (!begins(t, i) ||
		    (io &&
		     strcmp(io, text_of(json_object_get(cell, "cell"), "io"))))
			continue;
		a = value_beside(t, cell, driver);
		b = value_beside(t, cell, to);
		if (a > 0 && b > 0) {
			sum += log(a / b);
			n++;
		}
	}
	return n ? exp(sum / (double)n) : 0;
}

/* A line of means, where there is anything to take them of. */
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

/* What the rounds by the wall clock scatter by, a line for each driver. */
static void put_spread(const struct table *t, json_t *cell)
{
	char *name = cell_parts(t, cell, false), *text;
	size_t i;

	for (i = 0; i < t->n_drivers; i++) {
		json_t *other = beside(t, cell, t->drivers[i]);

		if (!other)
			continue;
		text = spread_text(
			json_object_get(metric_of(t, other), "samples"));
		fprintf(t->f, "  %-*s %13s  %s\n", t->width, name,
			t->drivers[i], text);
		free(text);
	}
	free(name);
}

/* The one under test against the in-tree driver, where both have rounds. */
static void put_duels(const struct table *t)
{
	size_t n = 0, i, all = json_array_size(t->matrices);
	struct duel *duels = xrealloc(NULL, (all + 1) * sizeof(*duels));

	for (i = 0; i < all; i++) {
		json_t *cell = json_array_get(t->matrices, i);
		json_t *ours = beside(t, cell, SUBJECT);
		json_t *theirs = beside(t, cell, IN_TREE);

		if (!begins(t, i) || !ours || !theirs)
			continue;
		duels[n++] = (struct duel){
			cell_parts(t, cell, false),
			json_object_get(metric_of(t, ours), "samples"),
			json_object_get(metric_of(t, theirs), "samples"),
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
	json_t *cell;
	size_t i;

	json_array_foreach(t->matrices, i, cell) {
		char *name;

		if (!metric_of(t, cell) || !json_object_get(cell, "unstable"))
			continue;
		name = cell_parts(t, cell, false);
		fprintf(t->f, "  * unstable: %s %s: %s\n", name,
			text_of(cell, "driver"), text_of(cell, "unstable"));
		free(name);
	}
}

static void set_width(struct table *t)
{
	size_t i;

	t->width = (int)strlen("geometric mean, io=buffered");
	for (i = 0; i < json_array_size(t->matrices); i++) {
		char *name;

		if (!begins(t, i))
			continue;
		name = cell_parts(t, json_array_get(t->matrices, i), false);
		if ((int)strlen(name) > t->width)
			t->width = (int)strlen(name);
		free(name);
	}
}

static void put_table(struct table *t, json_t *first)
{
	bool is_virtual = !strcmp(t->unit, "virtual ns");
	size_t i;

	find_drivers(t);
	set_width(t);
	put_heading(t, first);
	for (i = 0; i < json_array_size(t->matrices); i++) {
		if (begins(t, i))
			put_row(t, json_array_get(t->matrices, i));
	}
	/* Of percentiles a mean would mean nothing. */
	if (strncmp(t->metric, "latency", 7)) {
		put_means(t, "buffered");
		put_means(t, "direct");
	}
	put_unstable(t);
	if (is_virtual)
		return;
	fprintf(t->f, "%s: the rounds of each, in %s\n", t->matrix, t->unit);
	for (i = 0; i < json_array_size(t->matrices); i++) {
		if (begins(t, i))
			put_spread(t, json_array_get(t->matrices, i));
	}
	put_duels(t);
}

/* Has an earlier cell brought this matrix and metric up? */
static bool seen(json_t *matrices, size_t at, const char *matrix,
		 const char *metric)
{
	size_t i;

	for (i = 0; i < at; i++) {
		json_t *cell = json_array_get(matrices, i);

		if (!strcmp(text_of(cell, "name"), matrix) &&
		    json_object_get(json_object_get(cell, "metrics"), metric))
			return true;
	}
	return false;
}

void figures_print(json_t *matrices, FILE *f)
{
	json_t *cell, *one;
	const char *metric;
	size_t i;

	json_array_foreach(matrices, i, cell) {
		const char *matrix = text_of(cell, "name");

		json_object_foreach(json_object_get(cell, "metrics"), metric,
				    one) {
			struct table t = { .f = f,
					   .matrices = matrices,
					   .matrix = matrix,
					   .metric = metric,
					   .unit = text_of(one, "unit") };

			if (!seen(matrices, i, matrix, metric))
				put_table(&t, cell);
		}
	}
}
