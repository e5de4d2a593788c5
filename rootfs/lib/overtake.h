/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who ends first: A, whose I/O something holds, or B, who has nothing to do
 * with it?  Latencies say nothing on an emulated machine; the order does.
 */
#ifndef CB_OVERTAKE_H
#define CB_OVERTAKE_H

#include <stdbool.h>

struct overtake {
	/* A: asynchronous direct I/O, 4 KiB each unless a_bytes says more. */
	const char *a_group, *a_path;
	int a_requests;
	unsigned int a_bytes;
	bool a_writes;
	int a_flags; /* of open(), besides */
	/* B: one after another, behind all of A's. */
	const char *b_group, *b_path;
	int b_requests;
	void (*b_once)(int fd, long long at); /* NULL: reads 4 KiB */
	/* Puts A under what holds it, once A has all but begun; may be NULL. */
	void (*hold)(void);
	/* Lets A go; called once, when B is done or stuck. */
	void (*lift)(void);

	/* What came out. */
	int a_submitted; /* before B began */
	int a_held; /* of these, not ended when B was done or stuck */
	int a_in_flight; /* of A's device at that time; -1: no device */
	int b_done; /* while A was held */
	long long slab_kib; /* by how much the kernel's objects grew by A */
};

/* Makes the groups a and b of the entry; PATH_LEN bytes each. */
void overtake_groups(char *a_group, char *b_group);
/*
 * Runs both, lets A go, and waits for their ends, without which there is no
 * verdict.  Puts what came out on record.
 */
void overtake_run(struct overtake *o);
/*
 * Waits until another process has counted up to the target, or gets no further;
 * whoever goes on forever is an error.
 */
void overtake_watch(const int *count, int target, const char *who);
/* held() if all of B came before any of A, else failed(). */
__attribute__((noreturn)) void overtake_conclude(const struct overtake *o);

#endif
