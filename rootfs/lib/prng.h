/* SPDX-License-Identifier: GPL-2.0 */
/* Chance that comes out the same for the same seed. */
#ifndef CB_PRNG_H
#define CB_PRNG_H

#include <stdint.h>

struct prng {
	uint64_t state; /* the seed, at first */
};

/* A number from 0 to sides - 1. */
unsigned int prng(struct prng *d, unsigned int sides);
/* One of all numbers of 64 bits. */
uint64_t prng_bits(struct prng *d);

#endif
