/* SPDX-License-Identifier: GPL-2.0 */
/* Is a removed cgroup gone as soon as its twin? */
#ifndef CB_CGROUP_GONE_H
#define CB_CGROUP_GONE_H

#include <stdbool.h>

#include "target.h"
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
/*
 * If the subject stayed: removes the device, and puts on record whether the
 * subject is gone without it.  A group that still stays lost a reference.
 */
void cgroup_gone_without(const struct cgroup_gone *g, struct target *t);
/*
 * If the subject stayed: waits for at most ms until it goes.  Puts on record
 * after how many ms it went, or nothing if it did not.
 */
void cgroup_gone_at_last(const struct cgroup_gone *g, int ms);
/* held(), or failed() with the name of what keeps the group. */
__noreturn void cgroup_gone_conclude(const struct cgroup_gone *g,
				     const char *keeper);

#endif
