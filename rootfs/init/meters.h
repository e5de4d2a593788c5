/* SPDX-License-Identifier: GPL-2.0 */
/* What a scenario must leave as it found it. */
#ifndef CB_METERS_H
#define CB_METERS_H

#include "klog.h"
#include "module.h"
#include "scenario.h"

#define METERS_MAX 12
#define METERS_TEXT 160
/* Room for the names of all disks, or of what is in the topmost group. */
#define METERS_NAMES 4096

struct meters {
	char modules[MODULE_NAMES];
	char disks[METERS_NAMES], groups[METERS_NAMES];
	char group[PATH_LEN]; /* the entry's own */
	int mounts[64]; /* their ids */
	int mount_count;
	long long slab; /* KiB that cannot be reclaimed */
	int emptied; /* how often the kernel was made to empty its lists */
	long long emptied_at;
	/* What moved: "name: before -> after". */
	char moved[METERS_MAX][METERS_TEXT];
	int count;
};

/* Before the scenario. */
void meters_start(struct meters *m);
/*
 * After it: undoes what it left, unloads its driver, removes its groups but
 * for the topmost, and notes each thing that was not as before.  false: a
 * process takes no signal, and what it may hold was left alone.
 */
bool meters_finish(struct meters *m, const struct entry *e);
/*
 * Is nothing left of the groups that were removed?  Then the topmost goes,
 * too.  May be asked again and again; give_up notes what is left.
 */
bool meters_settled(struct meters *m, bool give_up);
/* Notes memory that was lost, to what and by whom. */
void meters_leak(struct meters *m, const char *what);
/* Notes what the kernel's log holds against the scenario, but for splats. */
void meters_log(struct meters *m, const struct klog *log);

#endif
