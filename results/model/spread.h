/* SPDX-License-Identifier: GPL-2.0 */
/* How samples scatter, without a guess at their distribution. */
#ifndef CB_SPREAD_H
#define CB_SPREAD_H

#include <jansson.h>

struct spread {
	size_t n;
	double least, low, median, high, most; /* low, high: the quartiles */
	/*
	 * Between these two samples the median of all there could be lies, with
	 * a probability of 95 % or more.  NaN where the samples are too few.
	 */
	double from, to;
};

/* The samples as numbers, n of them. The caller frees. */
double *samples_array(json_t *samples, size_t *n);
struct spread spread_of(json_t *samples);
/* For people. The caller frees. */
char *spread_text(json_t *samples);

#endif
