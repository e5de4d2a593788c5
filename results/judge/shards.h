/* SPDX-License-Identifier: GPL-2.0 */
/* What is to be booted next, and in how many boots side by side. */
#ifndef CB_SHARDS_H
#define CB_SHARDS_H

#include "judge/judge.h"

/* How long one entry of each scenario takes: what was measured once. */
struct times {
	struct time_of {
		char name[64];
		unsigned int ms;
	} * v;
	size_t n;
};

/* Lines of a name and milliseconds, or #. 0, or -1 with err set. */
int times_load(struct times *t, const char *path, struct error *err);
void times_free(struct times *t);

/*
 * Cuts all that runs_next() into at most max shards of whole scenarios that
 * take about equally long, and into fewer where a boot of its own would not
 * pay.  Returns how many there are, and puts the entries of each into
 * shards[], as ranges, for the caller to free.
 */
size_t shards_make(const struct run *run, const struct times *t, size_t max,
		   char **shards);

#endif
