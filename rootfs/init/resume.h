/* SPDX-License-Identifier: GPL-2.0 */
/* Reads from the medium's records which entries earlier boots left to do. */
#ifndef CB_RESUME_H
#define CB_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Boots in a row that began no entry, after which the run is given up. */
#define FRUITLESS_MAX 3

struct resume {
	int run, boot; /* both from 1: what this boot is */
	int first; /* the first entry to run: 0 unless a boot broke down */
	bool hopeless; /* FRUITLESS_MAX boots have begun nothing */
};

/*
 * A run that has said bye is over, and so is one of another plan: the next
 * one begins.  Any other goes on behind the last entry that began: nothing is
 * tried twice, so that a machine that hangs in an entry never loops.
 */
void resume_find(struct resume *r, const char *records, size_t size,
		 uint32_t plan_crc);

#endif
