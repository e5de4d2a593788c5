// SPDX-License-Identifier: GPL-2.0
/* Names of verdicts and texts of exit statuses. */
#include "model/verdict.h"

const char *const verdict_names[VERDICTS] = {
	[INCOMPLETE] = "incomplete",
	[PASS] = "pass",
	[FAIL] = "fail",
	[SKIP] = "skip",
	[XFAIL] = "xfail",
	[XPASS] = "xpass",
	[SPLAT] = "splat",
	[PANIC] = "panic",
	[HANG] = "hang",
	[TIMEOUT] = "timeout",
	[ERROR] = "error",
};

const enum verdict verdict_order[VERDICTS] = {
	PASS,  XFAIL, SKIP,    FAIL,  XPASS,	  SPLAT,
	PANIC, HANG,  TIMEOUT, ERROR, INCOMPLETE,
};

static const struct {
	int number;
	const char *text;
} statuses[] = {
#define STATUS_ROW(name, number, text) { number, text },
	STATUSES(STATUS_ROW)
#undef STATUS_ROW
};

const char *status_text(int status)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
		if (statuses[i].number == status)
			return statuses[i].text;
	}
	return NULL;
}

void statuses_print(FILE *f)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		fprintf(f, "  %d  %s\n", statuses[i].number, statuses[i].text);
}

bool verdict_expected(enum verdict v)
{
	return v == PASS || v == SKIP || v == XFAIL;
}
