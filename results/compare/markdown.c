// SPDX-License-Identifier: GPL-2.0
/* Writes a comparison as Markdown for a merge request. */
#include <stdlib.h>
#include <string.h>

#include "base/markdown.h"
#include "base/text.h"
#include "compare/diff.h"

#define ROWS_MAX 200 /* of a table; the rest is counted */

static void put_row(FILE *f, const char *name, const char *from, const char *to,
		    const char *why)
{
	fputs("| ", f);
	markdown_code(f, name);
	fputs(" | ", f);
	markdown_code(f, from);
	fputs(" | ", f);
	markdown_code(f, to);
	fputs(" | ", f);
	markdown_code(f, why);
	fputs(" |\n", f);
}

static void put_delta(FILE *f, const struct delta *v)
{
	char *name = delta_name(v), *why = delta_why(v), *all;

	all = xasprintf("%s%s%s", why, *why && v->evidence ? "; " : "",
			v->evidence ? v->evidence : "");
	put_row(f, name, delta_verdict(v->base), delta_verdict(v->head), all);
	free(name);
	free(why);
	free(all);
}

static void put_cost(FILE *f, const struct cost_delta *c)
{
	char *name = cost_name(c), *text = cost_text(c);
	char *from =
		c->base ? xasprintf("%.12g", c->base->value) : xstrdup("none");
	char *to =
		c->head ? xasprintf("%.12g", c->head->value) : xstrdup("none");

	put_row(f, name, from, to, text);
	free(name);
	free(text);
	free(from);
	free(to);
}

/* The rows of one kind of change, at most ROWS_MAX in all. */
static size_t put_rows(FILE *f, const struct diff *d, enum change change)
{
	size_t i, rows = 0;

	for (i = 0; i < d->n_problems && rows < ROWS_MAX; i++) {
		const struct problem_delta *p = &d->problems[i];
		char *text;

		if (p->change != change)
			continue;
		text = text_reason(p->reason, p->detail);
		put_row(f, "the run", change == WORSE ? "none" : "problem",
			change == WORSE ? "problem" : "none", text);
		rows++;
		free(text);
	}
	for (i = 0; i < d->n && rows < ROWS_MAX; i++) {
		if (d->v[i].change == change) {
			put_delta(f, &d->v[i]);
			rows++;
		}
	}
	for (i = 0; i < d->n_costs && rows < ROWS_MAX; i++) {
		if (d->costs[i].change == change) {
			put_cost(f, &d->costs[i]);
			rows++;
		}
	}
	return rows;
}

static void put_changes(FILE *f, const struct diff *d, enum change change,
			const char *heading)
{
	size_t rows;

	if (!d->counts[change])
		return;
	fprintf(f,
		"\n**%s: %zu**\n\n| what | base | head | why |\n"
		"| --- | --- | --- | --- |\n",
		heading, d->counts[change]);
	rows = put_rows(f, d, change);
	if (rows < d->counts[change])
		fprintf(f, "\n%zu more are not shown.\n",
			d->counts[change] - rows);
}

static void put_not_judged(FILE *f, const struct diff *d)
{
	size_t i, rows = 0;

	if (d->not_judged)
		fprintf(f, "\n**Not judged: %zu**\n\n", d->not_judged);
	for (i = 0; i < d->n_costs && rows < ROWS_MAX; i++) {
		const struct cost_delta *c = &d->costs[i];
		char *name, *line;

		if (!c->why_not)
			continue;
		name = cost_name(c);
		line = xasprintf("%s: %s", name, c->why_not);
		fputs("- ", f);
		markdown_code(f, line);
		fputc('\n', f);
		rows++;
		free(name);
		free(line);
	}
}

static void put_head(FILE *f, const struct diff *d)
{
	size_t i;

	fprintf(f, "\n### %s: ", d->counts[WORSE] ? "Worse" : "Not worse");
	markdown_code(f, d->base->label);
	fputs(" to ", f);
	markdown_code(f, d->head->label);
	fprintf(f, "\n\n%zu worse, %zu better, %zu other, %zu the same.\n",
		d->counts[WORSE], d->counts[BETTER], d->counts[OTHER],
		d->counts[SAME]);
	put_changes(f, d, WORSE, "Worse");
	put_changes(f, d, BETTER, "Better");
	put_changes(f, d, OTHER, "Other changes");
	put_not_judged(f, d);
	if (d->n_warnings)
		fputs("\n**The two differ in more than the change:**\n\n", f);
	for (i = 0; i < d->n_warnings; i++) {
		fputs("- ", f);
		markdown_code(f, d->warnings[i]);
		fputc('\n', f);
	}
}

int diff_markdown(const struct diff *d, size_t n, const char *path,
		  struct error *err)
{
	struct outfile out;
	size_t i;

	if (out_open_file(&out, path, err))
		return -1;
	fputs("## chargeback\n", out.f);
	for (i = 0; i < n; i++)
		put_head(out.f, &d[i]);
	return out_commit(&out, err);
}
