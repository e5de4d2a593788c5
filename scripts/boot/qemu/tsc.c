// SPDX-License-Identifier: GPL-2.0
/* The frequency of the host's time stamp counter. */
#include "supervise.h"

#ifdef __x86_64__
#include <time.h>
#include <x86intrin.h>

#define NS_PER_S 1000000000LL
#define WAIT_NS (2 * 1000 * 1000)
#define TRIES 10

struct moment {
	uint64_t ticks;
	int64_t ns;
};

/* Of several attempts the one that was interrupted least. */
static struct moment take_moment(void)
{
	struct moment best = { 0 };
	uint64_t least = UINT64_MAX;
	struct timespec ts;

	for (int i = 0; i < TRIES; i++) {
		const uint64_t before = __rdtsc();

		clock_gettime(CLOCK_MONOTONIC, &ts);
		const uint64_t took = __rdtsc() - before;

		if (took >= least)
			continue;
		least = took;
		best.ticks = before + took / 2;
		best.ns = ts.tv_sec * NS_PER_S + ts.tv_nsec;
	}
	return best;
}

unsigned int tsc_khz(void)
{
	const struct timespec rest = { .tv_nsec = WAIT_NS };
	const struct moment from = take_moment();
	struct moment to;

	nanosleep(&rest, NULL);
	to = take_moment();
	if (to.ns <= from.ns)
		return 0;
	return (to.ticks - from.ticks) * (NS_PER_S / 1000) / (to.ns - from.ns);
}
#else
unsigned int tsc_khz(void)
{
	return 0;
}
#endif
