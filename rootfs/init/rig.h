/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts that only a boot on a real machine has: a medium for the results, a
 * watchdog, and the last words of the boot before.
 */
#ifndef CB_RIG_H
#define CB_RIG_H

#include "plan.h"

struct rig {
	/* Which run and boot of the medium this is, from 1; 0: no medium. */
	int run, boot;
	/* How the boot before ended: "panic", "watchdog", or "" if unknown. */
	const char *after;
	/* The entries of a run that goes on, FIRST-LAST. */
	char entries[32];
	/* Nothing is left to run. */
	bool done;
};

/*
 * Arms the watchdog and opens the medium, as cb.watchdog and cb.medium say,
 * and sets o->entries where a run goes on.  Powers off where a machine would
 * be reset in a loop: no medium counts its boots, and its watchdog has fired.
 */
void rig_start(struct rig *rig, struct options *o, const struct plan *plan);
/* Before power off: the rest of the kernel's log, and the watchdog stops. */
void rig_stop(void);

#endif
