// SPDX-License-Identifier: GPL-2.0
// Chance that comes out the same for the same seed.
#include "prng.h"

/* The upper half of a state is the one that is well mixed. */
static uint32_t next(struct prng *d)
{
	d->state = d->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return d->state >> 32;
}

unsigned int prng(struct prng *d, unsigned int sides)
{
	return (uint64_t)next(d) * sides >> 32;
}

uint64_t prng_bits(struct prng *d)
{
	uint64_t high = next(d);

	return high << 32 | next(d);
}
