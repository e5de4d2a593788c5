// SPDX-License-Identifier: GPL-2.0
// idle-release: does a loop device keep a cgroup that nobody uses any more?
#include <fcntl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "driver.h"
#include "fs.h"
#include "cgroup_gone.h"
#include "scenario.h"
#include "target.h"

#define BLOCK 4096
#define COUNT 64
#define ISSUER_MS 20000

static struct target target = TARGET_NONE;
static char through[PATH_LEN], twin[PATH_LEN];
static char through_user[PATH_LEN], twin_user[PATH_LEN];

/* The same I/O on the device, and on what is below it. */
static void issue(void *path)
{
	bool writing = cell_is("rw", "write");
	int fd = CHECK(open(path, O_RDWR | O_DIRECT));
	char *buf = zalloc_pages(BLOCK);
	int i;

	for (i = 0; i < COUNT; i++) {
		ssize_t n = writing ? pwrite(fd, buf, BLOCK, i * BLOCK) :
				      pread(fd, buf, BLOCK, i * BLOCK);

		if (CHECK(n) != BLOCK)
			FAIL(0, "%zd bytes of block %d", n, i);
	}
	CHECK(close(fd));
}

/*
 * The users have io alone; the kernel gives them memory groups all the same,
 * which writeback needs.  So pages that stay in a cache keep a group, which is
 * another matter: they are dropped.
 */
static void setup(void)
{
	in_group(through, "through");
	in_group(twin, "twin");
	in_group(through_user, "through/user");
	in_group(twin_user, "twin/user");
	CHECK(cgroup_make(through, "+io"));
	CHECK(cgroup_make(twin, "+io"));
	CHECK(cgroup_make(through_user, ""));
	CHECK(cgroup_make(twin_user, ""));
	target_make(&target, RAM_DISK,
		    cell_is("backing", "direct") ? LO_FLAGS_DIRECT_IO : 0);
}

static void run(void)
{
	struct cgroup_gone g = { .subject = through, .twin = twin };
	char disk[] = RAM_DISK;

	if (process_run(through_user, issue, target.path, ISSUER_MS) ||
	    process_run(twin_user, issue, disk, ISSUER_MS))
		FAIL(0, "an issuer failed");
	fs_drop_cache(RAM_DISK);
	CHECK(cgroup_remove(through_user));
	CHECK(cgroup_remove(twin_user));
	cgroup_gone_wait(&g);
	cgroup_gone_conclude(&g, "the idle device");
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
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
