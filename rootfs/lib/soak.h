/* SPDX-License-Identifier: GPL-2.0 */
/* How much a soak does, and what its scenarios have in common. */
#ifndef CB_SOAK_H
#define CB_SOAK_H

#include <sys/types.h>

/* From the command line. */
struct soak {
	long long requests; /* of I/O, in all */
	unsigned int seed;
};

extern struct soak soak;

/* Less would say nothing. */
#define SOAK_LEAST 100000
/* One random call for so many requests. */
#define SOAK_REQUESTS_PER_CALL 20
/* More than any soak takes; the whole run has a bound, too. */
#define SOAK_S 86400

/* A disk that can discard; the scenarios ask for it in the same words. */
#define SOAK_DISK "/dev/nullb0"
#define NEEDS_SOAK_DISK                                              \
	"load:null_blk nr_devices=1 gb=1 memory_backed=1 discard=1 " \
	"irqmode=1 queue_mode=2"

/* A control has to come out false, and does so long before it is through. */
long long soak_share(long long all, long long of_control);
/*
 * Waits for the end of a process, and says on the console now and then how far
 * the counter has come; returns its status.
 */
int soak_wait(pid_t pid, const long long *counter, long long all,
	      const char *unit);
/* Adds to a counter that processes share. */
void soak_count(long long *counter, long long n);
/*
 * Waits until the removed groups below the entry's own are really gone;
 * returns how many stay.  To be called when nothing else can keep them: no
 * device, and no file whose pages they own.
 */
long long soak_groups_left(void);

#endif
