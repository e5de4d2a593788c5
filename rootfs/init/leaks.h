/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that nobody refers to, on kernels with kmemleak. */
#ifndef CB_LEAKS_H
#define CB_LEAKS_H

#include <stdbool.h>

/* How old an allocation must be to be found. */
#define LEAKS_AGE_MS 6000

/* From now on the kernel, if it can, scans when told to, and only then. */
void leaks_watch(void);
/* Can it?  Then it has KASAN as well. */
bool leaks_watched(void);
/* Now, in the unit in which the kernel dates an allocation. */
unsigned long leaks_clock(void);
/*
 * Scans, which takes seconds.  Calls found() for each piece of memory that was
 * lost since the last time: when it was allocated, and what it is.
 */
void leaks_scan(void (*found)(unsigned long when, const char *what));

#endif
