/* SPDX-License-Identifier: GPL-2.0 */
/* Verdicts of entries. */
#ifndef CB_VERDICT_H
#define CB_VERDICT_H

#include <stdbool.h>
#include <stdio.h>

#include "record/status.h"

/* Zero is incomplete: an entry is so until proven otherwise. */
enum verdict {
	INCOMPLETE,
	PASS,
	FAIL,
	SKIP,
	XFAIL,
	XPASS,
	SPLAT,
	PANIC,
	HANG,
	TIMEOUT,
	ERROR,
	VERDICTS,
};

extern const char *const verdict_names[VERDICTS];
/* The order in which views count them: expected ones first. */
extern const enum verdict verdict_order[VERDICTS];

/* "all as expected" and so on; NULL for an unknown status. */
const char *status_text(int status);
/* Prints all statuses for --help, in order of precedence. */
void statuses_print(FILE *f);

/* True for verdicts that need no attention: pass, skip and xfail. */
bool verdict_expected(enum verdict v);

#endif
