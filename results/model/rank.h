/* SPDX-License-Identifier: GPL-2.0 */
/* Whether two sets of measurements differ: by their ranks, not their means. */
#ifndef CB_RANK_H
#define CB_RANK_H

#include <stdbool.h>
#include <stddef.h>

/* Of what is said to have moved, at most so much is chance alone. */
#define RANK_FALSE_SHARE 0.05

struct rank {
	double p; /* that chance alone sets them apart this far, either way */
	double least_p; /* what p could be at best with as many of them */
	double above; /* share of pairs in which b's is the larger; ties half */
	double median_a;
	double median_b;
};

/*
 * The test of Mann and Whitney. Exact where nothing is tied and neither has
 * more than 50; else the normal approximation, corrected for ties. n and m
 * are 1 or more; a and b are sorted by it.
 */
void rank_test(struct rank *r, double *a, size_t n, double *b, size_t m);

/*
 * Of n tests together: the largest p that still counts, so that of those that
 * count at most the share q is expected to be chance alone (Benjamini and
 * Hochberg). -1 when none counts. Sorts p.
 */
double rank_limit(double *p, size_t n, double q);

/* Below that limit, and by a percent or more; median_a is not 0. */
bool rank_moved(const struct rank *r, double limit);

#endif
