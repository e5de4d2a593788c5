// SPDX-License-Identifier: GPL-2.0
/* The rank test, and the correction for many tests at once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "model/rank.h"

#define EXACT_MAX 50
#define SHIFT_MIN 0.01 /* less is not worth a word */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *sorted, size_t n)
{
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* The number of pairs in which b is larger; a tie counts half. */
static double pairs_above(const double *a, size_t n, const double *b, size_t m)
{
	double u = 0;
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < m; j++)
			u += b[j] > a[i] ? 1 : b[j] == a[i] ? 0.5 : 0;
	}
	return u;
}

/*
 * ways[u]: in how many orders of n and m there are u such pairs. The numbers
 * are the coefficients of the product over i of (1 - x^(m+i)) / (1 - x^i);
 * the small ones, which p is made of, come out exact.
 */
static double *count_ways(size_t n, size_t m)
{
	size_t top = n * m, i, u;
	double *ways = xrealloc(NULL, (top + 1) * sizeof(*ways));

	memset(ways, 0, (top + 1) * sizeof(*ways));
	ways[0] = 1;
	for (i = 1; i <= n; i++) {
		for (u = top; u >= m + i; u--)
			ways[u] -= ways[u - m - i];
		for (u = i; u <= top; u++)
			ways[u] += ways[u - i];
	}
	return ways;
}

/* The probability of u or less, and of 0. */
static void exact(double u, size_t n, size_t m, double *p, double *least)
{
	double *ways = count_ways(n, m), all = 1, some = 0;
	size_t i;

	for (i = 1; i <= n; i++)
		all *= (double)(m + i) / (double)i;
	for (i = 0; i <= (size_t)u; i++)
		some += ways[i];
	*p = some / all;
	*least = 1 / all;
	free(ways);
}

/* The sum of t^3 - t over all groups of t equal samples of a and b. */
static double ties_of(const double *a, size_t n, const double *b, size_t m)
{
	double *all = xrealloc(NULL, (n + m) * sizeof(*all)), sum = 0;
	size_t i, j;

	memcpy(all, a, n * sizeof(*all));
	memcpy(all + n, b, m * sizeof(*all));
	qsort(all, n + m, sizeof(*all), by_value);
	for (i = 0; i < n + m; i = j) {
		for (j = i; j < n + m && all[j] == all[i]; j++)
			;
		sum += pow((double)(j - i), 3) - (double)(j - i);
	}
	free(all);
	return sum;
}

static double normal_tail(double u, double n, double m, double ties)
{
	double all = n + m;
	double var = n * m / 12 * (all + 1 - ties / (all * (all - 1)));

	return var > 0 ? erfc((n * m / 2 - u - 0.5) / sqrt(2 * var)) / 2 : 1;
}

void rank_test(struct rank *r, double *a, size_t n, double *b, size_t m)
{
	double above, u, ties;

	qsort(a, n, sizeof(*a), by_value);
	qsort(b, m, sizeof(*b), by_value);
	r->median_a = median(a, n);
	r->median_b = median(b, m);
	above = pairs_above(a, n, b, m);
	r->above = above / (double)(n * m);
	u = fmin(above, (double)(n * m) - above);
	ties = ties_of(a, n, b, m);
	if (ties == 0 && n <= EXACT_MAX && m <= EXACT_MAX) {
		exact(u, n, m, &r->p, &r->least_p);
	} else {
		r->p = normal_tail(u, (double)n, (double)m, ties);
		r->least_p = normal_tail(0, (double)n, (double)m, 0);
	}
	r->p = fmin(1, 2 * r->p);
	r->least_p = fmin(1, 2 * r->least_p);
}

double rank_limit(double *p, size_t n, double q)
{
	size_t i;

	qsort(p, n, sizeof(*p), by_value);
	for (i = n; i > 0; i--) {
		if (p[i - 1] <= q * (double)i / (double)n)
			return p[i - 1];
	}
	return -1;
}

bool rank_moved(const struct rank *r, double limit)
{
	return r->p <= limit &&
	       fabs(r->median_b / r->median_a - 1) >= SHIFT_MIN;
}
