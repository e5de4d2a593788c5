// SPDX-License-Identifier: GPL-2.0
// worker-context: what may a thread that serves a loop device wait for?
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dm.h"
#include "hold.h"
#include "order.h"
#include "scenario.h"
#include "target.h"

/* Of include/linux/sched.h; the same on all kernels since 5.8. */
#define PF_MEMALLOC_NOIO 0x00080000
#define PF_LOCAL_THROTTLE 0x00100000

static struct target target = TARGET_NONE;
static char disk[PATH_LEN], a_group[PATH_LEN], b_group[PATH_LEN];

/* Of the threads that serve the device, as they wait for its backing. */
static int workers, noio, throttle;

static void setup(void)
{
	in_group(a_group, "a");
	in_group(b_group, "b");
	CHECK(cgroup_make(a_group, ""));
	CHECK(cgroup_make(b_group, ""));
	dm_make_disk(disk);
	target_make(&target, disk, 0);
}

/*
 * The kernel names a worker after the queue that it works for, and the queue is
 * named after the device: "kworker/u8:1+loop0".  Then come the state, six
 * numbers, and the flags.
 */
static void look_at(const char *pid)
{
	char path[PATH_LEN], text[512], end[PATH_LEN], state, *at;
	unsigned int flags;

	text_set(path, sizeof(path), "/proc/%s/stat", pid);
	text_set(end, sizeof(end), "+%s)", strrchr(target.path, '/') + 1);
	if (file_read(path, text, sizeof(text)) < 0)
		return;
	at = strstr(text, end);
	if (!at)
		return;
	if (sscanf(at + strlen(end), " %c %*d %*d %*d %*d %*d %u", &state,
		   &flags) != 2)
		FAIL(0, "%s says: %s", path, text);
	if (state != 'D')
		return;
	workers++;
	noio += !!(flags & PF_MEMALLOC_NOIO);
	throttle += !!(flags & PF_LOCAL_THROTTLE);
}

/* B is done, and A's requests hold whoever serves them. */
static void look_and_lift(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;

	if (!dir)
		FAIL(0, "no /proc");
	while ((d = readdir(dir)))
		if (isdigit((unsigned char)d->d_name[0]))
			look_at(d->d_name);
	closedir(dir);
	hold_lift(a_group, disk);
}

static void run(void)
{
	struct order o = {
		.a_group = a_group,
		.a_path = target.path,
		.a_requests = 1,
		.b_group = b_group,
		.b_path = target.path,
		.b_requests = 10,
		.lift = look_and_lift,
	};

	hold_disk(a_group, disk);
	order_run(&o);
	evidence("workers_that_wait", workers, "threads");
	evidence("workers_without_io", noio, "threads");
	evidence("workers_throttled_locally", throttle, "threads");
	if (!workers)
		FAIL(0, "no worker of %s waits", target.path);
	if (noio == workers && throttle == workers)
		held();
	failed("of %d workers, %d never start I/O from reclaim, and %d are "
	       "throttled against their own device",
	       workers, noio, throttle);
}

static void cleanup(void)
{
	target_remove(&target);
	dm_remove_disk();
}

SCENARIO(worker_context,
	 .claim = "workers of loop devices never start I/O from reclaim, and "
		  "are throttled against their own device alone",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK, "load:dm_mod"),
	 .controls = CONTROLS({ "cgloop-inject", CLAIM_FALSE, "no-flags" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
