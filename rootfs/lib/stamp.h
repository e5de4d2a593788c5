/* SPDX-License-Identifier: GPL-2.0 */
/* Sectors that hold their own place and the step that wrote them. */
#ifndef CB_STAMP_H
#define CB_STAMP_H

#include <stdint.h>

#include "io.h"

/* Fills sectors from place on as the step writes them; step 0: zeroes. */
void stamp_fill(char *buf, uint32_t place, int sectors, uint32_t step);
/* Counts the sectors that differ from what their steps have written. */
int stamp_check(const char *buf, uint32_t place, int sectors,
		const uint32_t *steps);

#endif
