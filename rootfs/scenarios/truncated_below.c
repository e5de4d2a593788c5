// SPDX-License-Identifier: GPL-2.0
// truncated-below: what comes of reads where the backing file has ended?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "fs.h"
#include "io.h"
#include "scenario.h"
#include "stamp.h"
#include "target.h"

#define SIZE (8 * MIB)
#define SHORT (4 * MIB)
/* The file ends within this sector, of which so many bytes are left. */
#define PART 100

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN];

static void setup(void)
{
	bool direct = cell_is("io", "direct");
	char *buf = zalloc_pages(MIB);
	int fd;

	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	if (direct) {
		fs_mount_ext4(RAM_DISK, SIZE + 8 * MIB, top);
	} else {
		CHECK(mkdir(top, 0700));
		CHECK(mount("tmpfs", top, "tmpfs", 0, NULL));
	}
	fs_make_file(backing, SIZE);
	fd = CHECK(open(backing, O_WRONLY));
	memset(buf, 'x', MIB);
	if (CHECK(pwrite(fd, buf, MIB, SHORT)) != MIB)
		FAIL(0, "a short write");
	CHECK(fsync(fd));
	CHECK(close(fd));
	target_make(&target, backing, direct ? LO_FLAGS_DIRECT_IO : 0);
}

/* The errno of a direct read of the device, or 0. */
static int read_at(int fd, char *buf, long long bytes, long long at)
{
	ssize_t n;

	memset(buf, 'y', bytes);
	n = pread(fd, buf, bytes, at);
	if (n < 0)
		return errno;
	return n == bytes ? 0 : ENODATA;
}

static bool holds_x(const char *buf, int bytes)
{
	int i;

	for (i = 0; i < bytes; i++)
		if (buf[i] != 'x')
			return false;
	return true;
}

static void run(void)
{
	int fd = CHECK(open(target.path, O_RDONLY | O_DIRECT));
	char *buf = zalloc_pages(BLOCK);
	int behind, part, before;
	bool whole;

	CHECK(truncate(backing, SHORT + BLOCK + PART));
	before = read_at(fd, buf, BLOCK, SHORT);
	whole = holds_x(buf, BLOCK);
	part = read_at(fd, buf, SECTOR, SHORT + BLOCK);
	whole = whole && holds_x(buf, PART);
	behind = read_at(fd, buf, BLOCK, SHORT + 2 * BLOCK);
	evidence("errno_before_the_end", before, "errno");
	evidence("errno_of_the_last_sector", part, "errno");
	evidence("errno_behind_the_end", behind, "errno");
	CHECK(close(fd));
	if (before || !whole)
		failed("what the file still holds was not read");
	if (behind)
		held();
	failed("a read behind the end of the file succeeded");
}

static void cleanup(void)
{
	target_remove(&target);
	umount2(top, MNT_DETACH);
	rmdir(top);
}

SCENARIO(truncated_below,
	 .claim = "where a backing file has been truncated a read fails, and "
		  "what the file still holds is read",
	 .needs = NEEDS("driver", NEEDS_RAM_DISK, NEEDS_EXT4),
	 .cells = CELLS("io=buffered", "io=direct"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"zero-behind-end" },
			      { "cgloop-single", EXPECT_TRUE, NULL }),
	 .timeout_s = 30, .expect_events = KLOG_IO_ERROR, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
