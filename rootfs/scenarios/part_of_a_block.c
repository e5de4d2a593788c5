// SPDX-License-Identifier: GPL-2.0
// part-of-a-block: does less than a logical block get through to the backing?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "fs.h"
#include "io.h"
#include "scenario.h"
#include "target.h"

/* Blocks and one sector, which is no whole block then. */
#define SIZE (16 * BLOCK + SECTOR)

static struct target target = TARGET_NONE;
static char backing[PATH_LEN];

static void setup(void)
{
	in_folder(backing, "backing");
	fs_make_file(backing, SIZE);
	target_make(&target, backing, 0);
}

/*
 * The page cache of a device that was opened before goes on in its old blocks:
 * so it writes the last sector, and nothing else of its block.
 */
static void run(void)
{
	int fd = CHECK(open(target.path, O_RDWR)), err = 0, file;
	char sector[SECTOR], found[SECTOR] = { 0 };

	memset(sector, 'x', sizeof(sector));
	if (!variant_is("small-blocks"))
		CHECK(ioctl(fd, LOOP_SET_BLOCK_SIZE, BLOCK));
	if (pwrite(fd, sector, SECTOR, SIZE - SECTOR) < 0 || fsync(fd) < 0)
		err = errno;
	CHECK(close(fd));
	file = CHECK(open(backing, O_RDONLY));
	CHECK(pread(file, found, SECTOR, SIZE - SECTOR));
	CHECK(close(file));
	evidence("errno", err, "errno");
	evidence("written", !memcmp(found, sector, SECTOR), "sectors");
	if (memcmp(found, sector, SECTOR))
		held();
	failed("a sector of a block of %d bytes was written", BLOCK);
}

static void cleanup(void)
{
	target_remove(&target);
	unlink(backing);
}

SCENARIO(part_of_a_block,
	 .claim = "a loop device passes nothing on that is not whole logical "
		  "blocks",
	 .needs = NEEDS("driver"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "unaligned" },
			      { "cgloop", EXPECT_FALSE, "small-blocks" }),
	 .timeout_s = 20, .expect_events = KLOG_IO_ERROR, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
