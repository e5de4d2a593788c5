/* SPDX-License-Identifier: GPL-2.0 */
/* A disk that a process serves.  Needs NEEDS_NBD. */
#ifndef CB_NBD_H
#define CB_NBD_H

#include <sys/types.h>

#define NBD_DISK "/dev/nbd0"
#define NEEDS_NBD "load:nbd nbds_max=1 max_part=0"

struct nbd {
	const char *group; /* of the server process */
	const char *file; /* the existing file with the disk's content */
	long long bytes;
	/* Called in that process when it starts, and before each write. */
	void (*on_start)(void);
	void (*on_write)(void);
	/* The server, and the process that stays in NBD_DO_IT. */
	pid_t server, keeper;
};

/* Returns when the disk can be used. */
void nbd_start(struct nbd *n);
/* Kills the server, as if it crashed; from then on all I/O fails. */
void nbd_crash(struct nbd *n);
/* Ends both; where nothing was started, nothing happens. */
void nbd_stop(struct nbd *n);

#endif
