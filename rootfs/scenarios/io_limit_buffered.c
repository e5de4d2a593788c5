// SPDX-License-Identifier: GPL-2.0
// io-limit-buffered: who is charged for writing back what a device dirtied?
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "backing.h"
#include "scenario.h"
#include "target.h"

#define BYTES (4 * MIB)
#define SIZE (16 * MIB)
#define CHUNK (64 * KIB)

static struct target target = TARGET_NONE;
static struct backing backing;
static char issuer[PATH_LEN];

/* Direct I/O to the device, which itself is buffered to its backing file. */
static void issue(void *unused)
{
	int direct = driver()->module ? O_DIRECT : 0;
	int fd = CHECK(open(target.path, O_RDWR | direct));

	(void)unused;
	io_range(fd, true, CHUNK, 0, BYTES);
	CHECK(fsync(fd));
	CHECK(close(fd));
}

/*
 * An inode belongs to the group that dirties it first while it is in memory,
 * and changes owner only after others have written most of it for a while.
 * If the device writes first, a kernel thread sets the inode's time before it
 * charges the pages, and root becomes the owner.
 */
static void dirty(void *unused)
{
	int fd = CHECK(open(backing.file, O_WRONLY));

	(void)unused;
	pwrite_all(fd, "", 1, SIZE - 1);
	CHECK(fsync(fd));
	CHECK(close(fd));
}

/* After a new mount the inode belongs to nobody yet. */
static void setup(void)
{
	make_group(issuer, "issuer", "");
	backing_make(&backing, BACKING_EXT4, SIZE);
	CHECK(umount(backing.mnt));
	CHECK(mount(RAM_DISK, backing.mnt, "ext4", 0, NULL));
	if (cell_is("first", "root") || variant_is("first-is-root"))
		run_in("", dirty, NULL);
	else if (cell_is("first", "issuer"))
		run_in(issuer, dirty, NULL);
	target_make(&target, backing.file, 0);
}

static void run(void)
{
	long long before, bytes;

	before = CHECK(cgroup_io(issuer, RAM_DISK, "wbytes"));
	run_in(issuer, issue, NULL);
	bytes = CHECK(cgroup_io(issuer, RAM_DISK, "wbytes")) - before;
	evidence("bytes_moved", BYTES, "bytes");
	evidence("io_stat_issuer", bytes, "bytes");
	if (bytes >= BYTES)
		held();
	failed("%lld of %lld bytes are in the issuer's io.stat", bytes, BYTES);
}

static void cleanup(void)
{
	target_remove(&target);
	backing_remove(&backing);
}

SCENARIO(io_limit_buffered,
	 .claim = "io.stat of the disk below a buffered loop device sees who "
		  "issued the I/O",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver",
			NEEDS_BACKING_EXT4),
	 .cells = CELLS("first=issuer", "first=nobody", "first=root"),
	 .controls = CONTROLS({ "cgloop", EXPECT_FALSE, "first-is-root" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
