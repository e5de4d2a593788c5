/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A disk whose power can be cut at any moment, afterwards.  dm-log-writes logs
 * all writes in the order in which they become durable; replaying the log shows
 * every state that the disk could have had.
 */
#ifndef CB_POWERCUT_H
#define CB_POWERCUT_H

#include <stdbool.h>

#include "io.h"
#include "target.h"

#define NEEDS_POWERCUT NEEDS_RAM_DISK, "load:dm_mod", "load:dm_log_writes"
/* Size of the disk.  Its first content is that of the RAM disk. */
#define POWERCUT_BYTES (32 * MIB)

/* The disk after a log entry: its content if the power fails now. */
struct powercut_state {
	const char *image; /* POWERCUT_BYTES */
	int mark; /* the last one so far; 0: none */
	bool flushed; /* the entry is a flush or a write with FUA */
	bool marked; /* the entry is a mark */
};

/* Makes the disk, and puts its path into node. */
void powercut_make(char *node);
/* Writes a number into the log, behind all that is durable by now. */
void powercut_mark(int number);
/* Removes the disk, if there is one, which completes the log. */
void powercut_remove(void);
/*
 * Calls each() for all states, the first before any write; returns their
 * number.
 */
int powercut_replay(void (*each)(const struct powercut_state *m, void *arg),
		    void *arg);

#endif
