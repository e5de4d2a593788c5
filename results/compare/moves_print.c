// SPDX-License-Identifier: GPL-2.0
/* Prints the moves of a history. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "compare/moves.h"

#define EARLIER_MAX 4 /* moves before the last one that are printed */

static void put_clean(FILE *f, const char *s)
{
	char *clean = text_clean(s);

	fputs(clean, f);
	free(clean);
}

static void put_since(FILE *f, const struct history *h,
		      const struct history_track *t,
		      const struct history_move *m)
{
	const struct history_run *run = history_since(h, t, m);

	put_clean(f, run->label);
	fputs(" (", f);
	put_clean(f, run->kernel);
	fprintf(f, ", ");
	put_clean(f, run->time);
	fputc(')', f);
}

static void put_what(FILE *f, const struct history_track *t,
		     const struct history_move *m)
{
	if (t->unit) {
		fprintf(f, "%.10g -> %.10g ", m->from, m->to);
		put_clean(f, t->unit);
		if (m->from > 0)
			fprintf(f, ", x%.4f", m->to / m->from);
		return;
	}
	fprintf(f, "%s -> %s", verdict_names[t->points[m->point - 1].verdict],
		verdict_names[t->points[m->point].verdict]);
}

static void put_track(FILE *f, const struct history *h,
		      const struct history_track *t, bool colour)
{
	const struct history_move *last = history_last(t), *m;
	const char *in = last->worse > 0 ? "\033[31m" :
			 last->worse < 0 ? "\033[32m" :
					   "\033[33m";

	fputs("  ", f);
	put_clean(f, t->name);
	fprintf(f, " on %s: %s", t->series, colour ? in : "");
	put_what(f, t, last);
	fprintf(f, "%s since ", colour ? "\033[0m" : "");
	put_since(f, h, t, last);
	fputc('\n', f);
	for (m = last; m > t->moves && last - m < EARLIER_MAX;) {
		m--;
		fputs("      before: ", f);
		put_what(f, t, m);
		fputs(" since ", f);
		put_since(f, h, t, m);
		fputc('\n', f);
	}
	if (t->n_moves > (size_t)(last - m) + 1)
		fprintf(f, "      and %zu moves before\n",
			t->n_moves - (size_t)(last - m) - 1);
}

/* Prints the tracks whose last move went this way; returns their number. */
static size_t put_tracks(FILE *f, const struct history *h, int worse,
			 const char *title, bool colour)
{
	size_t i, n = 0;

	for (i = 0; i < h->n_tracks; i++) {
		const struct history_move *m = history_last(&h->tracks[i]);

		if (!m || m->worse != worse)
			continue;
		if (!n++)
			fprintf(f, "\n%s\n", title);
		put_track(f, h, &h->tracks[i], colour);
	}
	return n;
}

bool moves_print(const struct history *h, FILE *f, bool colour)
{
	size_t worse, better, other, i;

	fprintf(f, "%zu results, from ", h->n_runs);
	put_clean(f, h->runs[0].time);
	fputs(" to ", f);
	put_clean(f, h->runs[h->n_runs - 1].time);
	fprintf(f, "; %zu entries and costs\n", h->n_tracks);
	if (h->too_old)
		fprintf(f, "left out: %zu older ones, as %d are compared\n",
			h->too_old, HISTORY_MAX);
	for (i = 0; i < h->n_left_out; i++) {
		fputs("left out: ", f);
		put_clean(f, h->left_out[i]);
		fputc('\n', f);
	}
	worse = put_tracks(f, h, 1, "worse", colour);
	better = put_tracks(f, h, -1, "better", colour);
	other = put_tracks(f, h, 0, "other", colour);
	fprintf(f,
		"\n%s: %zu moved for the worse, %zu for the better, %zu "
		"otherwise\n",
		worse ? "worse" : "not worse", worse, better, other);
	return worse;
}
