/* SPDX-License-Identifier: GPL-2.0 */
/* Tests by ranks, not by means, whether two sets of measurements differ. */
#ifndef CB_RANK_H
#define CB_RANK_H

#include <stdbool.h>
#include <stddef.h>

/* The expected share of false positives among the reported differences. */
#define RANK_FALSE_SHARE 0.05

struct rank {
	double p; /* two-sided */
	double least_p; /* the smallest p possible with this many samples */
	double above; /* share of pairs in which b is larger; ties count half */
	double median_a;
	double median_b;
};

/*
 * The Mann-Whitney test. Exact without ties and with at most 50 samples each;
 * otherwise the normal approximation, corrected for ties. n and m are at least
 * 1. Sorts a and b.
 */
void rank_test(struct rank *r, double *a, size_t n, double *b, size_t m);

/*
 * Benjamini-Hochberg over n tests: the largest p that is still significant when
 * the expected share of false positives is q. -1 when none is. Sorts p.
 */
double rank_limit(double *p, size_t n, double q);

/*
 * Significant at that limit, and medians that differ by at least a percent.
 * median_a must not be 0.
 */
bool rank_moved(const struct rank *r, double limit);

#endif
