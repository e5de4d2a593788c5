/* SPDX-License-Identifier: GPL-2.0 */
/* Messages from a scenario to the runner, through a pipe. */
#ifndef CB_REPORT_H
#define CB_REPORT_H

#include "record/claim.h"

enum report_kind {
	REPORT_EVIDENCE, /* name, value, text: the unit */
	REPORT_OUTPUT, /* name; value: number of the part, from 0; text */
	REPORT_OUTPUT_END, /* name; value: count of parts; text: the checksum */
	/* name: of the cell; value: requests; text: the driver */
	REPORT_WINDOW,
	REPORT_SYMBOLS, /* name: of whose functions; value: the part; text */
	REPORT_HOLDS, /* name: a path; text: write it there to lift the limit */
	REPORT_CLAIM, /* value: an enum claim, text: the reason */
};

/* Limits that a scenario may register at once. */
#define HOLDS_MAX 8

/* Below PIPE_BUF, so that messages of several processes never mix. */
struct report {
	enum report_kind kind;
	long long value;
	char name[256];
	char text[512];
};

void report_send(const struct report *r);

#endif
