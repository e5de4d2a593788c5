/* SPDX-License-Identifier: GPL-2.0 */
/* What later results are compared with, put together of several. */
#ifndef CB_BASELINE_H
#define CB_BASELINE_H

#include <stdio.h>

#include "model/result.h"

struct baseline {
	const struct result *verdicts; /* NULL: none has any */
	const struct result *costs; /* NULL: none has any */
	/*
	 * More costs, of images that differ from that one's in nothing that
	 * should matter: how far they lie apart is what is tolerated later.
	 */
	const struct result **padded;
	size_t n_padded;
	const struct result *old; /* tolerances that were not measured anew */
};

/* baseline_write.c */
void baseline_write(const struct baseline *b, FILE *f);

#endif
