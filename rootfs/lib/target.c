// SPDX-License-Identifier: GPL-2.0
// The target of a scenario's I/O: a device, or without a driver its backing.
#include "scenario.h"
#include "target.h"

void target_make(struct target *t, const char *backing, unsigned int flags)
{
	if (!driver()->module) {
		text_set(t->path, sizeof(t->path), "%s", backing);
		return;
	}
	t->number = CHECK(driver_reserve(driver(), t->path));
	CHECK(driver_bind(t->path, backing, flags));
}

void target_remove(struct target *t)
{
	int number = t->number;

	t->number = -1;
	if (number >= 0)
		CHECK(driver_remove(driver(), number));
}
