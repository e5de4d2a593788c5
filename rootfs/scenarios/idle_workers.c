// SPDX-License-Identifier: GPL-2.0
// idle-workers: do they go after idle_secs, and only they?
#include <fcntl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "aio.h"
#include "progress.h"
#include "scenario.h"
#include "target.h"
#include "throttle.h"

#define START_MS 20000
#define END_MS 20000
#define WATCH_MS 60000
/*
 * A worker goes after one to two times idle_secs: two seconds.  As many turns
 * of progress_wait() take five seconds on an idle machine, and never fewer.
 */
#define STUCK_TURNS 2500

static struct target target = TARGET_NONE;
static char idle[PATH_LEN], busy[PATH_LEN];
/* Shared: requests of the busy group that were submitted, and ended. */
static int *submitted, *ended;

static void set_idle_secs(int seconds)
{
	char path[PATH_LEN];

	text_set(path, sizeof(path), "/sys/module/%s/parameters/idle_secs",
		 driver()->module);
	file_put(path, "%d", seconds);
}

static void setup(void)
{
	make_group(idle, "idle", "");
	make_group(busy, "busy", "");
	submitted = shared_memory(sizeof(*submitted));
	ended = shared_memory(sizeof(*ended));
	/* The device takes the time with the first worker that it makes. */
	set_idle_secs(variant_is("hour") ? 3600 : 1);
	target_make(&target, RAM_DISK, LO_FLAGS_DIRECT_IO);
}

static int open_target(void)
{
	return CHECK(open(target.path, O_RDONLY | O_DIRECT | O_CLOEXEC));
}

static void issue(void *unused)
{
	int fd = open_target();

	(void)unused;
	io_range(fd, false, BLOCK, 0, BLOCK);
	CHECK(close(fd));
}

static void issue_held(void *unused)
{
	aio_context_t aio = aio_make(1);
	int fd = open_target();

	(void)unused;
	aio_submit(aio, fd, false, zalloc_pages(BLOCK), BLOCK, BLOCK);
	*submitted = 1;
	*ended = aio_reap(aio, BLOCK);
	CHECK(close(fd));
}

/*
 * Bios that are sent on to a disk are charged to their I/O cgroup alone, so
 * that is what the device knows the group's worker by.
 */
static bool has_worker(const char *group, struct driver_worker *w)
{
	return driver_worker(target.path, 0, cgroup_inode(group), w);
}

static bool is_gone(void *group, long long *at)
{
	struct driver_worker w;

	*at = 0;
	return !has_worker(group, &w);
}

static bool goes(char *group)
{
	return progress_wait(is_gone, group, STUCK_TURNS, WATCH_MS,
			     "the idle worker");
}

/*
 * The reaper looks at all of a device's workers at once.  So when the idle one
 * is gone, the busy one was looked at as often.
 */
static void run(void)
{
	struct driver_worker w;
	bool has_gone, is_kept, goes_at_last;
	pid_t pid;

	throttle_disk(busy, RAM_DISK);
	pid = process_start(busy, issue_held, NULL);
	if (!wait_count(submitted, 1, START_MS))
		FAIL(0, "nothing was submitted in %d ms", START_MS);
	run_in(idle, issue, NULL);
	if (!has_worker(idle, &w) || !has_worker(busy, &w) || w.held != 1)
		failed("the device has no workers, or does not count what "
		       "they do");
	has_gone = goes(idle);
	is_kept = has_worker(busy, &w) && w.held == 1;
	evidence("idle_gone", has_gone, "workers");
	evidence("busy_kept", is_kept, "workers");
	if (*ended)
		FAIL(0, "the held read has ended");
	throttle_lift(busy, RAM_DISK);
	process_end(pid, END_MS, "the issuer, which is no longer held,");
	evidence("reads_ended", *ended, "requests");
	if (!has_gone)
		failed("the worker of a group that does nothing stays");
	if (!is_kept)
		failed("a worker with a request under way went, too");
	goes_at_last = goes(busy);
	evidence("busy_gone_at_last", goes_at_last, "workers");
	if (!goes_at_last)
		failed("a worker stays that had a request under way before");
	held();
}

static void cleanup(void)
{
	target_remove(&target);
	set_idle_secs(10);
}

SCENARIO(idle_workers,
	 .claim = "cgloop frees a worker that had nothing to do for "
		  "idle_secs, and none that has a request under way",
	 .drivers = "cgloop",
	 .needs = NEEDS("driver", "cgroup:io", NEEDS_RAM_DISK),
	 .controls = CONTROLS({ "cgloop", EXPECT_FALSE, "hour" }),
	 .timeout_s = 120, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
