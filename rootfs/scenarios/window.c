// SPDX-License-Identifier: GPL-2.0
// window: does a device reach the part of its backing that it is bound to?
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "backing.h"
#include "driver.h"
#include "scenario.h"
#include "stamp.h"
#include "target.h"

/* The backing, and the window in it: sectors, of whole pages. */
#define SECTORS 512
#define FIRST 128
#define LENGTH 256
/* The steps that write the backing first, and the window later. */
#define BEFORE 1
#define AFTER 2

static struct target target = TARGET_NONE;
static struct backing backing;
static const char *file;
static int direct;
static char *buf;

static void set_window(void)
{
	struct loop_info64 info = {
		.lo_offset = FIRST * SECTOR,
		.lo_sizelimit = LENGTH * SECTOR,
		.lo_flags = direct ? LO_FLAGS_DIRECT_IO : 0,
	};
	int fd;

	if (variant_is("at-0"))
		info.lo_offset = 0;
	fd = CHECK(open(target.path, O_RDWR | O_CLOEXEC));
	CHECK(ioctl(fd, LOOP_SET_STATUS64, &info));
	CHECK(close(fd));
}

static void setup(void)
{
	bool memory = cell_is("backing", "tmpfs");
	int fd;

	direct = memory ? 0 : O_DIRECT;
	if (cell_is("backing", "disk")) {
		file = RAM_DISK;
	} else {
		backing_make(&backing, memory ? BACKING_TMPFS : BACKING_EXT4,
			     SECTORS * SECTOR);
		file = backing.file;
	}
	buf = zalloc_pages(SECTORS * SECTOR);
	stamp_fill(buf, 0, SECTORS, BEFORE);
	fd = CHECK(open(file, O_RDWR | O_CLOEXEC | direct));
	pwrite_all(fd, buf, SECTORS * SECTOR, 0);
	CHECK(close(fd));
	target_make(&target, file, direct ? LO_FLAGS_DIRECT_IO : 0);
	if (driver()->module)
		set_window();
}

/* Counts the sectors from place on that step has not written. */
static int wrong(const char *at, uint32_t place, int sectors, uint32_t step)
{
	static uint32_t steps[SECTORS];
	int i;

	for (i = 0; i < sectors; i++)
		steps[i] = step;
	return stamp_check(at, place, sectors, steps);
}

/* Reads and writes the window through the target; returns wrong sectors. */
static int use_window(void)
{
	long long at = driver()->module ? 0 : FIRST * SECTOR;
	int fd, bad;

	fd = CHECK(open(target.path, O_RDWR | O_CLOEXEC | direct));
	pread_all(fd, buf, LENGTH * SECTOR, at);
	bad = wrong(buf, FIRST, LENGTH, BEFORE);
	stamp_fill(buf, FIRST, LENGTH, AFTER);
	pwrite_all(fd, buf, LENGTH * SECTOR, at);
	CHECK(fsync(fd));
	CHECK(close(fd));
	return bad;
}

static void run(void)
{
	int fd, read_bad, outside, inside, end = FIRST + LENGTH;

	read_bad = use_window();
	fd = CHECK(open(file, O_RDONLY | O_CLOEXEC | direct));
	pread_all(fd, buf, SECTORS * SECTOR, 0);
	CHECK(close(fd));
	inside = wrong(buf + FIRST * SECTOR, FIRST, LENGTH, AFTER);
	outside = wrong(buf, 0, FIRST, BEFORE) +
		  wrong(buf + end * SECTOR, end, SECTORS - end, BEFORE);
	evidence("sectors_read_wrong", read_bad, "sectors");
	evidence("sectors_not_written", inside, "sectors");
	evidence("sectors_hit_outside", outside, "sectors");
	if (read_bad || inside || outside)
		failed("%d sectors came from elsewhere, %d were not written, "
		       "%d were written outside",
		       read_bad, inside, outside);
	held();
}

static void cleanup(void)
{
	target_remove(&target);
	backing_remove(&backing);
}

SCENARIO(window,
	 .claim = "a loop device with an offset and a limit reads and writes "
		  "this part of its backing, and nothing else",
	 .needs = NEEDS("driver", NEEDS_BACKING_EXT4),
	 .cells = CELLS("backing=tmpfs", "backing=ext4", "backing=disk"),
	 .controls = CONTROLS({ "cgloop", EXPECT_FALSE, "at-0" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 30, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
