// SPDX-License-Identifier: GPL-2.0
// inversion-inode-lock: writers of one backing file share its inode's lock.
#include <linux/loop.h>

#include "backing.h"
#include "overtake.h"
#include "scenario.h"

#define SIZE (32 * MIB)

static void write_once(int fd, long long at);

static struct backing backing;
static struct overtake test = {
	.a_requests = 1,
	/* A sleeps while it allocates this, many times. */
	.a_bytes = 8 * MIB,
	.a_writes = true,
	.b_requests = 20,
	.b_once = write_once,
	.target = TARGET_NONE,
};

static void write_once(int fd, long long at)
{
	static void *buf;

	if (!buf)
		buf = zalloc_pages(BLOCK);
	pwrite_all(fd, buf, BLOCK, at);
}

static void setup(void)
{
	bool direct = variant_is("direct");

	overtake_groups(&test);
	backing_make(&backing, direct ? BACKING_EXT4 : BACKING_TMPFS, SIZE);
	/*
	 * Now ext4 has nothing to allocate.  It would allocate for A, too, and
	 * with the inode's lock or a transaction held.
	 */
	if (direct)
		fs_fill(backing.file, SIZE);
	target_make(&test.target, backing.file,
		    direct ? LO_FLAGS_DIRECT_IO : 0);
}

static void run(void)
{
	overtake_run(&test);
	/* Nothing is allocated for direct I/O, and A may end first. */
	if (variant_is("direct") && test.b_done == test.b_requests)
		held();
	overtake_conclude(&test);
}

static void cleanup(void)
{
	target_remove(&test.target);
	backing_remove(&backing);
}

SCENARIO(inversion_inode_lock,
	 .claim = "a group's writes through the loop device go on while "
		  "another's to the same backing file are over memory.high",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver",
			NEEDS_BACKING_EXT4),
	 .controls = CONTROLS({ "cgloop-single-all", EXPECT_FALSE, NULL },
			      { "cgloop", EXPECT_TRUE, "direct" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
