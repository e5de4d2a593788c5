/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does B overtake A?  Both use the same device.  A's requests are held back by
 * a limit of A's cgroup; B, in another cgroup, has no limit.  Latencies prove
 * nothing on an emulated machine; which requests end first does.
 */
#ifndef CB_OVERTAKE_H
#define CB_OVERTAKE_H

#include <stdbool.h>

#include "target.h"
#include "util.h"

struct overtake {
	/* A: asynchronous direct I/O, 4 KiB each unless a_bytes is set. */
	int a_requests;
	unsigned int a_bytes;
	bool a_writes;
	int a_flags; /* of open(), more than O_DIRECT */
	/* B: one request after another, far behind all of A's. */
	int b_requests;
	void (*b_once)(int fd, long long at); /* NULL: reads 4 KiB */
	/* Called when B is done or stuck, with A still held; may be NULL. */
	void (*before_release)(void);

	/* Filled by overtake_setup(), or by the scenario itself. */
	char a_group[PATH_LEN], b_group[PATH_LEN];
	char held_group[PATH_LEN]; /* above A's; empty: A's own */
	/*
	 * A's io.max on this disk holds A.  Empty: A is over memory.high, so
	 * that every task that allocates for A sleeps two seconds at a time.
	 */
	char disk[PATH_LEN];
	struct target target;

	/* Results. */
	int a_submitted; /* before B began */
	int a_held; /* of these, not ended when B was done or stuck */
	int a_in_flight; /* of A's device at that time; -1: no device */
	int b_done; /* while A was held */
	long long slab_kib; /* growth of the kernel's slab caches by A */
};

/* Makes both groups. */
void overtake_groups(struct overtake *o);
/* Makes both groups, and a device of the driver on a mapped disk. */
void overtake_setup(struct overtake *o);
/* Removes device and disk; where there are none, nothing happens. */
void overtake_cleanup(struct overtake *o);
/*
 * Runs both: A is held from when it has opened the device until B is done or
 * stuck.  Then waits for the end of both; a process that stays is an error.
 * Puts the results on record.
 */
void overtake_run(struct overtake *o);
/*
 * Waits until another process has raised a counter to the target, or no longer
 * raises it.
 */
void overtake_watch(const int *count, int target, const char *who);
/* held() if all of B ended while all of A was held, else failed(). */
__noreturn void overtake_conclude(const struct overtake *o);

#endif
