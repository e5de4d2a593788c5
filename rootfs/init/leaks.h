/* SPDX-License-Identifier: GPL-2.0 */
/* Leaked memory, on kernels with kmemleak. */
#ifndef CB_LEAKS_H
#define CB_LEAKS_H

#include <stdbool.h>

/* kmemleak reports allocations that are older than this. */
#define LEAKS_AGE_MS 6000

/* Switches off the automatic scan of kmemleak, if the kernel has it. */
void leaks_watch(void);
/* Has the kernel kmemleak?  Then it has KASAN as well. */
bool leaks_watched(void);
/* The time now, in jiffies, in which kmemleak dates allocations. */
unsigned long leaks_clock(void);
/*
 * Scans, which takes seconds.  Calls found() for each object leaked since the
 * last scan, with the time of its allocation and a description.
 */
void leaks_scan(void (*found)(unsigned long when, const char *what));

#endif
