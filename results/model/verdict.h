/* SPDX-License-Identifier: GPL-2.0 */
/* Verdicts of entries. */
#ifndef CB_VERDICT_H
#define CB_VERDICT_H

#include <stdbool.h>
#include <stdio.h>

#include "record/status.h"

/* Zero is what everything planned is until proven otherwise. */
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
/* As they are counted for people: what is fine first. */
extern const enum verdict verdict_order[VERDICTS];

/* "all as expected" and so on; NULL for what is no status of a run. */
const char *status_text(int status);
/* For --help: all of them, indented, with the one that has precedence first. */
void statuses_print(FILE *f);

/* True for what nobody needs to look at: pass, skip and xfail. */
bool verdict_expected(enum verdict v);

#endif
