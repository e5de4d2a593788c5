// SPDX-License-Identifier: GPL-2.0
// inversion-sibling: the same for groups that have memory, but not io.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs.h"
#include "overtake.h"
#include "scenario.h"
#include "target.h"

#define MIB (1024LL * 1024)
#define READS 100
#define SIZE (64 * MIB)

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN], above[PATH_LEN];
static char a_group[PATH_LEN], b_group[PATH_LEN];

static void setup(void)
{
	in_folder(top, "tmpfs");
	in_folder(backing, "tmpfs/backing");
	in_group(above, "above");
	in_group(a_group, "above/a");
	in_group(b_group, "above/b");
	CHECK(cgroup_make(above, "+memory"));
	CHECK(cgroup_make(a_group, ""));
	CHECK(cgroup_make(b_group, ""));
	CHECK(mkdir(top, 0700));
	CHECK(mount("tmpfs", top, "tmpfs", 0, NULL));
	fs_make_file(backing, SIZE);
	target_make(&target, backing, 0);
}

/* Whoever allocates for A sleeps for two seconds again and again. */
static void hold(void)
{
	CHECK(cgroup_write(a_group, "memory.high", "0"));
}

static void lift(void)
{
	CHECK(cgroup_write(a_group, "memory.high", "max"));
}

static void run(void)
{
	struct overtake o = {
		.a_group = a_group,
		.a_path = target.path,
		.a_requests = 1,
		/* Enough to sleep many times. */
		.a_bytes = 8 * MIB,
		.a_writes = true,
		.b_group = b_group,
		.b_path = target.path,
		.b_requests = READS,
		.hold = hold,
		.lift = lift,
	};

	overtake_run(&o);
	/* A itself may sleep for the little that a system call takes. */
	if (!o.a_in_flight)
		failed("the limit of A did not hold A's writes");
	overtake_conclude(&o);
}

static void cleanup(void)
{
	target_remove(&target);
	umount2(top, MNT_DETACH);
	rmdir(top);
}

/*
 * Both groups share the I/O group of the one above; a driver that tells its
 * workers by that alone has one for both.
 */
SCENARIO(inversion_sibling,
	 .claim = "a group's reads through the loop device go on while "
		  "another, which has memory but not io, is over memory.high",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver"),
	 .controls = CONTROLS({ "cgloop-single-all", EXPECT_FALSE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
