/* SPDX-License-Identifier: GPL-2.0 */
/* Which entries to boot next, and in how many parallel boots. */
#ifndef CB_SHARDS_H
#define CB_SHARDS_H

#include "judge/judge.h"

/* Measured duration of one entry, per scenario. */
struct times {
	struct time_of {
		char name[64];
		unsigned int ms;
	} * v;
	size_t n;
};

/* Reads lines of NAME MILLISECONDS or # comments. 0, or -1 with err set. */
int times_load(struct times *t, const char *path, struct error *err);
void times_free(struct times *t);

/*
 * Cuts the entries that runs_next() selects into at most max shards of whole
 * scenarios that take about equally long; fewer if a boot would not pay.
 * Returns their number, and puts the ranges of each into shards[], which the
 * caller frees.
 */
size_t shards_make(const struct run *run, const struct times *t, size_t max,
		   char **shards);

#endif
