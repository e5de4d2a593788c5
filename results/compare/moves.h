/* SPDX-License-Identifier: GPL-2.0 */
/* Since which run did a verdict or a cost move? */
#ifndef CB_MOVES_H
#define CB_MOVES_H

#include <stdbool.h>

#include "model/history.h"

/*
 * Finds the moves of all tracks.
 *
 * An entry moves when its verdict is another one than in the run before. A cost
 * in virtual ns moves when it leaves its level, the value after the last move,
 * by more than its tolerance, or 0.5 %; of the same image by anything at all.
 * For a cost by the clock one run is not enough: its runs before and after are
 * compared by ranks, as compare does with rounds.
 */
void moves_find(struct history *h);

/* Prints them. True if something is worse since its last move. */
bool moves_print(const struct history *h, FILE *f, bool colour);

#endif
