/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A disk whose power can be cut at any moment, afterwards: what it is sent is
 * logged in the order in which it got durable, and put together again.
 */
#ifndef CB_POWERCUT_H
#define CB_POWERCUT_H

#include <stdbool.h>

#include "io.h"
#include "target.h"

#define NEEDS_POWERCUT NEEDS_RAM_DISK, "load:dm_mod", "load:dm_log_writes"
/* The disk, which begins with what the RAM disk has at its start. */
#define POWERCUT_BYTES (32 * MIB)

/* After a log entry: what the disk holds if the power goes now. */
struct powercut_state {
	const char *image; /* POWERCUT_BYTES */
	int mark; /* the last one; 0: none */
	bool flushed; /* by this entry, which is a flush or was written FUA */
	bool marked; /* by this entry */
};

/* node gets the disk's path, PATH_LEN bytes. */
void powercut_make(char *node);
/* Writes a number into the log: what is durable by now stands before it. */
void powercut_mark(int number);
/* Removes the disk, if there is one; only then all is in the log. */
void powercut_remove(void);
/* Goes through all moments, the first before any write; returns their number.
 */
int powercut_replay(void (*each)(const struct powercut_state *m, void *arg),
		    void *arg);

#endif
