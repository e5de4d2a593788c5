/* SPDX-License-Identifier: GPL-2.0 */
/* A baseline: combined from several results, for later comparisons. */
#ifndef CB_BASELINE_H
#define CB_BASELINE_H

#include <stdio.h>

#include "model/result.h"

struct baseline {
	const struct result *verdicts; /* NULL: there are none */
	const struct result *costs; /* NULL: there are none */
	/*
	 * More costs, of images that differ only in padding. The spread of
	 * these costs becomes the tolerance.
	 */
	const struct result **padded;
	size_t n_padded;
	const struct result *old; /* for tolerances not measured again */
};

/* baseline_write.c */
void baseline_write(const struct baseline *b, FILE *f);

#endif
