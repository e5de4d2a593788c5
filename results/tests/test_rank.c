// SPDX-License-Identifier: GPL-2.0
/* The rank test, against values that can be counted by hand or are known. */
#include <math.h>
#include <string.h>

#include "view/duel.h"
#include "model/rank.h"
#include "tests/help.h"

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

/* The exact and the normal computation agree at the border between them. */
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

/* A significant change of less than a percent is not reported. */
static void little_is_no_move(void **state)
{
	struct rank r = { .p = 0.01, .median_a = 1000, .median_b = 1009 };

	(void)state;
	assert_false(rank_moved(&r, 0.05));
	r.median_b = 1010;
	assert_true(rank_moved(&r, 0.05));
	r.median_b = 990;
	assert_true(rank_moved(&r, 0.05));
	assert_false(rank_moved(&r, 0.005));
}

/* Six rounds from a number on, step by step. */
static json_t *rounds(int from)
{
	return json_pack("[i,i,i,i,i,i]", from, from + 1, from + 2, from + 3,
			 from + 4, from + 5);
}

static char *duels_text(const struct duel *duels, size_t n, const char *unit)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	duels_print(duels, n, unit, 4, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* The same figures are good or bad, as their unit says. */
static void two_drivers_side_by_side(void **state)
{
	json_t *low = rounds(100), *high = rounds(110), *few = rounds(0);
	const struct duel duels[] = {
		{ (char *)"up", high, low },
		{ (char *)"down", low, high },
		{ (char *)"same", low, low },
		{ (char *)"few", few, low },
	};
	char *text;

	(void)state;
	while (json_array_size(few) > 2)
		json_array_remove(few, 0);
	text = duels_text(duels, COUNT(duels), "IOPS");
	assert_string_equal(
		text,
		"  up   better         x1.098, higher in 100 % of pairs, p 0.0022\n"
		"  down worse          x0.911, higher in 0 % of pairs, p 0.0022\n"
		"  same no difference  x1.000, higher in 50 % of pairs, p 1\n"
		"  few  not judged: too few rounds\n");
	free(text);
	text = duels_text(duels, 2, "ns");
	assert_non_null(strstr(text, "up   worse "));
	assert_non_null(strstr(text, "down better "));
	free(text);
	text = duels_text(duels, 2, "apples");
	assert_string_equal(text, "");
	free(text);
	json_decref(low);
	json_decref(high);
	json_decref(few);
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
		cmocka_unit_test(little_is_no_move),
		cmocka_unit_test(two_drivers_side_by_side),
	};

	return cmocka_run_group_tests_name("rank", tests, NULL, NULL);
}
