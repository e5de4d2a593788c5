/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The plan of a run, made from the cb.* words of the command line.  The host
 * runs the same code, so both sides have the same plan.
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
	const char *drivers; /* subjects, separated by commas; NULL: all */
	const char *entries; /* ranges of the plan; NULL: all */
	/* Run matrices by this clock, "virtual" or "wall"; NULL: scenarios. */
	const char *bench;
	const char *matrices; /* globs, separated by commas; NULL: all */
	char *cell[MATRIX_WORDS + 1]; /* of matrices: NAME=VALUE each */
	int rounds; /* by the wall clock, without the warm-up */
	const char *records; /* the UART for records; NULL: none is named */
	const char *medium; /* the id of the disk for results; NULL: none */
	int watchdog; /* seconds until it resets the machine; 0: none */
	bool lava; /* print a line per result for LAVA */
	bool shell, probe;
	const char *disk; /* serial number of the operator's; NULL: none */
	bool reboot; /* at the end, instead of power off */
};

/* Filled by SCENARIO(), in the order of linking. */
extern const struct scenario *const __start_scenarios[];
extern const struct scenario *const __stop_scenarios[];

struct plan {
	struct entry *entries;
	int count;
};

/* Help for the words that options_word() knows. */
extern const char options_help[];
/*
 * Takes one cb.* word, which must stay in memory.  false: it is bad, and error,
 * PATH_LEN bytes, holds the reason.
 */
bool options_word(struct options *o, char *word, char *error);
/* Takes a whole kernel command line, and ignores other words. */
bool options_cmdline(struct options *o, char *cmdline, char *error);

/* Must this boot run entry id of the plan? */
bool options_run(const struct options *o, int id);

/* false: nothing to run, or entries that the plan lacks; error as above. */
bool plan_make(struct plan *p, const struct options *o, char *error);
/* One entry as a line of the plan. */
void plan_line(const struct entry *e, struct json *j);
/* The CRC-32 of all lines, each with a newline. */
uint32_t plan_crc(const struct plan *p);
/* Prints the scenarios of the plan for people. */
void plan_print(const struct plan *p);
/* Prints each cell of the plan once, as the knob CELL names it. */
void plan_print_cells(const struct plan *p);

#endif
