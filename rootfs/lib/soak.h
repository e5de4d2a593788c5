/* SPDX-License-Identifier: GPL-2.0 */
/* A soak's options, and what its scenarios share. */
#ifndef CB_SOAK_H
#define CB_SOAK_H

#include <sys/types.h>

/* From the command line. */
struct soak {
	long long requests; /* in all */
	unsigned int seed;
};

extern struct soak soak;

/* The least that a soak may be asked for. */
#define SOAK_LEAST 100000
/* soak-ioctl makes one random call per this many requests. */
#define SOAK_REQUESTS_PER_CALL 20
/* More than any soak takes; the host bounds the whole run. */
#define SOAK_S 86400

/* A disk that can discard; the scenarios ask for it in the same words. */
#define SOAK_DISK "/dev/nullb0"
#define NEEDS_SOAK_DISK                                              \
	"load:null_blk nr_devices=1 gb=1 memory_backed=1 discard=1 " \
	"irqmode=1 queue_mode=2"

/* The amount for this entry: a control comes out false after far less. */
long long soak_share(long long all, long long of_control);
/*
 * Waits for the end of a process and returns its wait status.  Prints the
 * counter to the console once per minute.
 */
int soak_wait(pid_t pid, const long long *counter, long long all,
	      const char *unit);
/* Adds to a counter in shared memory. */
void soak_count(long long *counter, long long n);
/*
 * Waits until the kernel has freed the removed groups below the entry's own,
 * and returns how many stay.  Call it when no device and no file's pages can
 * keep them.
 */
long long soak_groups_left(void);

#endif
