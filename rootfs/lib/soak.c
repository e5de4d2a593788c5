// SPDX-License-Identifier: GPL-2.0
// A soak's options, and what its scenarios share.
#include <stdio.h>
#include <unistd.h>

#include "progress.h"
#include "scenario.h"
#include "soak.h"

/* For groups to be freed; a leaked reference keeps one for good. */
#define GONE_TURNS 300
#define WATCH_MS 120000
#define NUDGES 5
#define SAY_MS 60000

struct soak soak = { .requests = 2000000, .seed = 1 };

long long soak_share(long long all, long long of_control)
{
	return driver_has_faults(driver()) ? of_control : all;
}

int soak_wait(pid_t pid, const long long *counter, long long all,
	      const char *unit)
{
	int status;

	while (!process_wait(pid, &status, SAY_MS)) {
		printf("# %lld of %lld %s\n", *(volatile long long *)counter,
		       all, unit);
		fflush(stdout);
	}
	return status;
}

void soak_count(long long *counter, long long n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

static bool none_left(void *arg, long long *at)
{
	long long *left = arg;
	char group[PATH_LEN];

	in_group(group, "");
	/* Drains the CPUs' free lists, whose pages keep their groups. */
	cgroup_write(group, "memory.reclaim", "1G");
	*left = CHECK(cgroup_key(group, "cgroup.stat", "nr_dying_descendants"));
	*at = *left;
	return !*left;
}

/*
 * Removes another group.  Only that makes the kernel look again at a group that
 * was removed while an inode of its writeback was dirty, as a disk's may be.
 */
static void nudge(void)
{
	char group[PATH_LEN];

	sync();
	in_group(group, "next");
	CHECK(cgroup_make(group, ""));
	CHECK(cgroup_remove(group));
}

long long soak_groups_left(void)
{
	long long left;
	int i;

	for (i = 0; i < NUDGES; i++) {
		nudge();
		if (progress_wait(none_left, &left, GONE_TURNS, WATCH_MS,
				  "the removed groups"))
			break;
	}
	return left;
}
