/* SPDX-License-Identifier: GPL-2.0 */
/* A backing file on a file system of its own. */
#ifndef CB_BACKING_H
#define CB_BACKING_H

#include "fs.h"
#include "target.h"
#include "util.h"

/* The needs of a backing on ext4, and of one in the cells backing=ext4. */
#define NEEDS_BACKING_EXT4 NEEDS_RAM_DISK, NEEDS_EXT4
#define NEEDS_IF_BACKING_EXT4                                     \
	"backing=ext4 load:ext4", "backing=ext4 " NEEDS_RAM_DISK, \
		"backing=ext4 /sbin/mke2fs"

enum backing_fs {
	BACKING_TMPFS,
	BACKING_EXT4, /* on the RAM disk, without a journal */
};

struct backing {
	char mnt[PATH_LEN]; /* the folder, "mnt" in the scenario's own */
	char file[PATH_LEN];
};

/* Mounts the file system, and makes on it a file of that size, all a hole. */
void backing_make(struct backing *b, enum backing_fs fs, long long bytes);
/* Unmounts it; where nothing was made, nothing happens. */
void backing_remove(struct backing *b);

#endif
