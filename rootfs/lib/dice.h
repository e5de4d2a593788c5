/* SPDX-License-Identifier: GPL-2.0 */
/* Chance that comes out the same for the same seed. */
#ifndef CB_DICE_H
#define CB_DICE_H

#include <stdint.h>

struct dice {
	uint64_t state; /* the seed, at first */
};

/* A number from 0 to sides - 1. */
unsigned int dice(struct dice *d, unsigned int sides);
/* One of all numbers of 64 bits. */
uint64_t dice_bits(struct dice *d);

#endif
