/* SPDX-License-Identifier: GPL-2.0 */
/* Distribution-free statistics of samples. */
#ifndef CB_SPREAD_H
#define CB_SPREAD_H

#include <jansson.h>

struct spread {
	size_t n;
	double least, low, median, high, most; /* low, high: the quartiles */
	/*
	 * Confidence interval of the median, at least 95 %. NaN when there are
	 * too few samples.
	 */
	double from, to;
};

/* The samples as numbers, n of them. The caller frees. */
double *samples_array(json_t *samples, size_t *n);
struct spread spread_of(json_t *samples);
/* As text. The caller frees. */
char *spread_text(json_t *samples);

#endif
