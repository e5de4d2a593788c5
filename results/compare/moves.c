// SPDX-License-Identifier: GPL-2.0
/* Finds in which run a verdict or a cost moved. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/diff.h"
#include "compare/moves.h"
#include "model/unit.h"

#define TOLERANCE_DEFAULT 0.5 /* percent, between different images */
#define CLOCK_RUNS 60 /* of a cost by the clock; an exact test takes longer */

static void add_move(struct history_track *t, struct history_move move)
{
	if (t->n_moves >= MOVES_MAX)
		memmove(t->moves, t->moves + 1,
			(MOVES_MAX - 1) * sizeof(*t->moves));
	t->moves[t->n_moves < MOVES_MAX ? t->n_moves : MOVES_MAX - 1] = move;
	t->n_moves++;
}

static void find_flips(struct history_track *t)
{
	size_t i;

	for (i = 1; i < t->n; i++) {
		enum verdict from = t->points[i - 1].verdict;
		enum verdict to = t->points[i].verdict;
		enum change change = change_of(from, to);

		if (from != to)
			add_move(t, (struct history_move){
					    .point = i,
					    .worse = (change == WORSE) -
						     (change == BETTER) });
	}
}

static int worse_by(const struct history_track *t, double from, double to)
{
	return (to > from ? 1 : -1) * unit_direction(t->unit);
}

/* By more than the two machines may differ. */
static bool left_level(const struct history *h, const struct history_point *was,
		       const struct history_point *is)
{
	const char *image = h->runs[was->run].machine;
	double allowed =
		was->tolerance < 0 ? TOLERANCE_DEFAULT : was->tolerance;

	if (*image && !strcmp(image, h->runs[is->run].machine))
		allowed = 0;
	return fabs(is->value / was->value - 1) * 100 > allowed;
}

/* In virtual time, where each run counts by itself. */
static void find_steps(const struct history *h, struct history_track *t)
{
	const struct history_point *level = NULL;
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct history_point *p = &t->points[i];

		if (p->unstable)
			continue;
		if (level && left_level(h, level, p))
			add_move(t, (struct history_move){
					    .point = i,
					    .from = level->value,
					    .to = p->value,
					    .worse = worse_by(t, level->value,
							      p->value) });
		else if (level)
			continue;
		level = p;
	}
}

/* A stretch of stable points of a track, [0, n). */
struct stretch {
	size_t point[CLOCK_RUNS];
	double value[CLOCK_RUNS];
	size_t n;
};

/*
 * Splits the stretch [from, to) where both sides differ most. Returns where the
 * second side begins; r->p counts all splits that were tried.
 */
static size_t best_split(const struct stretch *s, size_t from, size_t to,
			 struct rank *r)
{
	double a[CLOCK_RUNS], b[CLOCK_RUNS];
	size_t at, best = from + 1;

	r->p = 2;
	for (at = from + 1; at < to; at++) {
		struct rank now;

		memcpy(a, s->value + from, (at - from) * sizeof(*a));
		memcpy(b, s->value + at, (to - at) * sizeof(*b));
		rank_test(&now, a, at - from, b, to - at);
		if (now.p >= r->p)
			continue;
		*r = now;
		best = at;
	}
	r->p *= (double)(to - from - 1);
	return best;
}

/* Splits until no side differs; the moves come in the order of time. */
static void split(struct history_track *t, const struct stretch *s, size_t from,
		  size_t to, double limit)
{
	struct rank r;
	size_t at;

	if (to - from < 2)
		return;
	at = best_split(s, from, to, &r);
	if (r.median_a <= 0 || !rank_moved(&r, limit))
		return;
	split(t, s, from, at, limit);
	add_move(t, (struct history_move){
			    .point = s->point[at],
			    .from = r.median_a,
			    .to = r.median_b,
			    .worse = worse_by(t, r.median_a, r.median_b) });
	split(t, s, at, to, limit);
}

static void stretch_of(const struct history_track *t, struct stretch *s)
{
	size_t i, stable = 0;

	for (i = 0; i < t->n; i++)
		stable += !t->points[i].unstable;
	s->n = 0;
	for (i = 0; i < t->n; i++) {
		if (t->points[i].unstable)
			continue;
		/* The newest ones. */
		if (stable-- > CLOCK_RUNS)
			continue;
		s->point[s->n] = i;
		s->value[s->n++] = t->points[i].value;
	}
}

static bool by_clock(const struct history_track *t)
{
	return t->unit && strcmp(t->unit, "virtual ns") &&
	       unit_direction(t->unit);
}

/*
 * Among a hundred costs that did not move, a few look as if: judge all of them
 * together.
 */
static double clock_limit(const struct history *h)
{
	double *p = xrealloc(NULL, (h->n_tracks + 1) * sizeof(*p)), limit;
	size_t i, n = 0;

	for (i = 0; i < h->n_tracks; i++) {
		struct stretch s;
		struct rank r;

		if (!by_clock(&h->tracks[i]))
			continue;
		stretch_of(&h->tracks[i], &s);
		if (s.n < 2)
			continue;
		best_split(&s, 0, s.n, &r);
		p[n++] = r.p;
	}
	limit = rank_limit(p, n, RANK_FALSE_SHARE);
	free(p);
	return limit;
}

void moves_find(struct history *h)
{
	double limit = clock_limit(h);
	size_t i;

	for (i = 0; i < h->n_tracks; i++) {
		struct history_track *t = &h->tracks[i];
		struct stretch s;

		if (!t->unit) {
			find_flips(t);
		} else if (!strcmp(t->unit, "virtual ns")) {
			find_steps(h, t);
		} else if (by_clock(t)) {
			stretch_of(t, &s);
			split(t, &s, 0, s.n, limit);
		}
	}
}
