/* SPDX-License-Identifier: GPL-2.0 */
/* Is a removed cgroup gone as soon as its twin? */
#ifndef CB_CGROUP_GONE_H
#define CB_CGROUP_GONE_H

#include <stdbool.h>

#include "util.h"

struct cgroup_gone {
	/* Groups to remove, and those above, which count dying ones. */
	char subject_user[PATH_LEN], twin_user[PATH_LEN];
	char subject[PATH_LEN], twin[PATH_LEN];
	/* Of progress_wait(), for the subject; 0: for about five seconds. */
	int turns;
	/* Results: how many groups are still dying, and how long that took. */
	long long subject_left, twin_left;
	long long twin_ms, subject_ms;
};

/* Makes all four groups, with these controllers for the users. */
void cgroup_gone_make(struct cgroup_gone *g, const char *controllers);
/*
 * Waits until the removed twin is gone; one that stays is an error, because it
 * leaves nothing to compare with.  Then waits for the subject.  Puts the
 * results on record.
 */
void cgroup_gone_wait(struct cgroup_gone *g);
/* held(), or failed() with the name of what keeps the group. */
__noreturn void cgroup_gone_conclude(const struct cgroup_gone *g,
				     const char *keeper);

#endif
