// SPDX-License-Identifier: GPL-2.0
// truncated-below: do reads fail behind the end of a truncated backing file?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "backing.h"
#include "io.h"
#include "scenario.h"
#include "stamp.h"
#include "target.h"

#define SIZE (8 * MIB)
#define SHORT (4 * MIB)
/* Bytes of the last sector that are before the end of the file. */
#define PART 100

static struct target target = TARGET_NONE;
static struct backing backing;

static void setup(void)
{
	bool direct = cell_is("io", "direct");
	char *buf = zalloc_pages(MIB);
	int fd;

	backing_make(&backing, direct ? BACKING_EXT4 : BACKING_TMPFS, SIZE);
	fd = CHECK(open(backing.file, O_WRONLY));
	memset(buf, 'x', MIB);
	pwrite_all(fd, buf, MIB, SHORT);
	CHECK(fsync(fd));
	CHECK(close(fd));
	target_make(&target, backing.file, direct ? LO_FLAGS_DIRECT_IO : 0);
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

	CHECK(truncate(backing.file, SHORT + BLOCK + PART));
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
	backing_remove(&backing);
}

SCENARIO(truncated_below,
	 .claim = "where a backing file has been truncated a read fails, and "
		  "what the file still holds is read",
	 .needs = NEEDS("driver", NEEDS_BACKING_EXT4),
	 .cells = CELLS("io=buffered", "io=direct"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"zero-behind-end" },
			      { "cgloop-single", EXPECT_TRUE, NULL }),
	 .timeout_s = 30, .expect_events = KLOG_IO_ERROR, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
