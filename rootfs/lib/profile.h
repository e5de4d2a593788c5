/* SPDX-License-Identifier: GPL-2.0 */
/* For a profiler below the machine: what is measured, and where modules are. */
#ifndef CB_PROFILE_H
#define CB_PROFILE_H

#include <stdbool.h>

/* Set by the word cb.profile; without it these functions do nothing. */
extern bool profile_wanted;

void profile_begin(void);
/* Reports what ran since profile_begin(), in so many requests. */
void profile_end(const char *cell, const char *driver, long long requests);
/* Reports the functions of all modules, as /proc/kallsyms has them. */
void profile_symbols(void);

#endif
