/* SPDX-License-Identifier: GPL-2.0 */
/* For a profiler below the machine: what is measured, and where modules are. */
#ifndef CB_PROFILE_H
#define CB_PROFILE_H

#include <stdbool.h>

/* Set where a profile is made (the word cb.profile); all else is nothing. */
extern bool profile_wanted;

void profile_begin(void);
/*
 * Says on the console what has been measured since, in how many requests, and
 * the functions of all modules with their addresses.
 */
void profile_end(const char *what, long long requests);

#endif
