/* SPDX-License-Identifier: GPL-2.0 */
/* Two drivers in the same cells of one result, by the ranks of their rounds. */
#ifndef CB_DUEL_H
#define CB_DUEL_H

#include <jansson.h>
#include <stdio.h>

struct duel {
	char *cell; /* the one who makes a list of duels frees it */
	json_t *ours, *theirs; /* their samples */
};

/*
 * A line for each cell: is ours better or worse, or is there no difference that
 * chance could not make?  All cells are judged together.  A unit of neither
 * costs nor gains says nothing, and nothing is printed.
 */
void duels_print(const struct duel *duels, size_t n, const char *unit,
		 int width, FILE *f);

#endif
