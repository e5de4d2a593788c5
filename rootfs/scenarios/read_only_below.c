// SPDX-License-Identifier: GPL-2.0
// read-only-below: is a disk written that is read-only or in use as swap?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "dm.h"
#include "io.h"
#include "scenario.h"
#include "swap.h"
#include "target.h"

#define SWAP_PAGES 256
/* Behind the swap area. */
#define PLACE (4 * MIB)

static struct target target = TARGET_NONE;
static char disk[PATH_LEN];
static int disk_fd = -1;

static void set_read_only(int on)
{
	CHECK(ioctl(disk_fd, BLKROSET, &on));
}

/* The descriptor can write, whatever becomes of the disk. */
static void bind_to_descriptor(void)
{
	struct loop_config config = { .fd = disk_fd,
				      .info.lo_flags = LO_FLAGS_DIRECT_IO };
	int device = CHECK(open(target.path, O_RDWR));

	CHECK(ioctl(device, LOOP_CONFIGURE, &config));
	CHECK(close(device));
}

static void setup(void)
{
	dm_make_disk(disk);
	disk_fd = CHECK(open(disk, O_RDWR));
	if (!driver()->module) {
		text_set(target.path, sizeof(target.path), "%s", disk);
		return;
	}
	target.number = CHECK(driver_reserve(driver(), target.path));
	if (cell_is("since", "before"))
		set_read_only(1);
	bind_to_descriptor();
}

static void read_disk(char *buf)
{
	int fd = CHECK(open(disk, O_RDONLY | O_DIRECT));

	pread_all(fd, buf, BLOCK, PLACE);
	CHECK(close(fd));
}

static void run(void)
{
	char *before = zalloc_pages(BLOCK), *after = zalloc_pages(BLOCK);
	int fd = CHECK(open(target.path, O_RDWR | O_DIRECT)), err = 0;
	char *out = zalloc_pages(BLOCK);

	read_disk(before);
	memset(out, before[0] + 1, BLOCK);
	if (cell_is("since", "swap"))
		swap_start(disk, SWAP_PAGES);
	else
		set_read_only(1);
	if (pwrite(fd, out, BLOCK, PLACE) < 0)
		err = errno;
	CHECK(close(fd));
	read_disk(after);
	evidence("errno", err, "errno");
	evidence("changed", memcmp(before, after, BLOCK) != 0, "blocks");
	if (memcmp(before, after, BLOCK))
		failed("the disk was written (errno %d)", err);
	if (!err)
		FAIL(0, "the write was lost without an error");
	held();
}

static void cleanup(void)
{
	swap_stop(disk);
	if (disk_fd >= 0)
		set_read_only(0);
	target_remove(&target);
	if (disk_fd >= 0)
		CHECK(close(disk_fd));
	dm_remove_disk();
}

SCENARIO(read_only_below,
	 .claim = "nothing is written through a loop device to a disk that "
		  "was made read-only or is swap space",
	 .needs = NEEDS("driver", NEEDS_RAM_DISK, "load:dm_mod"),
	 .cells = CELLS("since=before", "since=bound", "since=swap"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "clone-anyway" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 30, .expect_events = KLOG_IO_ERROR, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
