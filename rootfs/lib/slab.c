// SPDX-License-Identifier: GPL-2.0
// Objects in use of the kernel's slab caches.
#include "progress.h"
#include "slab.h"
#include "util.h"

/* More than a grace period takes: two seconds or more. */
#define TURNS 1000
#define WATCH_MS 120000

struct excess {
	const char *cache;
	long long objects, more;
};

long long slab_objects(const char *cache)
{
	char path[PATH_LEN];
	long long objects;

	text_set(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	file_put(path, "1");
	text_set(path, sizeof(path), "/sys/kernel/slab/%s/objects", cache);
	file_scan(path, 1, "%lld", &objects);
	return objects;
}

static bool has_no_more(void *arg, long long *at)
{
	struct excess *e = arg;

	e->more = slab_objects(e->cache) - e->objects;
	*at = e->more;
	return e->more <= 0;
}

long long slab_wait(const char *cache, long long objects)
{
	struct excess e = { .cache = cache, .objects = objects };

	progress_wait(has_no_more, &e, TURNS, WATCH_MS, cache);
	return e.more > 0 ? e.more : 0;
}
