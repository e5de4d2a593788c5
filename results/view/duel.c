// SPDX-License-Identifier: GPL-2.0
/* Compares two drivers in the same cells of one result by rank tests. */
#include <math.h>
#include <stdlib.h>

#include "base/util.h"
#include "view/duel.h"
#include "model/rank.h"
#include "model/spread.h"
#include "model/unit.h"

static bool test(struct rank *r, const struct duel *duel)
{
	size_t n, m;
	double *theirs = samples_array(duel->theirs, &n);
	double *ours = samples_array(duel->ours, &m);
	bool enough = n && m;

	if (enough)
		rank_test(r, theirs, n, ours, m);
	free(theirs);
	free(ours);
	return enough && r->least_p <= RANK_FALSE_SHARE && r->median_a > 0;
}

static const char *word(const struct rank *r, double limit, int direction)
{
	if (!rank_moved(r, limit))
		return "no difference";
	return (r->median_b > r->median_a) == (direction > 0) ? "worse" :
								"better";
}

void duels_print(const struct duel *duels, size_t n, const char *unit,
		 int width, FILE *f)
{
	struct rank *ranks = xrealloc(NULL, (n + 1) * sizeof(*ranks));
	bool *judged = xrealloc(NULL, (n + 1) * sizeof(*judged));
	double *p = xrealloc(NULL, (n + 1) * sizeof(*p)), limit;
	int direction = unit_direction(unit);
	size_t i, tests = 0;

	for (i = 0; i < n; i++) {
		judged[i] = test(&ranks[i], &duels[i]);
		if (judged[i])
			p[tests++] = ranks[i].p;
	}
	limit = rank_limit(p, tests, RANK_FALSE_SHARE);
	for (i = 0; i < n && direction; i++) {
		fprintf(f, "  %-*s ", width, duels[i].cell);
		if (judged[i])
			fprintf(f,
				"%-13s  x%.3f, higher in %.0f %% of pairs, "
				"p %.2g\n",
				word(&ranks[i], limit, direction),
				ranks[i].median_b / ranks[i].median_a,
				100 * ranks[i].above, ranks[i].p);
		else
			fputs("not judged: too few rounds\n", f);
	}
	free(ranks);
	free(judged);
	free(p);
}
