// SPDX-License-Identifier: GPL-2.0
/* Verdicts by name, and which of them are expected. */
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

bool verdict_expected(enum verdict v)
{
	return v == PASS || v == SKIP || v == XFAIL;
}
