/* SPDX-License-Identifier: GPL-2.0 */
/* Meters: what a scenario must leave as it found it. */
#ifndef CB_METERS_H
#define CB_METERS_H

#include "klog.h"
#include "module.h"
#include "scenario.h"

#define METERS_MAX 12
#define METERS_TEXT 160
/* Room for the names of all disks, or of all files of the root cgroup. */
#define METERS_NAMES 4096

struct meters {
	char modules[MODULE_NAMES];
	char disks[METERS_NAMES], groups[METERS_NAMES];
	char group[PATH_LEN]; /* the entry's own */
	int mounts[64]; /* their ids */
	int mount_count;
	long long slab; /* unreclaimable, KiB */
	int drained; /* how often the CPUs' free lists were drained */
	long long drained_at;
	/* "name: before -> after" of each meter that moved. */
	char moved[METERS_MAX][METERS_TEXT];
	int count;
};

/* Reads the meters before the scenario. */
void meters_start(struct meters *m);
/*
 * Call it after the scenario.  Undoes what is left behind, unloads the driver,
 * removes the groups below the entry's own, and notes each meter that moved.
 * false: a process takes no signal; then what it may hold is left alone.
 */
bool meters_finish(struct meters *m, const struct entry *e);
/*
 * Are all removed groups freed?  Then it removes the entry's own as well.  Poll
 * it; with give_up it notes what is left, and returns true.
 */
bool meters_settled(struct meters *m, bool give_up);
/* Notes leaked memory. */
void meters_leak(struct meters *m, const char *what);
/* Notes unexpected events of the kernel's log, but no splats. */
void meters_log(struct meters *m, const struct klog *log);

#endif
