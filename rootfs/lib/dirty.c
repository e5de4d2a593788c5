// SPDX-License-Identifier: GPL-2.0
// How many bytes of the page cache may be dirty.
#include "dirty.h"
#include "scenario.h"

static const char *const ratios[] = {
	"/proc/sys/vm/dirty_ratio",
	"/proc/sys/vm/dirty_background_ratio",
};

static char ratios_before[ARRAY_SIZE(ratios)][32];

void dirty_limit(long long bytes)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ratios); i++) {
		CHECK(file_read(ratios[i], ratios_before[i],
				sizeof(ratios_before[i])));
		holds(ratios[i], ratios_before[i]);
	}
	file_put("/proc/sys/vm/dirty_background_bytes", "%lld", bytes / 2);
	file_put("/proc/sys/vm/dirty_bytes", "%lld", bytes);
}

void dirty_unlimit(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ratios); i++)
		file_put(ratios[i], "%s", ratios_before[i]);
}

long long dirty_bytes(void)
{
	return (CHECK(file_key("/proc/vmstat", "nr_dirty")) +
		CHECK(file_key("/proc/vmstat", "nr_writeback"))) *
	       BLOCK;
}
