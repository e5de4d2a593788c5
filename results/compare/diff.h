/* SPDX-License-Identifier: GPL-2.0 */
/* Two results side by side: what changed, and whether that is worse. */
#ifndef CB_DIFF_H
#define CB_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "model/rank.h"
#include "model/result.h"

/* By how much it matters. */
enum change {
	SAME,
	OTHER,
	BETTER,
	WORSE,
	CHANGES,
};

extern const char *const change_names[CHANGES];

enum hole {
	NO_HOLE,
	HOLE_OPENED,
	HOLE_CLOSED,
};

/* An entry in both results, or in one of them: the other is NULL then. */
struct delta {
	const struct item *base;
	const struct item *head;
	enum change change;
	enum hole hole;
	bool control_unexpected; /* now, and was not */
	char *evidence; /* owned: what changed, as text; NULL for nothing */
};

/* What two costs are compared by. */
enum method {
	NOT_JUDGED,
	BY_VALUE, /* virtual time: exactly, or within a tolerance */
	BY_RANK, /* the clock's: a rank test of its rounds */
};

struct cost_delta {
	const struct figure *base;
	const struct figure *head;
	enum change change;
	enum method method;
	char *why_not; /* owned: why it is not judged; NULL: it is no cost */
	double ratio; /* head / base; of medians by rank */
	double allowed; /* by value: percent; 0 is exact */
	struct rank rank; /* by rank */
};

struct problem_delta {
	const char *reason;
	const char *detail;
	enum change change;
};

struct diff {
	const struct result *base;
	const struct result *head;
	bool no_verdicts; /* head is a bench: it has none of base's to tell */
	struct delta *v; /* in base's order, then those that are new */
	size_t n;
	struct cost_delta *costs;
	size_t n_costs;
	size_t not_judged; /* costs with a reason not to be */
	struct problem_delta *problems;
	size_t n_problems;
	char **warnings; /* owned: a line for each difference in provenance */
	size_t n_warnings;
	size_t counts[CHANGES];
};

void diff_make(struct diff *d, const struct result *base,
	       const struct result *head);
void diff_free(struct diff *d);

/* Verdicts of VERDICTS stand for no entry at all. */
enum change change_of(enum verdict from, enum verdict to);

/*
 * A value of meta's as it was when costs were measured: a baseline has that
 * beside that of its verdicts. "" when missing; the caller frees.
 */
char *bench_meta(const struct result *r, const char *key);

/* costs.c: fills in d->costs and counts them. */
void diff_costs(struct diff *d);

/* What change_of() goes by, for --help. */
void rules_print(FILE *f);

/* The delta's item that is there; and its name for people, to be freed. */
const struct item *delta_item(const struct delta *d);
char *delta_name(const struct delta *d);
char *cost_name(const struct cost_delta *c);
/* "pass", or "none" where there is no entry. */
const char *delta_verdict(const struct item *it);
/* Why, in a few words: "hole opened: …". The caller frees. */
char *delta_why(const struct delta *d);
/* "17250 -> 17760 virtual ns, x1.0296, 0.5 % allowed". The caller frees. */
char *cost_text(const struct cost_delta *c);

/*
 * Writers. Several heads, each compared with the same base, in the order in
 * which they were named; the file writers return 0, or -1 with err set.
 */
void diff_print(const struct diff *d, size_t n, FILE *f, bool colour);
void trend_print(const struct diff *d, size_t n, FILE *f, bool colour);
int diff_markdown(const struct diff *d, size_t n, const char *path,
		  struct error *err);
int diff_junit(const struct diff *d, size_t n, const char *path,
	       struct error *err);

#endif
