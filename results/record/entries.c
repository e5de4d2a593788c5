// SPDX-License-Identifier: GPL-2.0
/* Which entries of the plan a boot is to run: the value of cb.entries=. */
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>

#include "record/entries.h"

/* Returns what follows FIRST-LAST; NULL where there is no such range. */
static const char *next_range(const char *p, unsigned long *first,
			      unsigned long *last)
{
	char *end;

	if (!isdigit((unsigned char)*p))
		return NULL;
	*first = strtoul(p, &end, 10);
	if (*end != '-' || !isdigit((unsigned char)end[1]))
		return NULL;
	*last = strtoul(end + 1, &end, 10);
	if (*first > *last || (*end && (*end != ',' || !end[1])))
		return NULL;
	return *end ? end + 1 : end;
}

bool entries_valid(const char *list)
{
	unsigned long first, last;

	do
		list = next_range(list, &first, &last);
	while (list && *list);
	return list;
}

bool entries_have(const char *list, unsigned long id)
{
	unsigned long first, last;

	if (!list)
		return true;
	while ((list = next_range(list, &first, &last))) {
		if (id >= first && id <= last)
			return true;
	}
	return false;
}
