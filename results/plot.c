// SPDX-License-Identifier: GPL-2.0
/*
 * Costs as bars, drawn by gnuplot as SVG: a drawing for each matrix, metric
 * and handful of cells, the drivers of a cell beneath one another.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "html.h"
#include "report.h"

#define ROWS_MAX 24 /* bars and headings of one drawing */
#define ROW_HEIGHT 22 /* pixels */
#define WIDTH 420
#define SVG_BYTES_MAX (4u << 20)

/* gnuplot reads quotes, braces and more: only what names are made of stays. */
static void put_plain(FILE *f, const char *s)
{
	for (; *s; s++) {
		if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		    strchr("0123456789=,.:+/ -_", *s))
			fputc(*s, f);
		else
			fputc('?', f);
	}
}

static const char *colour(const char *driver)
{
	if (!strcmp(driver, "none"))
		return "#8c959f";
	if (!strcmp(driver, "loop"))
		return "#c98a1b";
	if (!strcmp(driver, "cgloop"))
		return "#2f7dd1";
	return "#8e6bbf";
}

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
			put_plain(f, *fig->cell_text ? fig->cell_text :
						       fig->matrix);
			fprintf(f, "\" at screen 0.02,first %zu font ',10'\n",
				i + 1);
			continue;
		}
		fprintf(f, "set ytics add (\"");
		put_plain(f, fig->driver);
		fprintf(f, "\" %zu)\n", i + 1);
		fprintf(f,
			"set object rectangle from 0,%zu-0.38 to %.17g,%zu+0.38"
			" fillcolor rgb \"%s\" fillstyle solid noborder\n",
			i + 1, fig->value, i + 1, colour(fig->driver));
		fprintf(f,
			"set label \"%.6g\" at %.17g,first %zu "
			"offset 0.5,0\n",
			fig->value, fig->value, i + 1);
	}
}

static void put_script(FILE *f, const struct row *rows, size_t n, size_t number)
{
	const struct figure *first = rows[0].figure;
	double most = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (rows[i].figure->value > most)
			most = rows[i].figure->value;
	}
	fprintf(f,
		"set terminal svg size %d,%zu dynamic noenhanced font "
		"'sans-serif,12' name 'cost%zu'\n"
		"unset key\nset border 0\nset tmargin 2\nset bmargin 0.5\n"
		"set lmargin 15\nunset xtics\nset ytics nomirror scale 0 ()\n"
		"set yrange [%zu.7:0.3]\nset xrange [0:%.17g]\n"
		"set title \"",
		WIDTH, (n + 2) * ROW_HEIGHT, number, n,
		most > 0 ? most * 1.22 : 1);
	put_plain(f, first->matrix);
	fputs(": ", f);
	put_plain(f, first->metric);
	fputs(", ", f);
	put_plain(f, first->unit);
	fputs("\"\n", f);
	put_rows(f, rows, n);
	fputs("plot NaN\n", f);
}

/* All of a file that was written; NULL when it cannot be read. */
static char *read_back(FILE *f)
{
	long size = fseek(f, 0, SEEK_END) ? -1 : ftell(f);
	char *text;

	if (size <= 0 || size > (long)SVG_BYTES_MAX || fseek(f, 0, SEEK_SET))
		return NULL;
	text = xrealloc(NULL, (size_t)size + 1);
	text[fread(text, 1, (size_t)size, f)] = '\0';
	return text;
}

static int run_gnuplot(FILE *script, FILE *svg, struct error *err)
{
	int status, none;
	pid_t pid;

	if (fflush(script) || fseek(script, 0, SEEK_SET))
		return refuse(err, "gnuplot's script: %s", strerror(errno));
	lseek(fileno(script), 0, SEEK_SET);
	pid = fork();
	if (pid < 0)
		return refuse(err, "gnuplot: %s", strerror(errno));
	if (!pid) {
		none = open("/dev/null", O_WRONLY);
		dup2(fileno(script), STDIN_FILENO);
		dup2(fileno(svg), STDOUT_FILENO);
		dup2(none, STDERR_FILENO);
		execlp("gnuplot", "gnuplot", "-d", "-", (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return refuse(err, "gnuplot: %s", strerror(errno));
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return refuse(err, "gnuplot is missing; it draws the costs");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return refuse(err, "gnuplot failed to draw the costs");
	return 0;
}

/* What the drawing shows, for who does not see it. The caller frees. */
static char *alt_text(const struct row *rows, size_t n)
{
	char *text = NULL;
	size_t len, i;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return xstrdup("");
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
	fclose(f);
	return text;
}

/* The element alone, with a name of its own. NULL when it is no SVG. */
static char *embed(const char *svg, const char *alt)
{
	const char *begin = strstr(svg, "<svg"), *end, *title, *behind;

	if (!begin)
		return NULL;
	end = strstr(begin, "</svg>");
	title = strstr(begin, "<title>");
	behind = title ? strstr(title, "</title>") : NULL;
	if (!end || !behind || behind > end)
		return NULL;
	return xasprintf("<svg role=\"img\" aria-label=\"%s\"%.*s<title>%s"
			 "%.*s</svg>",
			 alt, (int)(title - begin - 4), begin + 4, alt,
			 (int)(end - behind), behind);
}

static int draw(struct report *r, const struct row *rows, size_t n,
		struct error *err)
{
	FILE *script = tmpfile(), *svg = tmpfile();
	char *text = NULL, *alt, *plot = NULL;
	int bad;

	if (!script || !svg) {
		bad = refuse(err, "a temporary file: %s", strerror(errno));
	} else {
		put_script(script, rows, n, r->n_plots);
		bad = run_gnuplot(script, svg, err);
		if (!bad)
			text = read_back(svg);
	}
	if (text) {
		alt = alt_text(rows, n);
		plot = embed(text, alt);
		free(alt);
		free(text);
	}
	if (!bad && !plot)
		bad = refuse(err, "gnuplot drew no SVG");
	if (plot) {
		r->plots = xrealloc(r->plots,
				    (r->n_plots + 1) * sizeof(*r->plots));
		r->plots[r->n_plots++] = plot;
	}
	if (script)
		fclose(script);
	if (svg)
		fclose(svg);
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

/* The cell that begins with at; a drawing too full for it is ended first. */
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

int plots_make(struct report *r, struct error *err)
{
	const struct result *result = &r->result;
	struct drawing d = { .n = 0 };
	size_t i, j;

	for (i = 0; i < result->n_figures; i++) {
		if (!begins_plot(result, i))
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

void plots_free(struct report *r)
{
	size_t i;

	for (i = 0; i < r->n_plots; i++)
		free(r->plots[i]);
	free(r->plots);
}
