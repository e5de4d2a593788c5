// SPDX-License-Identifier: GPL-2.0
// What the I/O of a scenario goes to: a device on a backing, or that itself.
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
