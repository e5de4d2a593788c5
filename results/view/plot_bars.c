// SPDX-License-Identifier: GPL-2.0
/*
 * Costs as bars: a drawing per matrix, metric and handful of cells, with one
 * bar per driver below the name of the cell.
 */
#include <stdlib.h>
#include <string.h>

#include "view/plot.h"

#define ROWS_MAX 24 /* bars and headings of one drawing */
#define ROW_HEIGHT 22 /* pixels */

static bool same_plot(const struct figure *a, const struct figure *b)
{
	return !strcmp(a->matrix, b->matrix) && !strcmp(a->metric, b->metric);
}

static bool same_cell(const struct figure *a, const struct figure *b)
{
	return same_plot(a, b) && !strcmp(a->cell_text, b->cell_text);
}

/* A row of a drawing: a cell's heading, or a bar. */
struct row {
	const struct figure *figure;
	bool heading;
};

static void put_rows(FILE *f, const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct figure *fig = rows[i].figure;

		if (rows[i].heading) {
			fprintf(f, "set label \"");
			plot_text(f, *fig->cell_text ? fig->cell_text :
						       fig->matrix);
			fprintf(f, "\" at screen 0.02,first %zu font ',10'\n",
				i + 1);
			continue;
		}
		fprintf(f, "set ytics add (\"");
		plot_text(f, fig->driver);
		fprintf(f, "\" %zu)\n", i + 1);
		fprintf(f,
			"set object rectangle from 0,%zu-0.38 to %.17g,%zu+0.38"
			" fillcolor rgb \"%s\" fillstyle solid noborder\n",
			i + 1, fig->value, i + 1, plot_colour(fig->driver));
		fprintf(f,
			"set label \"%.6g\" at %.17g,first %zu "
			"offset 0.5,0\n",
			fig->value, fig->value, i + 1);
	}
}

static void put_script(FILE *f, const struct row *rows, size_t n)
{
	const struct figure *first = rows[0].figure;
	double most = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (rows[i].figure->value > most)
			most = rows[i].figure->value;
	}
	fprintf(f,
		"unset key\nset border 0\nset tmargin 2\nset bmargin 0.5\n"
		"set lmargin 15\nunset xtics\nset ytics nomirror scale 0 ()\n"
		"set yrange [%zu.7:0.3]\nset xrange [0:%.17g]\n"
		"set title \"",
		n, most > 0 ? most * 1.22 : 1);
	plot_text(f, first->matrix);
	fputs(": ", f);
	plot_text(f, first->metric);
	fputs(", ", f);
	plot_text(f, first->unit);
	fputs("\"\n", f);
	put_rows(f, rows, n);
	fputs("plot NaN\n", f);
}

/* The text alternative of the drawing. */
static void put_alt(FILE *f, const struct row *rows, size_t n)
{
	size_t i;

	html_text(f, rows[0].figure->matrix);
	fputs(": ", f);
	html_text(f, rows[0].figure->metric);
	fputs(" in ", f);
	html_text(f, rows[0].figure->unit);
	for (i = 0; i < n; i++) {
		const struct figure *fig = rows[i].figure;

		fputs(rows[i].heading	  ? "; " :
		      rows[i - 1].heading ? ": " :
					    ", ",
		      f);
		html_text(f, rows[i].heading ? fig->cell_text : fig->driver);
		if (!rows[i].heading)
			fprintf(f, " %.6g", fig->value);
	}
}

static int draw(struct report *r, const struct row *rows, size_t n,
		struct error *err)
{
	char *script, *alt;
	size_t size;
	FILE *f = xmemstream(&script, &size);
	int bad;

	put_script(f, rows, n);
	fclose(f);
	f = xmemstream(&alt, &size);
	put_alt(f, rows, n);
	fclose(f);
	bad = plot_draw(r, (int)(n + 2) * ROW_HEIGHT, script, alt, err);
	free(script);
	free(alt);
	return bad;
}

struct drawing {
	struct row rows[ROWS_MAX];
	size_t n;
};

static int end_drawing(struct report *r, struct drawing *d, struct error *err)
{
	int bad = d->n ? draw(r, d->rows, d->n, err) : 0;

	d->n = 0;
	return bad;
}

/* Adds the cell that begins with at; finishes a drawing without room for it. */
static int add_cell(struct report *r, struct drawing *d, size_t at,
		    struct error *err)
{
	const struct result *result = &r->result;
	const struct figure *first = &result->figures[at];
	size_t i, bars = 0;

	for (i = at; i < result->n_figures; i++)
		bars += same_cell(&result->figures[i], first);
	if (bars > ROWS_MAX - 1)
		return refuse(err,
			      "a cell of more than %d drivers cannot be "
			      "drawn",
			      ROWS_MAX - 1);
	if (d->n &&
	    (d->n + 1 + bars > ROWS_MAX ||
	     !same_plot(d->rows[0].figure, first)) &&
	    end_drawing(r, d, err))
		return -1;
	d->rows[d->n++] = (struct row){ first, true };
	for (i = at; i < result->n_figures; i++) {
		if (same_cell(&result->figures[i], first))
			d->rows[d->n++] =
				(struct row){ &result->figures[i], false };
	}
	return 0;
}

static bool begins_cell(const struct result *r, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++) {
		if (same_cell(&r->figures[i], &r->figures[at]))
			return false;
	}
	return true;
}

static bool begins_plot(const struct result *r, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++) {
		if (same_plot(&r->figures[i], &r->figures[at]))
			return false;
	}
	return true;
}

int bars_make(struct report *r, struct error *err)
{
	const struct result *result = &r->result;
	struct drawing d = { .n = 0 };
	size_t i, j;

	for (i = 0; i < result->n_figures; i++) {
		if (!begins_plot(result, i) ||
		    curves_take(result, &result->figures[i]))
			continue;
		for (j = i; j < result->n_figures; j++) {
			if (same_plot(&result->figures[i],
				      &result->figures[j]) &&
			    begins_cell(result, j) && add_cell(r, &d, j, err))
				return -1;
		}
		if (end_drawing(r, &d, err))
			return -1;
	}
	return 0;
}
