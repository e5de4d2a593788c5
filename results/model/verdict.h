/* SPDX-License-Identifier: GPL-2.0 */
/* Verdicts of entries, and the exit statuses of a run. */
#ifndef CB_VERDICT_H
#define CB_VERDICT_H

#include <stdbool.h>

/* The exit statuses of a run; README and scripts/chargeback rely on them. */
#define STATUS_EXPECTED 0
#define STATUS_CLAIM 1
#define STATUS_USAGE 2
#define STATUS_MACHINE 3
#define STATUS_HARNESS 4

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

/* True for what nobody needs to look at: pass, skip and xfail. */
bool verdict_expected(enum verdict v);

#endif
