/* SPDX-License-Identifier: GPL-2.0 */
/* Pseudo-random numbers, the same for the same seed. */
#ifndef CB_PRNG_H
#define CB_PRNG_H

#include <stdint.h>

struct prng {
	uint64_t state; /* set it to the seed */
};

/* A number from 0 to sides - 1. */
unsigned int prng(struct prng *p, unsigned int sides);
/* Any number of 64 bits. */
uint64_t prng_bits(struct prng *p);

#endif
