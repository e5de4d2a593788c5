// SPDX-License-Identifier: GPL-2.0
// io-limit-buffered: who is charged for writing back what a device dirtied?
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "fs.h"
#include "scenario.h"
#include "target.h"

#define MIB (1024LL * 1024)
#define BYTES (4 * MIB)
#define SIZE (16 * MIB)
#define CHUNK (64 * 1024)
#define ISSUER_MS 20000

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN];
static char issuer[PATH_LEN];

/* The device is used directly; it is buffered to its file itself. */
static void issue(void *unused)
{
	int direct = driver()->module ? O_DIRECT : 0;
	int fd = CHECK(open(target.path, O_RDWR | direct));
	char *buf = zalloc_pages(CHUNK);
	long long at;

	(void)unused;
	for (at = 0; at < BYTES; at += CHUNK)
		if (CHECK(pwrite(fd, buf, CHUNK, at)) != CHUNK)
			FAIL(0, "a short write at %lld", at);
	CHECK(fsync(fd));
	CHECK(close(fd));
}

/*
 * The inode belongs to whoever dirties it first while it is in memory, and
 * keeps its owner until others have written most of it for a while.  Where
 * nobody has done so before the device does, a kernel thread is the first: its
 * time is set before its pages are charged, and root is the owner.
 */
static void dirty(void *unused)
{
	int fd = CHECK(open(backing, O_WRONLY));

	(void)unused;
	if (CHECK(pwrite(fd, "", 1, SIZE - 1)) != 1)
		FAIL(0, "a short write");
	CHECK(fsync(fd));
	CHECK(close(fd));
}

static void first_by(const char *group)
{
	if (process_run(group, dirty, NULL, ISSUER_MS))
		FAIL(0, "the first write failed");
}

/* A new mount, so that the inode belongs to nobody yet. */
static void setup(void)
{
	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	in_group(issuer, "issuer");
	CHECK(cgroup_make(issuer, ""));
	fs_mount_ext4(RAM_DISK, SIZE + 8 * MIB, top);
	fs_make_file(backing, SIZE);
	CHECK(umount(top));
	CHECK(mount(RAM_DISK, top, "ext4", 0, NULL));
	if (cell_is("first", "root") || variant_is("first-is-root"))
		first_by("");
	else if (cell_is("first", "issuer"))
		first_by(issuer);
	target_make(&target, backing, 0);
}

static void run(void)
{
	long long before, bytes;

	before = CHECK(cgroup_io(issuer, RAM_DISK, "wbytes"));
	if (process_run(issuer, issue, NULL, ISSUER_MS))
		FAIL(0, "the issuer failed");
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
	umount2(top, MNT_DETACH);
	rmdir(top);
}

SCENARIO(io_limit_buffered,
	 .claim = "io.stat of the disk below a buffered loop device sees who "
		  "issued the I/O",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_RAM_DISK,
			NEEDS_EXT4),
	 .cells = CELLS("first=issuer", "first=nobody", "first=root"),
	 .controls = CONTROLS({ "cgloop", EXPECT_FALSE, "first-is-root" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
