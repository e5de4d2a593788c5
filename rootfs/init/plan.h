/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to be run: chosen by the cb.* words of the command line.  The host
 * asks the same code, so that both sides have the same plan.
 */
#ifndef CB_PLAN_H
#define CB_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "json.h"
#include "matrix.h"
#include "scenario.h"

struct options {
	enum suite suite;
	const char *scenarios; /* globs separated by commas; NULL: all */
	const char *drivers; /* subjects, likewise; NULL: all */
	const char *entries; /* which to run of the plan; NULL: all */
	/* "virtual" or "wall": matrices, by this clock; NULL: scenarios */
	const char *bench;
	const char *matrices; /* as scenarios */
	char *cell[MATRIX_WORDS + 1]; /* of matrices: NAME=VALUE each */
	int rounds; /* by the wall clock, beside the warm-up */
	bool shell, probe;
};

struct plan {
	struct entry *entries;
	int count;
};

/* The words that options_word() knows, for people. */
extern const char options_help[];
/*
 * Takes one cb.* word, which must stay in memory.  false: it is bad, and why
 * has been put in error, PATH_LEN bytes.
 */
bool options_word(struct options *o, char *word, char *error);
/* Takes a whole kernel command line; words of others are left alone. */
bool options_cmdline(struct options *o, char *cmdline, char *error);

/* Whether this boot is to run entry id of the plan. */
bool options_run(const struct options *o, int id);

/* false: nothing to run, or entries that the plan lacks; see above. */
bool plan_make(struct plan *p, const struct options *o, char *error);
/* One entry as a line of the plan. */
void plan_line(const struct entry *e, struct json *j);
/* The checksum of all lines, a newline behind each. */
uint32_t plan_crc(const struct plan *p);
/* The scenarios of the plan, for people. */
void plan_print(const struct plan *p);

#endif
