/* SPDX-License-Identifier: GPL-2.0 */
/* The target of a scenario's I/O: a device, or without a driver its backing. */
#ifndef CB_TARGET_H
#define CB_TARGET_H

#include "io.h"
#include "util.h"

/* One RAM disk for all scenarios: its module has parameters for one only. */
#define RAM_DISK "/dev/ram0"
#define RAM_DISK_BYTES (1024 * MIB)
#define NEEDS_RAM_DISK "load:brd rd_nr=1 rd_size=1048576"

/* Each request takes 0.1 s, so that it can be seen in flight. */
#define SLOW_DISK "/dev/nullb0"
#define SLOW_DISK_SYS "/sys/block/nullb0"
#define NEEDS_SLOW_DISK                                                 \
	"load:null_blk nr_devices=1 gb=1 submit_queues=1 queue_mode=2 " \
	"irqmode=2 hw_queue_depth=1024 completion_nsec=100000000"

struct target {
	char path[PATH_LEN];
	int number; /* of the device, from 0; -1: none */
};

#define TARGET_NONE          \
	{                    \
		.number = -1 \
	}

/*
 * Binds the backing to a new device of the entry's driver; flags: LO_FLAGS_*.
 * Without a driver the target is the backing itself.
 */
void target_make(struct target *t, const char *backing, unsigned int flags);
/* Removes the device, if there is one. */
void target_remove(struct target *t);

#endif
