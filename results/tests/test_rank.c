// SPDX-License-Identifier: GPL-2.0
/* The rank test, against values that can be counted by hand or are known. */
#include <math.h>
#include <string.h>

#include "help.h"
#include "rank.h"

#define NEAR(is, want) assert_true(fabs((is) - (want)) < 1e-6)
#define COUNT(v) (sizeof(v) / sizeof(*(v)))

static void small_ones_are_exact(void **state)
{
	double a[] = { 4, 1, 2 }, b[] = { 6, 3, 5 };
	struct rank r;

	(void)state;
	/* 8 of 9 pairs; of 20 orders 2 are as far apart or farther, twice. */
	rank_test(&r, a, 3, b, 3);
	NEAR(r.p, 0.2);
	NEAR(r.least_p, 0.1);
	NEAR(r.above, 8.0 / 9);
	NEAR(r.median_a, 2);
	NEAR(r.median_b, 5);
	/* The same the other way round. */
	rank_test(&r, b, 3, a, 3);
	NEAR(r.p, 0.2);
	NEAR(r.above, 1.0 / 9);
}

static void five_apart(void **state)
{
	double a[] = { 1, 2, 3, 4, 5 }, b[] = { 6, 7, 8, 9, 10, 11 };
	struct rank r;

	(void)state;
	rank_test(&r, a, 5, b, 5);
	NEAR(r.p, 2.0 / 252);
	NEAR(r.least_p, r.p);
	NEAR(r.above, 1);
	rank_test(&r, a, 5, b, 6);
	NEAR(r.p, 2.0 / 462);
	NEAR(r.median_b, 8.5);
}

static void the_same_is_no_difference(void **state)
{
	double a[] = { 7, 7, 7, 7 }, b[] = { 7, 7, 7, 7 };
	double c[] = { 1, 4, 5, 8 }, d[] = { 2, 3, 6, 7 };
	struct rank r;

	(void)state;
	rank_test(&r, a, 4, b, 4);
	NEAR(r.p, 1);
	NEAR(r.above, 0.5);
	rank_test(&r, c, 4, d, 4);
	NEAR(r.p, 1);
	NEAR(r.above, 0.5);
	rank_test(&r, a, 1, c, 1);
	NEAR(r.p, 1);
	NEAR(r.least_p, 1);
}

/* 34 of 36 pairs; of four pairs of equals t^3 - t is 6 each. */
static void ties_are_corrected_for(void **state)
{
	double a[] = { 1, 2, 2, 3, 4, 5 }, b[] = { 5, 6, 7, 7, 4, 9 };
	struct rank r;

	(void)state;
	rank_test(&r, a, 6, b, 6);
	NEAR(r.above, 34.0 / 36);
	NEAR(r.p, erfc((18 - 2 - 0.5) / sqrt(2 * 3 * (13 - 24.0 / 132))));
}

/* Where exact gives way to normal the two agree. */
static void large_ones_are_normal(void **state)
{
	double a[51], b[51];
	struct rank exact, normal;
	size_t i;

	(void)state;
	for (i = 0; i < 51; i++) {
		a[i] = (double)(2 * i);
		b[i] = (double)(2 * i + 9);
	}
	rank_test(&exact, a, 50, b, 50);
	rank_test(&normal, a, 51, b, 51);
	assert_true(exact.p > 0.05 && exact.p < 0.2);
	assert_true(fabs(exact.p - normal.p) < 0.01);
	assert_true(exact.least_p > 0 && exact.least_p < 1e-28);
}

static void many_tests_together(void **state)
{
	double none[] = { 0.04, 0.9, 0.2, 0.5 };
	double one[] = { 0.5, 0.01, 0.9, 0.2 };
	double all[] = { 0.04, 0.05, 0.045, 0.03 };

	(void)state;
	NEAR(rank_limit(none, COUNT(none), 0.05), -1);
	NEAR(rank_limit(one, COUNT(one), 0.05), 0.01);
	NEAR(rank_limit(all, COUNT(all), 0.05), 0.05);
	NEAR(rank_limit(all, 0, 0.05), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_ones_are_exact),
		cmocka_unit_test(five_apart),
		cmocka_unit_test(the_same_is_no_difference),
		cmocka_unit_test(ties_are_corrected_for),
		cmocka_unit_test(large_ones_are_normal),
		cmocka_unit_test(many_tests_together),
	};

	return cmocka_run_group_tests_name("rank", tests, NULL, NULL);
}
