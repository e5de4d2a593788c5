/* SPDX-License-Identifier: GPL-2.0 */
/* Sectors that tell where they belong and which step wrote them. */
#ifndef CB_STAMP_H
#define CB_STAMP_H

#include <stdint.h>

#include "io.h"

/* Sectors from place on, as the step writes them; step 0 leaves zeroes. */
void stamp_fill(char *buf, uint32_t place, int sectors, uint32_t step);
/* How many are not what their steps, one each, have written. */
int stamp_check(const char *buf, uint32_t place, int sectors,
		const uint32_t *steps);

#endif
