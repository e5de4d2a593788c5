// SPDX-License-Identifier: GPL-2.0
/*
 * Costs as curves: over an axis of at least three numbers, all drivers in one
 * drawing; and percentiles of latency, a drawing per driver, with the same
 * scale for all drawings of a matrix.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "view/plot.h"

#define HEIGHT 260 /* pixels */
#define NUMBERS_MIN 3 /* values on an axis that a curve needs */
#define BESIDE "beside" /* the axis whose values share a drawing */

/* The points of a curve by x; a gap is a missing point. */
struct line {
	char *label; /* owned */
	const char *colour;
	bool dashed;
	double x[64], y[64];
	size_t n;
};

/* A tic is a format of gnuplot's. */
static const struct {
	const char *metric, *tic;
} percentiles[] = {
	{ "latency_p50", "50 %%" },   { "latency_p90", "90 %%" },
	{ "latency_p99", "99 %%" },   { "latency_p999", "99.9 %%" },
	{ "latency_max", "largest" },
};

#define PERCENTILES (sizeof(percentiles) / sizeof(*percentiles))

static size_t percentile_of(const struct figure *f)
{
	size_t i;

	for (i = 0; i < PERCENTILES; i++) {
		if (!strcmp(f->metric, percentiles[i].metric))
			break;
	}
	return i;
}

/*
 * Finds the value of an axis in "axis=value,...". Returns its length; 0: none.
 */
static size_t value_on(const char *cell, const char *axis, const char **value)
{
	size_t len = strlen(axis);

	while (*cell) {
		if (!strncmp(cell, axis, len) && cell[len] == '=') {
			*value = cell + len + 1;
			return strcspn(*value, ",");
		}
		cell += strcspn(cell, ",");
		cell += *cell == ',';
	}
	return 0;
}

/* The cell without that axis. The caller frees. */
static char *cell_but(const char *cell, const char *axis)
{
	const char *value, *begin;
	size_t len = value_on(cell, axis, &value);

	if (!len)
		return xstrdup(cell);
	begin = value - strlen(axis) - 1;
	if (begin > cell)
		return xasprintf("%.*s%s", (int)(begin - cell - 1), cell,
				 value + len);
	return xstrdup(value[len] ? value + len + 1 : "");
}

static bool same_but(const struct figure *a, const struct figure *b,
		     const char *axis)
{
	char *x = cell_but(a->cell_text, axis);
	char *y = cell_but(b->cell_text, axis);
	bool same = !strcmp(a->matrix, b->matrix) && !strcmp(x, y);

	free(x);
	free(y);
	return same;
}

/* A number from 1 to a million, or -1. */
static double number_on(const struct figure *f, const char *axis)
{
	const char *value;
	size_t len = value_on(f->cell_text, axis, &value), i;

	if (!len || len > 6)
		return -1;
	for (i = 0; i < len; i++) {
		if (!isdigit((unsigned char)value[i]))
			return -1;
	}
	return *value == '0' ? -1 : atof(value);
}

/* True if the axis has at least three values, all numbers. */
static bool is_long(const struct result *r, const struct figure *f,
		    const char *axis)
{
	double seen[NUMBERS_MIN];
	size_t i, j, n = 0;

	for (i = 0; i < r->n_figures; i++) {
		double number;

		if (strcmp(r->figures[i].matrix, f->matrix))
			continue;
		number = number_on(&r->figures[i], axis);
		if (number < 0)
			return false;
		for (j = 0; j < n && seen[j] != number; j++)
			;
		if (j == n && n < NUMBERS_MIN)
			seen[n++] = number;
	}
	return n == NUMBERS_MIN;
}

/* The first long axis of the figure, or NULL. The caller frees. */
static char *long_axis(const struct result *r, const struct figure *f)
{
	const char *cell = f->cell_text;

	while (*cell) {
		size_t len = strcspn(cell, "=,");
		char *axis = xasprintf("%.*s", (int)len, cell);

		if (is_long(r, f, axis))
			return axis;
		free(axis);
		cell += strcspn(cell, ",");
		cell += *cell == ',';
	}
	return NULL;
}

bool curves_take(const struct result *r, const struct figure *f)
{
	char *axis = percentile_of(f) < PERCENTILES ? NULL : long_axis(r, f);
	bool taken = axis || percentile_of(f) < PERCENTILES;

	free(axis);
	return taken;
}

static void add_point(struct line *l, double x, double y)
{
	size_t i;

	/* A logarithmic scale has no zero. */
	if (l->n == sizeof(l->x) / sizeof(*l->x) || y <= 0)
		return;
	for (i = l->n++; i > 0 && l->x[i - 1] > x; i--) {
		l->x[i] = l->x[i - 1];
		l->y[i] = l->y[i - 1];
	}
	l->x[i] = x;
	l->y[i] = y;
}

struct drawing {
	FILE *script;
	FILE *alt;
	struct line lines[8];
	size_t n;
};

static struct line *line_of(struct drawing *d, const char *label,
			    const char *colour)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		if (!strcmp(d->lines[i].label, label))
			return &d->lines[i];
	}
	if (d->n == sizeof(d->lines) / sizeof(*d->lines))
		return NULL;
	d->lines[d->n] =
		(struct line){ .label = xstrdup(label), .colour = colour };
	return &d->lines[d->n++];
}

/* The number of curves with a point: gnuplot refuses empty ones. */
static size_t put_lines(const struct drawing *d)
{
	size_t i, j, n = 0;

	for (i = 0; i < d->n; i++) {
		const struct line *l = &d->lines[i];

		fprintf(d->script, "$line%zu << END\n", i);
		for (j = 0; j < l->n; j++)
			fprintf(d->script, "%.17g %.17g\n", l->x[j], l->y[j]);
		fputs("END\n", d->script);
		fputs(i ? "; " : ": ", d->alt);
		html_text(d->alt, l->label);
		for (j = 0; j < l->n; j++)
			fprintf(d->alt, "%s %.6g", j ? "," : "", l->y[j]);
	}
	for (i = 0; i < d->n; i++) {
		if (!d->lines[i].n)
			continue;
		fprintf(d->script,
			"%s $line%zu with linespoints pt 7 ps 0.4 lw 2 dt %d "
			"lc rgb \"%s\" title \"",
			n++ ? "," : "plot", i, d->lines[i].dashed ? 2 : 1,
			d->lines[i].colour);
		plot_text(d->script, d->lines[i].label);
		fputc('"', d->script);
	}
	fputc('\n', d->script);
	return n;
}

static void put_title(const struct drawing *d, const char *what,
		      const char *cell, const char *unit)
{
	fputs("set border 3\nset key below samplen 2\nset tics nomirror\n"
	      "set grid ytics lw 0.5 lc rgb \"#8c959f\"\nset format y \"%.0s%c\"\n"
	      "set title \"",
	      d->script);
	plot_text(d->script, what);
	fputs("\\n", d->script);
	plot_text(d->script, cell);
	fputs("\" font ',11'\nset ylabel \"", d->script);
	plot_text(d->script, unit);
	fputs("\"\n", d->script);
	html_text(d->alt, what);
	fputs(" in ", d->alt);
	html_text(d->alt, unit);
	fputs(*cell ? ", " : "", d->alt);
	html_text(d->alt, cell);
}

static int finish(struct report *r, struct drawing *d, char **script,
		  char **alt, struct error *err)
{
	size_t i, curves = put_lines(d);
	int bad;

	for (i = 0; i < d->n; i++)
		free(d->lines[i].label);
	fclose(d->script);
	fclose(d->alt);
	bad = curves ? plot_draw(r, HEIGHT, *script, *alt, err) : 0;
	free(*script);
	free(*alt);
	return bad;
}

/* Draws all drivers over the axis, in cells that differ only there. */
static int draw_over(struct report *r, const struct figure *first,
		     const char *axis, struct error *err)
{
	const struct result *result = &r->result;
	char *script, *alt, *cell = cell_but(first->cell_text, axis), *what;
	struct drawing d = { .n = 0 };
	size_t size, i;

	d.script = xmemstream(&script, &size);
	d.alt = xmemstream(&alt, &size);
	what = xasprintf("%s: %s by %s", first->matrix, first->metric, axis);
	put_title(&d, what, cell, first->unit);
	fputs("set logscale x 4\nset yrange [0:*]\nset xlabel \"", d.script);
	plot_text(d.script, axis);
	fputs("\"\n", d.script);
	for (i = 0; i < result->n_figures; i++) {
		const struct figure *f = &result->figures[i];
		struct line *l;

		if (strcmp(f->metric, first->metric) ||
		    !same_but(f, first, axis))
			continue;
		l = line_of(&d, f->driver, plot_colour(f->driver));
		if (l)
			add_point(l, number_on(f, axis), f->value);
	}
	free(cell);
	free(what);
	return finish(r, &d, &script, &alt, err);
}

/* The range of the latencies of a matrix; the least is above 0. */
static void find_range(const struct result *r, const char *matrix,
		       double *least, double *most)
{
	size_t i;

	*least = 1e15;
	*most = 1;
	for (i = 0; i < r->n_figures; i++) {
		const struct figure *f = &r->figures[i];

		if (percentile_of(f) == PERCENTILES ||
		    strcmp(f->matrix, matrix) || f->value <= 0)
			continue;
		if (f->value < *least)
			*least = f->value;
		if (f->value > *most)
			*most = f->value;
	}
}

static bool same_curves(const struct figure *a, const struct figure *b)
{
	return !strcmp(a->driver, b->driver) && same_but(a, b, BESIDE);
}

/* One curve per value of "beside"; the first one is a solid line. */
static void add_latencies(struct drawing *d, const struct result *r,
			  const struct figure *first)
{
	size_t i;

	for (i = 0; i < r->n_figures; i++) {
		const struct figure *f = &r->figures[i];
		size_t at = percentile_of(f);
		const char *value;
		struct line *l;
		char *label;
		size_t len;

		if (at == PERCENTILES || !same_curves(f, first))
			continue;
		len = value_on(f->cell_text, BESIDE, &value);
		label = len ? xasprintf(BESIDE " %.*s", (int)len, value) :
			      xstrdup(f->driver);
		l = line_of(d, label, plot_colour(f->driver));
		free(label);
		if (!l)
			continue;
		l->dashed = l > d->lines;
		add_point(l, (double)at, f->value);
	}
}

static int draw_latency(struct report *r, const struct figure *first,
			struct error *err)
{
	char *script, *alt, *cell = cell_but(first->cell_text, BESIDE), *what;
	struct drawing d = { .n = 0 };
	double least, most;
	size_t size, i;

	d.script = xmemstream(&script, &size);
	d.alt = xmemstream(&alt, &size);
	find_range(&r->result, first->matrix, &least, &most);
	what = xasprintf("%s: latency, %s", first->matrix, first->driver);
	put_title(&d, what, cell, first->unit);
	fprintf(d.script,
		"set logscale y\nset yrange [%.17g:%.17g]\n"
		"set xrange [-0.2:%zu.2]\nset xtics (",
		least / 1.5, most * 1.5, PERCENTILES - 1);
	for (i = 0; i < PERCENTILES; i++)
		fprintf(d.script, "%s\"%s\" %zu", i ? "," : "",
			percentiles[i].tic, i);
	fputs(")\n", d.script);
	add_latencies(&d, &r->result, first);
	free(cell);
	free(what);
	return finish(r, &d, &script, &alt, err);
}

static bool begins(const struct result *r, size_t at, const char *axis)
{
	const struct figure *f = &r->figures[at];
	size_t i;

	for (i = 0; i < at; i++) {
		if (axis ? !strcmp(r->figures[i].metric, f->metric) &&
				    same_but(&r->figures[i], f, axis) :
			   percentile_of(&r->figures[i]) < PERCENTILES &&
				    same_curves(&r->figures[i], f))
			return false;
	}
	return true;
}

int curves_make(struct report *r, struct error *err)
{
	const struct result *result = &r->result;
	int bad = 0;
	size_t i;

	for (i = 0; !bad && i < result->n_figures; i++) {
		const struct figure *f = &result->figures[i];
		char *axis;

		if (percentile_of(f) < PERCENTILES) {
			if (begins(result, i, NULL))
				bad = draw_latency(r, f, err);
			continue;
		}
		axis = long_axis(result, f);
		if (axis && begins(result, i, axis))
			bad = draw_over(r, f, axis, err);
		free(axis);
	}
	return bad;
}
