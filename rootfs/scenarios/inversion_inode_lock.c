// SPDX-License-Identifier: GPL-2.0
// inversion-inode-lock: writers of one backing file share its inode's lock.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/loop.h>

#include "fs.h"
#include "overtake.h"
#include "scenario.h"
#include "target.h"

#define MIB (1024LL * 1024)
#define BLOCK 4096
#define WRITES 20
#define SIZE (32 * MIB)

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN];
static char a_group[PATH_LEN], b_group[PATH_LEN];

static void setup(void)
{
	bool direct = variant_is("direct");

	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	overtake_groups(a_group, b_group);
	if (direct) {
		fs_mount_ext4(RAM_DISK, SIZE + 8 * MIB, top);
	} else {
		CHECK(mkdir(top, 0700));
		CHECK(mount("tmpfs", top, "tmpfs", 0, NULL));
	}
	fs_make_file(backing, SIZE);
	/*
	 * So that ext4 has nothing to allocate: that would be for A, too, with
	 * the inode's lock or a transaction held.
	 */
	if (direct)
		fs_fill_file(backing, SIZE / MIB);
	target_make(&target, backing, direct ? LO_FLAGS_DIRECT_IO : 0);
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

static void write_once(int fd, long long at)
{
	static void *buf;

	if (!buf)
		buf = zalloc_pages(BLOCK);
	if (CHECK(pwrite(fd, buf, BLOCK, at)) != BLOCK)
		FAIL(0, "a short write at %lld", at);
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
		.b_requests = WRITES,
		.b_once = write_once,
		.hold = hold,
		.lift = lift,
	};

	overtake_run(&o);
	/* Nothing is allocated for direct I/O, and A may end first. */
	if (variant_is("direct") && o.b_done == WRITES)
		held();
	overtake_conclude(&o);
}

static void cleanup(void)
{
	target_remove(&target);
	umount2(top, MNT_DETACH);
	rmdir(top);
}

SCENARIO(inversion_inode_lock,
	 .claim = "a group's writes through the loop device go on while "
		  "another's to the same backing file are over memory.high",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_RAM_DISK,
			NEEDS_EXT4),
	 .controls = CONTROLS({ "cgloop-single-all", EXPECT_FALSE, NULL },
			      { "cgloop", EXPECT_TRUE, "direct" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
