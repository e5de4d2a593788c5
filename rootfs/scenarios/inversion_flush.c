// SPDX-License-Identifier: GPL-2.0
// inversion-flush: does a group's fsync wait for what another has under way?
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>
#include <linux/loop.h>

#include "fs.h"
#include "hold.h"
#include "order.h"
#include "scenario.h"
#include "target.h"

#define MIB (1024LL * 1024)
#define SIZE (32 * MIB)
#define BLOCK 4096
#define FSYNCS 10
/* An inode has room for the places of four pieces of its file. */
#define PIECES 12

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN];
static char a_group[PATH_LEN], b_group[PATH_LEN];

/* Every other block: where they are is written in a block of its own. */
static void make_pieces(void)
{
	int i, fd = CHECK(open(backing, O_WRONLY));
	char *block = zalloc(BLOCK);

	for (i = 0; i < PIECES; i++)
		if (CHECK(pwrite(fd, block, BLOCK, 2LL * i * BLOCK)) != BLOCK)
			FAIL(0, "a short write");
	CHECK(fsync(fd));
	CHECK(close(fd));
}

/*
 * Direct I/O does not hold the one who starts it, unless the file system has
 * to read first where the data is.  Mounted anew, it has to.
 */
static void setup(void)
{
	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	in_group(a_group, "a");
	in_group(b_group, "b");
	CHECK(cgroup_make(a_group, ""));
	CHECK(cgroup_make(b_group, ""));
	fs_mount_ext4_journal(RAM_DISK, SIZE + 16 * MIB, top);
	fs_make_file(backing, SIZE);
	make_pieces();
	CHECK(umount(top));
	CHECK(mount(RAM_DISK, top, "ext4", 0, NULL));
	target_make(&target, backing, LO_FLAGS_DIRECT_IO);
}

/* Not before A has opened the file, which reads from the disk, too. */
static void hold(void)
{
	hold_disk(a_group, RAM_DISK);
}

static void lift(void)
{
	hold_lift(a_group, RAM_DISK);
}

static void flush(int fd, long long at)
{
	(void)at;
	CHECK(fsync(fd));
}

static void run(void)
{
	struct order o = {
		.a_group = a_group,
		.a_path = target.path,
		.a_requests = 1,
		.b_group = b_group,
		.b_path = target.path,
		.b_requests = FSYNCS,
		.b_once = flush,
		.hold = hold,
		.lift = lift,
	};

	order_run(&o);
	order_conclude(&o);
}

static void cleanup(void)
{
	target_remove(&target);
	umount2(top, MNT_DETACH);
	rmdir(top);
}

SCENARIO(inversion_flush,
	 .claim = "a group's fsync of a direct loop device does not wait for "
		  "what another group has under way there",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK, NEEDS_EXT4),
	 .controls = CONTROLS({ "cgloop-single-all", CLAIM_FALSE, NULL },
			      { "none", CLAIM_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
