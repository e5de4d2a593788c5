/* SPDX-License-Identifier: GPL-2.0 */
/* Which lines of cgloop ran, of a kernel that counts them (COVERAGE=1). */
#ifndef CB_COVERAGE_H
#define CB_COVERAGE_H

/*
 * Prints gcov's counters to the console, in lines of "gcov PATH HEX"; nothing
 * where the kernel has none. scripts/coverage puts them together again.
 */
void coverage_print(void);

#endif
