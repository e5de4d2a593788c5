// SPDX-License-Identifier: GPL-2.0
// inversion-sibling: the same for groups that have memory, but not io.
#include "backing.h"
#include "overtake.h"
#include "scenario.h"

#define SIZE (64 * MIB)

static struct backing backing;
static struct overtake test = {
	.a_requests = 1,
	/* A sleeps while it allocates this, many times. */
	.a_bytes = 8 * MIB,
	.a_writes = true,
	.b_requests = 100,
	.target = TARGET_NONE,
};

static void setup(void)
{
	char above[PATH_LEN];

	make_group(above, "above", "+memory");
	make_group(test.a_group, "above/a", "");
	make_group(test.b_group, "above/b", "");
	backing_make(&backing, BACKING_TMPFS, SIZE);
	target_make(&test.target, backing.file, 0);
}

static void run(void)
{
	overtake_run(&test);
	/* A itself may sleep for the little that a system call allocates. */
	if (!test.a_in_flight)
		failed("the limit of A did not hold A's writes");
	overtake_conclude(&test);
}

static void cleanup(void)
{
	target_remove(&test.target);
	backing_remove(&backing);
}

/*
 * Both groups share the io group of the one above.  A driver that looks up its
 * workers by the io group alone has one worker for both.
 */
SCENARIO(inversion_sibling,
	 .claim = "a group's reads through the loop device go on while "
		  "another, which has memory but not io, is over memory.high",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver"),
	 .controls = CONTROLS({ "cgloop-single-all", EXPECT_FALSE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
