/* SPDX-License-Identifier: GPL-2.0 */
/* Compares two drivers in the same cells of one result by rank tests. */
#ifndef CB_DUEL_H
#define CB_DUEL_H

#include <jansson.h>
#include <stdio.h>

struct duel {
	char *cell; /* the caller frees it */
	json_t *ours, *theirs; /* their samples */
};

/*
 * Prints a line per cell: ours is better, worse, or not significantly
 * different. All cells are judged together. Prints nothing for a unit that is
 * neither a cost nor a gain.
 */
void duels_print(const struct duel *duels, size_t n, const char *unit,
		 int width, FILE *f);

#endif
