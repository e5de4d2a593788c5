// SPDX-License-Identifier: GPL-2.0
// overwrite-context: who overwrites what the backing file has in its cache?
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "scenario.h"
#include "target.h"

#define PAGES 64
/* Blocks of the file system's own, which the caller of syncfs writes. */
#define FEW 16
#define FS_BYTES (16 * MIB)
#define FILE_PAGES (2 * PAGES)

static struct target target = TARGET_NONE;
static char mnt[PATH_LEN], file[PATH_LEN];

/* Every other page: so each one is a request of its own. */
static void dirty_pages(int fd, char with)
{
	char page[BLOCK];
	int i;

	memset(page, with, BLOCK);
	for (i = 0; i < PAGES; i++)
		pwrite_all(fd, page, BLOCK, 2 * i * BLOCK);
}

static void setup(void)
{
	in_folder(mnt, "mnt");
	in_folder(file, "mnt/file");
	target_make(&target, RAM_DISK, 0);
	fs_mount_ext4(target.path, FS_BYTES, mnt);
}

/*
 * The flusher writes the pages of a file for the second time: the disk below
 * has them in its cache. What the caller of syncfs writes itself are a few
 * blocks of the file system's own.
 */
static void run(void)
{
	int fd = CHECK(open(file, O_RDWR | O_CREAT, 0600));
	long long copied, handed;
	char *all = zalloc_pages(FILE_PAGES * BLOCK);

	pwrite_all(fd, all, FILE_PAGES * BLOCK, 0);
	CHECK(syncfs(fd));
	dirty_pages(fd, 'a');
	copied = driver_counter(target.path, "cached");
	handed = driver_counter(target.path, "handed_over");
	CHECK(syncfs(fd));
	CHECK(close(fd));
	copied = driver_counter(target.path, "cached") - copied;
	handed = driver_counter(target.path, "handed_over") - handed;
	evidence("pages", PAGES, "pages");
	evidence("copied_by_the_submitter", copied, "requests");
	evidence("handed_over", handed, "requests");
	if (copied + handed < PAGES)
		FAIL(0, "%lld requests for %d pages", copied + handed, PAGES);
	if (copied > FEW)
		failed("the flusher overwrote %lld pages that the disk has in "
		       "its cache",
		       copied);
	held();
}

static void cleanup(void)
{
	fs_unmount(mnt);
	target_remove(&target);
}

/*
 * Only cgloop overwrites pages itself, and counts that. With the fault
 * cache-anyway a change of the node's time does not stop it, which otherwise
 * sends some overwrites to a worker; the context alone does.
 */
SCENARIO(overwrite_context,
	 .claim = "a kernel thread leaves an overwrite of cached pages below a "
		  "loop device to the device's worker",
	 .drivers = "cgloop",
	 .needs = NEEDS("driver", NEEDS_RAM_DISK, NEEDS_EXT4),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"no-guard,cache-anyway" },
			      { "cgloop-inject", EXPECT_TRUE, "cache-anyway" }),
	 .timeout_s = 30, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
