// SPDX-License-Identifier: GPL-2.0
// limits-of-the-issuer: does a limit for files stop a write to a device?
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/loop.h>

#include "fs.h"
#include "io.h"
#include "scenario.h"
#include "target.h"

#define SIZE (8 * MIB)
/* The write is behind the limit in the device, and so in its file. */
#define LIMIT MIB
#define PLACE (4 * MIB)
#define WRITE_MS 10000

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN];
static int *err;

static void limit_and_write(void *unused)
{
	struct rlimit limit = { .rlim_cur = LIMIT, .rlim_max = LIMIT };
	int fd = CHECK(open(target.path, O_WRONLY | O_DIRECT));
	char *buf = zalloc_pages(BLOCK);
	ssize_t n;

	(void)unused;
	buf[0] = 1;
	CHECK(setrlimit(RLIMIT_FSIZE, &limit));
	n = pwrite(fd, buf, BLOCK, PLACE);
	*err = n < 0 ? errno : 0;
	if (n >= 0 && n != BLOCK)
		FAIL(0, "a write of %zd bytes", n);
}

static void setup(void)
{
	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	err = shared_memory(sizeof(*err));
	*err = -1;
	fs_mount_ext4(RAM_DISK, SIZE + 8 * MIB, top);
	fs_make_file(backing, 0);
	/* With blocks allocated the issuer may write them itself. */
	fs_fill(backing, SIZE);
	target_make(&target, backing, LO_FLAGS_DIRECT_IO);
}

static void run(void)
{
	int status = process_run(NULL, limit_and_write, NULL, WRITE_MS);

	evidence("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		 "number");
	evidence("errno", *err, "errno");
	if (!status && !*err)
		held();
	failed("a limit on the size of files ended a write to a device: "
	       "signal %d, errno %d",
	       WIFSIGNALED(status) ? WTERMSIG(status) : 0, *err);
}

static void cleanup(void)
{
	target_remove(&target);
	fs_unmount(top);
}

SCENARIO(limits_of_the_issuer,
	 .claim = "a direct write through a loop device is bound by no limit "
		  "of the issuer's that a block device does not know",
	 .needs = NEEDS("driver", NEEDS_RAM_DISK, NEEDS_EXT4),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "obey-limits" },
			      { "none", EXPECT_FALSE, NULL }),
	 .timeout_s = 30, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
