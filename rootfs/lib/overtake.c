// SPDX-License-Identifier: GPL-2.0
// Does B overtake A, whose requests are held back by a limit?
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "aio.h"
#include "disk.h"
#include "dm.h"
#include "overtake.h"
#include "progress.h"
#include "scenario.h"
#include "throttle.h"

/* Turns without progress: about a second on an idle machine. */
#define STUCK_TURNS 400
/* Turns after which requests of A that have not ended are held. */
#define HELD_TURNS 60
/* For a counter that somebody raises. */
#define WATCH_MS 60000
/* For A to begin, and for its limit to be set. */
#define START_MS 30000
/* For what was held, from when it is released. */
#define RELEASE_MS 60000
/* Between A and B: more than readahead reaches. */
#define GAP (16 * MIB)

/* Of one side, in memory that its process shares with ours. */
struct side {
	int submitted, done;
	int ready, go; /* A's: it has opened the device; it may submit */
};

static struct side *a, *b;
static const struct overtake *cfg;

static void run_a(void *unused)
{
	int access = cfg->a_writes ? O_RDWR : O_RDONLY, i;
	int fd =
		CHECK(open(cfg->target.path, access | O_DIRECT | cfg->a_flags));
	aio_context_t aio = aio_make(cfg->a_requests);
	void *buf = zalloc_pages(cfg->a_bytes);

	(void)unused;
	a->ready = 1;
	if (!wait_count(&a->go, 1, START_MS))
		FAIL(0, "A may not submit within %d ms", START_MS);
	for (i = 0; i < cfg->a_requests; i++) {
		aio_submit(aio, fd, cfg->a_writes, buf, cfg->a_bytes,
			   (long long)i * cfg->a_bytes);
		a->submitted++;
	}
	while (a->done < cfg->a_requests)
		a->done += aio_reap(aio, cfg->a_bytes);
	CHECK(close(fd));
}

static void run_b(void *unused)
{
	int access = cfg->b_once ? O_RDWR : O_RDONLY;
	int fd = CHECK(open(cfg->target.path, access | O_DIRECT));
	long long at = (long long)cfg->a_requests * cfg->a_bytes + GAP;
	void *buf = zalloc_pages(BLOCK);

	(void)unused;
	for (; b->done < cfg->b_requests; at += BLOCK) {
		if (cfg->b_once)
			cfg->b_once(fd, at);
		else
			pread_all(fd, buf, BLOCK, at);
		b->done++;
	}
	CHECK(close(fd));
}

void overtake_watch(const int *count, int target, const char *who)
{
	progress_count(count, target, STUCK_TURNS, WATCH_MS, who);
}

/* A disk counts nothing that io.max holds, so only a device is asked. */
static int in_flight(const char *node)
{
	char path[PATH_LEN];
	int reads, writes;

	if (!driver()->module)
		return -1;
	disk_file(path, node, "inflight");
	file_scan(path, 2, "%d %d", &reads, &writes);
	return reads + writes;
}

static long long slab_kib(void)
{
	return CHECK(file_key("/proc/meminfo", "Slab:"));
}

void overtake_groups(struct overtake *o)
{
	make_group(o->a_group, "a", "");
	make_group(o->b_group, "b", "");
}

void overtake_setup(struct overtake *o)
{
	o->target.number = -1;
	overtake_groups(o);
	dm_make_disk(o->disk);
	target_make(&o->target, o->disk, 0);
}

void overtake_cleanup(struct overtake *o)
{
	if (!*o->disk)
		return;
	target_remove(&o->target);
	dm_remove_disk();
}

/* The group that io.max is set for. */
static const char *held_group(const struct overtake *o)
{
	return *o->held_group ? o->held_group : o->a_group;
}

static void hold(const struct overtake *o)
{
	if (*o->disk)
		throttle_disk(held_group(o), o->disk);
	else
		CHECK(cgroup_write(o->a_group, "memory.high", "0"));
}

static void release(const struct overtake *o)
{
	if (*o->disk)
		throttle_lift(held_group(o), o->disk);
	else
		CHECK(cgroup_write(o->a_group, "memory.high", "max"));
}

static void show(const struct overtake *o)
{
	evidence("a_requests", o->a_requests, "requests");
	evidence("a_submitted_before_b", o->a_submitted, "requests");
	evidence("a_pending_after_b", o->a_held, "requests");
	evidence("device_in_flight_after_b", o->a_in_flight, "requests");
	evidence("b_done_while_a_held", o->b_done, "requests");
	evidence("a_done_when_let_go", a->done, "requests");
	evidence("b_done_when_let_go", b->done, "requests");
	evidence("slab_growth", o->slab_kib, "KiB");
}

void overtake_run(struct overtake *o)
{
	long long before = slab_kib();
	pid_t pid_a, pid_b;

	if (!o->a_bytes)
		o->a_bytes = BLOCK;
	cfg = o;
	a = shared_memory(sizeof(*a));
	b = shared_memory(sizeof(*b));
	pid_a = process_start(o->a_group, run_a, NULL);
	if (!wait_count(&a->ready, 1, START_MS))
		FAIL(0, "A has not opened %s within %d ms", o->target.path,
		     START_MS);
	hold(o);
	a->go = 1;
	overtake_watch(&a->submitted, o->a_requests, "A");
	progress_count(&a->done, o->a_requests, HELD_TURNS, WATCH_MS, "A");
	o->a_submitted = a->submitted;
	o->slab_kib = slab_kib() - before;
	pid_b = process_start(o->b_group, run_b, NULL);
	overtake_watch(&b->done, o->b_requests, "B");
	o->b_done = b->done;
	o->a_held = o->a_requests - a->done;
	o->a_in_flight = in_flight(o->target.path);
	if (o->before_release)
		o->before_release();
	release(o);
	process_end(pid_a, RELEASE_MS, "A, which is no longer held,");
	process_end(pid_b, RELEASE_MS, "B");
	show(o);
}

void overtake_conclude(const struct overtake *o)
{
	if (o->a_held != o->a_requests)
		FAIL(0, "A was not held: %d of %d requests ended",
		     o->a_requests - o->a_held, o->a_requests);
	/*
	 * A may sleep for the little that a system call allocates.  Nothing
	 * counts a write that is over but for the flush behind it.
	 */
	if (!o->a_in_flight && !(o->a_flags & O_DSYNC))
		FAIL(0, "A sleeps, but its I/O was not held");
	if (o->b_done == o->b_requests)
		held();
	failed("B got %d of %d requests done while A was held, the rest when "
	       "A was let go",
	       o->b_done, o->b_requests);
}
