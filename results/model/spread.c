// SPDX-License-Identifier: GPL-2.0
/* Distribution-free statistics of samples. */
#include <math.h>
#include <stdlib.h>

#include "base/util.h"
#include "model/spread.h"

#define CONFIDENCE 0.95

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Linear interpolation between two samples. */
static double at_share(const double *v, size_t n, double share)
{
	double place = share * (double)(n - 1);
	size_t below = (size_t)place;

	if (below + 1 >= n)
		return v[n - 1];
	return v[below] + (place - (double)below) * (v[below + 1] - v[below]);
}

/*
 * A sample is above the median with probability 1/2. So the k-th smallest and
 * the k-th largest miss it with twice the probability that n coins show fewer
 * than k heads. Use the largest k for which that is rare enough; 0: there is
 * none.
 */
static size_t interval_rank(size_t n)
{
	double one = pow(0.5, (double)n), missed = 0;
	size_t k;

	for (k = 0; k < n / 2; k++) {
		missed += 2 * one;
		if (missed > 1 - CONFIDENCE)
			break;
		one *= (double)(n - k) / (double)(k + 1);
	}
	return k;
}

double *samples_array(json_t *samples, size_t *n)
{
	double *v;
	size_t i;

	*n = json_array_size(samples);
	v = xrealloc(NULL, (*n + 1) * sizeof(*v));
	for (i = 0; i < *n; i++)
		v[i] = json_number_value(json_array_get(samples, i));
	return v;
}

struct spread spread_of(json_t *samples)
{
	size_t n, rank;
	double *v = samples_array(samples, &n);
	struct spread s = { .n = n, .from = NAN, .to = NAN };

	qsort(v, n, sizeof(*v), compare);
	rank = interval_rank(n);
	if (n) {
		s.least = v[0];
		s.most = v[n - 1];
		s.median = at_share(v, n, 0.5);
		s.low = at_share(v, n, 0.25);
		s.high = at_share(v, n, 0.75);
	}
	if (rank) {
		s.from = v[rank - 1];
		s.to = v[n - rank];
	}
	free(v);
	return s;
}

char *spread_text(json_t *samples)
{
	struct spread s = spread_of(samples);
	char *interval =
		isnan(s.from) ?
			xstrdup("of too few rounds for an interval") :
			xasprintf("95 %% interval %.1f to %.1f", s.from, s.to);
	char *text = xasprintf("median %.1f, quartiles %.1f to %.1f, %s, n %zu",
			       s.median, s.low, s.high, interval, s.n);

	free(interval);
	return text;
}
