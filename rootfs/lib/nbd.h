/* SPDX-License-Identifier: GPL-2.0 */
/* A disk that a process serves.  Needs NEEDS_NBD. */
#ifndef CB_NBD_H
#define CB_NBD_H

#include <sys/types.h>

#define NBD_DISK "/dev/nbd0"
#define NEEDS_NBD "load:nbd nbds_max=1 max_part=0"

struct nbd {
	const char *group; /* of the process that serves */
	const char *file; /* where it keeps what is written; is there */
	long long bytes;
	/* In that process: when it starts, and before each write. */
	void (*on_start)(void);
	void (*on_write)(void);
	/* The one that serves, and the one that the kernel borrows. */
	pid_t server, keeper;
};

/* Returns when the disk is there. */
void nbd_start(struct nbd *n);
/* Ends both; where nothing was started, nothing happens. */
void nbd_stop(struct nbd *n);

#endif
