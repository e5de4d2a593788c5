/* SPDX-License-Identifier: GPL-2.0 */
/* The differences of two results, and which of them are worse. */
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

/* How two costs are compared. */
enum method {
	NOT_JUDGED,
	BY_VALUE, /* virtual time: exactly, or within a tolerance */
	BY_RANK, /* wall clock: a rank test of the rounds */
};

struct cost_delta {
	const struct figure *base;
	const struct figure *head;
	enum change change;
	enum method method;
	char *why_not; /* owned: why it is not judged; NULL: not a cost */
	double ratio; /* head / base; by rank: of the medians */
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
	bool no_verdicts; /* head is a bench: compare costs only */
	struct delta *v; /* in base's order, then those that are new */
	size_t n;
	struct cost_delta *costs;
	size_t n_costs;
	size_t not_judged; /* costs with why_not set */
	struct problem_delta *problems;
	size_t n_problems;
	char **warnings; /* owned: one line per difference in provenance */
	size_t n_warnings;
	size_t counts[CHANGES];
};

void diff_make(struct diff *d, const struct result *base,
	       const struct result *head);
void diff_free(struct diff *d);

/* VERDICTS stands for a missing entry. */
enum change change_of(enum verdict from, enum verdict to);

/*
 * A value of meta at the time when the costs were measured, which a baseline
 * keeps separately. "" when missing; the caller frees.
 */
char *bench_meta(const struct result *r, const char *key);

/* costs.c: fills in d->costs and counts them. */
void diff_costs(struct diff *d);

/* Prints the rules of change_of() for --help. */
void rules_print(FILE *f);

/*
 * The item of the head, or else of the base; and its name, which the caller
 * frees.
 */
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
 * Writers for n heads, each compared with the same base. Those of files return
 * 0, or -1 with err set.
 */
void diff_print(const struct diff *d, size_t n, FILE *f, bool colour);
void trend_print(const struct diff *d, size_t n, FILE *f, bool colour);
int diff_markdown(const struct diff *d, size_t n, const char *path,
		  struct error *err);
int diff_junit(const struct diff *d, size_t n, const char *path,
	       struct error *err);

#endif
