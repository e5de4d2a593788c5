/* SPDX-License-Identifier: GPL-2.0 */
/* Does something get on, is it stuck, or has the machine no time for it? */
#ifndef CB_PROGRESS_H
#define CB_PROGRESS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Waits until look(arg) returns true.  look() also sets *at, which changes with
 * every step of progress.  false: it is stuck, for *at has not changed in so
 * many turns.
 *
 * A turn is over when this process has run on every CPU: about 2 ms on an idle
 * machine.  So a CPU that the host has stopped stops the count, too, and does
 * not look like a kernel that hangs.  Neither done nor stuck after ms is an
 * error that names `who`.
 */
bool progress_wait(bool (*look)(void *arg, long long *at), void *arg, int turns,
		   int ms, const char *who);
/* The same for a counter that another process raises up to target. */
bool progress_count(const int *count, int target, int turns, int ms,
		    const char *who);

/* Turns that see nothing happen where nothing is held: about 15 s if idle. */
#define PROGRESS_HANGS 7500

/* The same for a state without steps on the way to it, as wait_until(). */
bool progress_until(bool (*done)(void *arg), void *arg, int turns,
		    const char *who);
/* The same for the end of a child; false: it hangs. */
bool progress_end(pid_t pid, int *status, const char *who);

#endif
