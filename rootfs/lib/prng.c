// SPDX-License-Identifier: GPL-2.0
// Pseudo-random numbers, the same for the same seed.
#include "prng.h"

/* A linear congruential generator: only the upper half is well mixed. */
static uint32_t next(struct prng *p)
{
	p->state = p->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return p->state >> 32;
}

unsigned int prng(struct prng *p, unsigned int sides)
{
	return (uint64_t)next(p) * sides >> 32;
}

uint64_t prng_bits(struct prng *p)
{
	uint64_t high = next(p);

	return high << 32 | next(p);
}
