// SPDX-License-Identifier: GPL-2.0
// Sectors that hold their own place and the step that wrote them.
#include <string.h>

#include "stamp.h"

static void fill(char *at, uint32_t place, uint32_t step)
{
	uint32_t *words = (uint32_t *)at;
	int i;

	for (i = 0; i < SECTOR / 4; i += 2) {
		words[i] = step ? place : 0;
		words[i + 1] = step;
	}
}

void stamp_fill(char *buf, uint32_t place, int sectors, uint32_t step)
{
	int i;

	for (i = 0; i < sectors; i++)
		fill(buf + i * SECTOR, place + i, step);
}

int stamp_check(const char *buf, uint32_t place, int sectors,
		const uint32_t *steps)
{
	char right[SECTOR] __attribute__((aligned(8)));
	int i, wrong = 0;

	for (i = 0; i < sectors; i++) {
		fill(right, place + i, steps[i]);
		wrong += memcmp(buf + i * SECTOR, right, SECTOR) != 0;
	}
	return wrong;
}
