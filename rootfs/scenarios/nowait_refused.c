// SPDX-License-Identifier: GPL-2.0
// nowait-refused: a file system that takes no NOWAIT after all.
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/loop.h>

#include "fs.h"
#include "io.h"
#include "scenario.h"
#include "target.h"

#define SIZE (8 * MIB)
#define WRITES 8

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN];

/*
 * ext4 promises NOWAIT for each file. With its data in the journal a direct
 * write goes through the page cache, and there it refuses NOWAIT.
 */
static void setup(void)
{
	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	fs_make_ext4_journal(RAM_DISK, SIZE + 16 * MIB);
	CHECK(mkdir(top, 0700));
	CHECK(mount(RAM_DISK, top, "ext4", 0,
		    variant_is("ordered") ? "" : "data=journal,nodelalloc"));
	fs_make_file(backing, 0);
	fs_fill(backing, SIZE);
	target_make(&target, backing, LO_FLAGS_DIRECT_IO);
}

static void run(void)
{
	int fd = CHECK(open(target.path, O_RDWR | O_DIRECT));
	char *buf = zalloc_pages(BLOCK);
	int i, err = 0, done = 0;

	for (i = 0; i < WRITES; i++) {
		if (pwrite(fd, buf, BLOCK, i * BLOCK) == BLOCK)
			done++;
		else if (!err)
			err = errno;
	}
	CHECK(close(fd));
	evidence("writes", WRITES, "requests");
	evidence("writes_done", done, "requests");
	evidence("errno", err, "errno");
	if (done == WRITES)
		held();
	failed("%d of %d writes failed, the first with errno %d", WRITES - done,
	       WRITES, err);
}

static void cleanup(void)
{
	target_remove(&target);
	fs_unmount(top);
}

SCENARIO(nowait_refused,
	 .claim = "a write through a loop device succeeds on a file system "
		  "that takes no writes without waiting",
	 .needs = NEEDS("driver", NEEDS_RAM_DISK, NEEDS_EXT4),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "no-retry" },
			      { "cgloop", EXPECT_TRUE, "ordered" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 30, .expect_events = KLOG_IO_ERROR, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
