// SPDX-License-Identifier: GPL-2.0
// Leaked memory, on kernels with kmemleak.
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "leaks.h"
#include "util.h"

#define KMEMLEAK "/sys/kernel/debug/kmemleak"
#define CLOCK "/proc/timer_list"
/* Objects that one scan reports at most. */
#define OBJECTS_MAX 64
/* Enough for an emulated machine on a busy host. */
#define SCAN_MS 120000

static bool watched;

void leaks_watch(void)
{
	watched = file_write(KMEMLEAK, "scan=off") == 0;
}

bool leaks_watched(void)
{
	return watched;
}

unsigned long leaks_clock(void)
{
	FILE *f = fopen(CLOCK, "re");
	unsigned long clock = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "jiffies: %lu", &clock) == 1)
			break;
	if (f)
		fclose(f);
	return clock;
}

/* Functions of the allocator, above the one that allocates. */
static bool is_allocator(const char *function)
{
	static const char *const names[] = { "kmalloc",	       "kmem_cache_",
					     "__kmalloc",      "__kmem_cache_",
					     "kmemleak",       "slab_post",
					     "__alloc_percpu", "pcpu_" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(function, names[i], strlen(names[i])))
			return true;
	return false;
}

/*
 * "    [<address>] function+0x1/0x2"; only older kernels print the address.  A
 * function of an unloaded module has no name.
 */
static bool read_function(const char *line, char *function)
{
	const char *end = strchr(line, ']');

	if (strncmp(line, "    ", 4) || line[4] == ' ' ||
	    sscanf(end ? end + 1 : line, " %63[^ +\n]", function) != 1)
		return false;
	if (!strncmp(function, "0x", 2))
		strcpy(function, "a module that is gone");
	return !is_allocator(function);
}

/*
 * A known leak of the block layer, seen in 6.12.117: one object for each disk
 * that ever had an io.max, because blk_throtl_exit() asks for a policy that
 * blkg_destroy_all() has just switched off.  It is not the driver's, so it only
 * goes to the console.
 */
static bool is_known(const char *function)
{
	return !strcmp(function, "blk_throtl_init");
}

static bool is_over(void *pid)
{
	return waitpid(*(pid_t *)pid, NULL, WNOHANG) != 0;
}

/* In another process, so that the caller can go on sending ticks. */
static void scan(void)
{
	pid_t pid;

	fflush(NULL);
	pid = CHECK(fork());
	if (!pid) {
		/* The first scan skips objects that are new or have changed. */
		file_put(KMEMLEAK, "scan");
		file_put(KMEMLEAK, "scan");
		_exit(0);
	}
	if (!wait_until(is_over, &pid, SCAN_MS))
		FAIL(0, "a kmemleak scan has not ended after %d ms", SCAN_MS);
}

void leaks_scan(void (*found)(unsigned long when, const char *what))
{
	char line[512], what[256], comm[32] = "", function[64];
	unsigned long size = 0, when = 0;
	bool done = true;
	int count = 0;
	FILE *f;

	scan();
	f = fopen(KMEMLEAK, "re");
	if (!f)
		FAIL(0, "cannot read " KMEMLEAK);
	while (count < OBJECTS_MAX && fgets(line, sizeof(line), f)) {
		sscanf(line, "unreferenced object 0x%*x (size %lu)", &size);
		if (!strncmp(line, "  backtrace", 11))
			done = false;
		sscanf(line, "  comm \"%31[^\"]\", pid %*d, jiffies %lu", comm,
		       &when);
		if (done || !read_function(line, function))
			continue;
		done = true;
		count++;
		text_set(what, sizeof(what), "%lu bytes of %s, by %s", size,
			 comm, function);
		if (is_known(function))
			printf("# known: lost %s\n", what);
		else
			found(when, what);
	}
	fclose(f);
	file_put(KMEMLEAK, "clear");
}
