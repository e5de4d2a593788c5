// SPDX-License-Identifier: GPL-2.0
/* The names of claims as records have them. */
#include "record/claim.h"

const char *const claim_names[CLAIMS] = {
	[CLAIM_NONE] = "",	   [CLAIM_HELD] = "held",
	[CLAIM_FAILED] = "failed", [CLAIM_SKIP] = "skip",
	[CLAIM_ERROR] = "error",   [CLAIM_TIMEOUT] = "timeout",
	[CLAIM_SPLAT] = "splat",
};
