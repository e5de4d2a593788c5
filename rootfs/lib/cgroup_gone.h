/* SPDX-License-Identifier: GPL-2.0 */
/* Is a removed cgroup gone as soon as its twin? */
#ifndef CB_CGROUP_GONE_H
#define CB_CGROUP_GONE_H

#include <stdbool.h>

struct cgroup_gone {
	/* The groups above those that have been removed. */
	const char *subject, *twin;
	/* Of wait_until(), for the subject; 0: for about five seconds. */
	int turns;
	/* What came out: how many are dying yet. */
	long long subject_left, twin_left;
	long long twin_ms, subject_ms;
};

/*
 * Waits for the twin, without which there is no verdict, and then for a
 * while for the subject.  Puts what came out on record.
 */
void cgroup_gone_wait(struct cgroup_gone *g);
/* held(), or failed() with who is to blame. */
__attribute__((noreturn)) void cgroup_gone_conclude(const struct cgroup_gone *g,
						    const char *who);

#endif
