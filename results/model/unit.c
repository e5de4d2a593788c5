// SPDX-License-Identifier: GPL-2.0
/* Which units are costs and which are gains. */
#include <stddef.h>
#include <string.h>

#include "model/unit.h"

int unit_direction(const char *unit)
{
	static const char *const less[] = { "virtual ns", "ns", "us", "ms",
					    "s" };
	static const char *const more[] = { "IOPS", "1/s", "B/s", "KiB/s",
					    "MiB/s" };
	size_t i;

	for (i = 0; i < sizeof(less) / sizeof(*less); i++) {
		if (!strcmp(unit, less[i]))
			return 1;
	}
	for (i = 0; i < sizeof(more) / sizeof(*more); i++) {
		if (!strcmp(unit, more[i]))
			return -1;
	}
	return 0;
}
