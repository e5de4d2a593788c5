// SPDX-License-Identifier: GPL-2.0
// idle-release: does a loop device keep a cgroup that nobody uses any more?
#include <fcntl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "cgroup_gone.h"
#include "fs.h"
#include "scenario.h"
#include "target.h"

#define COUNT 64
/*
 * The in-tree driver frees a worker that was idle for a minute.  Its timer is
 * deferrable, and so may come a minute late.
 */
#define AT_LAST_MS 180000

static struct target target = TARGET_NONE;
static struct cgroup_gone test;

/* The subject uses the device, the twin the disk below it. */
static void issue(void *path)
{
	int fd = CHECK(open(path, O_RDWR | O_DIRECT));

	io_range(fd, cell_is("rw", "write"), BLOCK, 0, COUNT * BLOCK);
	CHECK(close(fd));
}

/*
 * The users have io alone.  Writeback needs a memory group as well, so the
 * kernel gives them one; cached pages would keep it, which is another claim.
 * That is why run() drops the cache.
 */
static void setup(void)
{
	cgroup_gone_make(&test, "+io");
	target_make(&target, RAM_DISK,
		    cell_is("backing", "direct") ? LO_FLAGS_DIRECT_IO : 0);
}

/* For how long is it kept: for a minute, until the device goes, for good? */
static void tell_how_long(void)
{
	if (cell_is("rw", "write") && !driver_has_faults(driver()))
		cgroup_gone_at_last(&test, AT_LAST_MS);
	else
		cgroup_gone_without(&test, &target);
}

static void run(void)
{
	char disk[] = RAM_DISK;

	run_in(test.subject_user, issue, target.path);
	run_in(test.twin_user, issue, disk);
	fs_drop_cache(RAM_DISK);
	CHECK(cgroup_remove(test.subject_user));
	CHECK(cgroup_remove(test.twin_user));
	cgroup_gone_wait(&test);
	tell_how_long();
	cgroup_gone_conclude(&test, "the idle device");
}

static void cleanup(void)
{
	target_remove(&target);
}

SCENARIO(idle_release,
	 .claim = "a removed cgroup is gone after its last I/O through a loop "
		  "device as soon as after I/O without one",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK),
	 .cells = CELLS("backing=buffered rw=read", "backing=direct rw=read",
			"backing=direct rw=write"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "pin-css" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 300, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
