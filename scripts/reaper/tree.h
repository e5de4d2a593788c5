/* SPDX-License-Identifier: GPL-2.0 */
/* The descendants of this process. */
#ifndef REAPER_TREE_H
#define REAPER_TREE_H

/*
 * SIGTERM to each.  They are stopped until all have it, so that none starts
 * another one meanwhile that is missed; stopped ones run on.
 */
void tree_terminate(void);

/* SIGKILL to each that there is now. */
void tree_kill(void);

#endif
