/* SPDX-License-Identifier: GPL-2.0 */
/* Which entries of the plan a boot is to run: the value of cb.entries=. */
#ifndef CB_ENTRIES_H
#define CB_ENTRIES_H

#include <stdbool.h>

#define ENTRIES_WORD "cb.entries="

/* FIRST-LAST[,FIRST-LAST...], each FIRST at most its LAST. */
bool entries_valid(const char *list);
/* Whether a valid list names the entry; NULL names all. */
bool entries_have(const char *list, unsigned long id);

#endif
