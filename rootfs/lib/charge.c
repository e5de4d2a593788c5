// SPDX-License-Identifier: GPL-2.0
// Which groups memory is charged to, by counters that lag behind.
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "charge.h"
#include "io.h"
#include "util.h"

/* The kernel flushes its statistics every two seconds. */
#define SETTLE_MS 5000

struct settle {
	void (*read)(void *reading);
	bool (*complete)(const void *reading);
	void *reading, *last;
	size_t size;
};

long long charge_measurable(long long least)
{
	long long bytes = sysconf(_SC_NPROCESSORS_ONLN) * 2 * MIB;

	return bytes < least ? least : bytes;
}

long long charged(const char *group, const char *key)
{
	return CHECK(cgroup_key(group, "memory.stat", key));
}

static bool is_settled(void *arg)
{
	struct settle *s = arg;

	memcpy(s->last, s->reading, s->size);
	s->read(s->reading);
	return !memcmp(s->last, s->reading, s->size) && s->complete(s->reading);
}

void charge_settle(void (*read)(void *reading),
		   bool (*complete)(const void *reading), void *reading,
		   size_t size)
{
	char last[size];
	struct settle s = { .read = read,
			    .complete = complete,
			    .reading = reading,
			    .last = last,
			    .size = size };

	wait_until(is_settled, &s, SETTLE_MS);
}
