/* SPDX-License-Identifier: GPL-2.0 */
/* Which groups memory is charged to, by counters that lag behind. */
#ifndef CB_CHARGE_H
#define CB_CHARGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How many bytes a scenario must move so that memory.stat shows it.  A counter
 * lags by what the CPUs have not flushed: at most twice 64 pages per CPU.  The
 * result is four times that, and at least `least`: so a reading is wrong by a
 * quarter of it at most.
 */
long long charge_measurable(long long least);
/* A group's key in memory.stat; the root's, "", includes all groups. */
long long charged(const char *group, const char *key);
/*
 * Calls read(reading) until two readings of `size` bytes in a row are the same
 * and complete() accepts them, for at most two periods of the kernel's own
 * flushing.
 */
void charge_settle(void (*read)(void *reading),
		   bool (*complete)(const void *reading), void *reading,
		   size_t size);

#endif
