// SPDX-License-Identifier: GPL-2.0
/* The page of a history. */
#include <stdlib.h>
#include <string.h>

#include "view/page.h"
#include "view/plot.h"
#include "view/trend.h"

#define PLOTS_MAX 24
#define PLOT_HEIGHT 220 /* pixels */
#define ROWS_MAX 500 /* of a table */

static const char *way_of(const struct history_move *m)
{
	return m->worse > 0 ? "worse" : m->worse < 0 ? "better" : "other";
}

static void put_value(FILE *f, const struct history_track *t,
		      const struct history_move *m)
{
	if (t->unit) {
		fprintf(f, "%.10g &#8594; %.10g ", m->from, m->to);
		html_text(f, t->unit);
	} else {
		page_badge(f, t->points[m->point - 1].verdict);
		fputs(" &#8594; ", f);
		page_badge(f, t->points[m->point].verdict);
	}
}

/* The verdict of each run of the history, as a strip of squares. */
static void put_strip(FILE *f, const struct history *h,
		      const struct history_track *t)
{
	size_t run, at = 0;

	fputs("<div class=\"strip\">", f);
	for (run = 0; run < h->n_runs; run++) {
		bool ran = at < t->n && t->points[at].run == run;

		fprintf(f, "<i class=\"%s\" title=\"%zu: ",
			ran ? verdict_class(t->points[at].verdict) : "gap",
			run + 1);
		html_text(f, h->runs[run].label);
		fprintf(f, ": %s\"></i>",
			ran ? verdict_names[t->points[at].verdict] :
			      "not in it");
		at += ran;
	}
	fputs("</div>", f);
}

static void put_row(FILE *f, const struct history *h,
		    const struct history_track *t, const struct history_move *m)
{
	const struct history_run *since = history_since(h, t, m);

	fprintf(f,
		"<tr><td><span class=\"v %s\">%s</span></td><th scope=\"row\">",
		m->worse > 0 ? "bad" :
		m->worse < 0 ? "good" :
			       "known",
		way_of(m));
	html_list(f, t->name);
	fputs("<p class=\"cell\">Linux ", f);
	html_text(f, t->series);
	fputs("</p></th><td>", f);
	put_value(f, t, m);
	if (!t->unit)
		put_strip(f, h, t);
	fprintf(f, "</td><td>run %zu, ", (size_t)(since - h->runs) + 1);
	html_list(f, since->label);
	fputs("<p class=\"cell\">", f);
	html_text(f, since->time);
	fputs("</p></td></tr>\n", f);
}

static void put_moves(FILE *f, const struct history *h)
{
	static const int ways[] = { 1, 0, -1 };
	size_t i, k, rows = 0;

	fputs("<section id=\"moves\"><h2>What moved</h2>\n"
	      "<table class=\"costs\"><thead><tr><th></th><th>entry or cost</th>"
	      "<th>from, to</th><th>since</th></tr></thead><tbody>\n",
	      f);
	for (k = 0; k < sizeof(ways) / sizeof(*ways); k++) {
		for (i = 0; i < h->n_tracks && rows < ROWS_MAX; i++) {
			const struct history_track *t = &h->tracks[i];
			const struct history_move *m = history_last(t);

			if (!m || m->worse != ways[k])
				continue;
			put_row(f, h, t, m);
			rows++;
		}
	}
	fputs("</tbody></table>\n", f);
	if (!rows)
		fputs("<p>Nothing moved.</p>\n", f);
	if (rows == ROWS_MAX)
		fputs("<p>More moved than is shown.</p>\n", f);
	fputs("</section>\n", f);
}

/* A line through the points, and a dashed one where the cost moved. */
static void put_script(FILE *f, const struct history *h,
		       const struct history_track *t)
{
	size_t kept = t->n_moves < MOVES_MAX ? t->n_moves : MOVES_MAX, i;

	fputs("unset key\nset border 3\nset xtics nomirror\n"
	      "set ytics nomirror\nset lmargin 12\nset format y '%.6g'\n"
	      "set offsets graph 0, graph 0, graph 0.1, graph 0.1\n"
	      "set title \"",
	      f);
	plot_text(f, t->name);
	fputs("\" font ',10'\nset ylabel \"", f);
	plot_text(f, t->unit);
	fprintf(f, "\"\nset xlabel \"run\"\nset xrange [0.5:%zu.5]\n",
		h->n_runs);
	for (i = 0; i < kept; i++)
		fprintf(f,
			"set arrow from %zu.5,graph 0 to %zu.5,graph 1 nohead "
			"dashtype 2 linecolor rgb \"%s\"\n",
			t->points[t->moves[i].point].run,
			t->points[t->moves[i].point].run,
			t->moves[i].worse > 0 ? "#d1242f" : "#2da44e");
	fputs("$line << END\n", f);
	for (i = 0; i < t->n; i++)
		fprintf(f, "%zu %.17g\n", t->points[i].run + 1,
			t->points[i].value);
	fprintf(f,
		"END\nplot $line with linespoints pointtype 7 pointsize 0.4 "
		"linecolor rgb \"%s\"\n",
		plot_colour(t->driver));
}

/* The text alternative of the drawing. */
static void put_alt(FILE *f, const struct history *h,
		    const struct history_track *t)
{
	const struct history_move *m = history_last(t);

	html_text(f, t->name);
	fprintf(f, " in ");
	html_text(f, t->unit);
	fprintf(f, ", %zu runs: from %.6g to %.6g", t->n, t->points[0].value,
		t->points[t->n - 1].value);
	if (m) {
		fputs("; moved in ", f);
		html_text(f, history_since(h, t, m)->label);
	}
}

static int draw(struct report *plots, const struct history *h,
		const struct history_track *t, struct error *err)
{
	char *script, *alt;
	size_t size;
	FILE *f = xmemstream(&script, &size);
	int bad;

	put_script(f, h, t);
	fclose(f);
	f = xmemstream(&alt, &size);
	put_alt(f, h, t);
	fclose(f);
	bad = plot_draw(plots, PLOT_HEIGHT, script, alt, err);
	free(script);
	free(alt);
	return bad;
}

/* Costs that moved come first. Returns the number of costs. */
static size_t draw_all(struct report *plots, const struct history *h,
		       struct error *why)
{
	size_t i, n = 0;
	int pass;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < h->n_tracks; i++) {
			const struct history_track *t = &h->tracks[i];

			if (!t->unit || !t->n ||
			    (history_last(t) == NULL) != (pass == 1))
				continue;
			if (n++ < PLOTS_MAX && !plots->undrawn &&
			    draw(plots, h, t, why))
				plots->undrawn = why->text;
		}
	}
	return n;
}

static void put_plots(FILE *f, const struct history *h)
{
	struct error why = { "" };
	struct report plots = { .n_plots = 0 };
	size_t costs = draw_all(&plots, h, &why), i;

	if (!costs)
		return;
	fputs("<section id=\"costs\"><h2>Costs, run by run</h2>\n"
	      "<p>Less is better, except of IOPS. A dashed line is where a cost "
	      "moved.</p>\n<div class=\"plots\">\n",
	      f);
	for (i = 0; i < plots.n_plots; i++)
		fprintf(f, "<figure>%s</figure>\n", plots.plots[i]);
	fputs("</div>\n", f);
	if (plots.undrawn) {
		fputs("<p class=\"meter\">not drawn: ", f);
		html_text(f, plots.undrawn);
		fputs("</p>\n", f);
	} else if (costs > PLOTS_MAX) {
		fprintf(f, "<p>%zu more costs are not drawn.</p>\n",
			costs - PLOTS_MAX);
	}
	fputs("</section>\n", f);
	plots_free(&plots);
}

static void put_runs(FILE *f, const struct history *h)
{
	size_t i;

	fputs("<section id=\"runs\"><h2>Runs</h2>\n"
	      "<details><summary>all of them</summary>\n"
	      "<table class=\"prov\"><tbody>\n",
	      f);
	for (i = 0; i < h->n_runs; i++) {
		fprintf(f, "<tr><th scope=\"row\">%zu</th><td>", i + 1);
		html_list(f, h->runs[i].label);
		fputs("<p class=\"cell\">", f);
		html_text(f, h->runs[i].time);
		fputs(", Linux ", f);
		html_text(f, h->runs[i].kernel);
		fputs("</p></td></tr>\n", f);
	}
	fputs("</tbody></table></details>\n", f);
	for (i = 0; i < h->n_left_out; i++) {
		fputs("<p class=\"meter\">left out: ", f);
		html_text(f, h->left_out[i]);
		fputs("</p>\n", f);
	}
	fputs("</section>\n", f);
}

static void put_head(FILE *f, const struct history *h)
{
	size_t i, n[3] = { 0, 0, 0 };

	for (i = 0; i < h->n_tracks; i++) {
		const struct history_move *m = history_last(&h->tracks[i]);

		if (m)
			n[m->worse + 1]++;
	}
	page_open(f, n[2] ? "worse: chargeback over many runs" :
			    "not worse: chargeback over many runs");
	fprintf(f,
		"<header><h1>chargeback <span>over %zu runs</span></h1>\n"
		"<p class=\"status %s\"><strong>%s</strong></p>\n"
		"<p class=\"counts\">%zu moved for the worse, %zu for the "
		"better, %zu otherwise <span class=\"of\">of %zu entries and "
		"costs</span></p>\n<p class=\"made\">",
		h->n_runs, n[2] ? "bad" : "good", n[2] ? "Worse" : "Not worse",
		n[2], n[0], n[1], h->n_tracks);
	html_text(f, h->runs[0].time);
	fputs(" to ", f);
	html_text(f, h->runs[h->n_runs - 1].time);
	fputs("</p>\n</header>\n", f);
}

int trend_write(const struct history *h, const char *path, struct error *err)
{
	struct outfile out;

	if (out_open_file(&out, path, err))
		return -1;
	put_head(out.f, h);
	put_moves(out.f, h);
	put_plots(out.f, h);
	put_runs(out.f, h);
	page_close(out.f);
	return out_commit(&out, err);
}
