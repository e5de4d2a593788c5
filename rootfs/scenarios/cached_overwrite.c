// SPDX-License-Identifier: GPL-2.0
// cached-overwrite: does an overwrite in the page cache keep what a write must?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backing.h"
#include "fs.h"
#include "scenario.h"
#include "target.h"

#define SIZE MIB
#define TICK_MS 5000

static struct target target = TARGET_NONE;
static struct backing backing;
static int memfd = -1;
static const char *wrong; /* the claim, with this reason */

/* The errno of a write of one block, or 0. */
static int overwrite(int fd, char with)
{
	char *buf = zalloc_pages(BLOCK);

	memset(buf, with, BLOCK);
	return pwrite(fd, buf, BLOCK, 0) < 0 ? errno : 0;
}

static void setup(void)
{
	char path[PATH_LEN];

	if (cell_is("check", "seal")) {
		memfd = CHECK(memfd_create("backing", MFD_ALLOW_SEALING));
		CHECK(ftruncate(memfd, SIZE));
		text_set(path, sizeof(path), "/proc/self/fd/%d", memfd);
	} else {
		backing_make(&backing, BACKING_TMPFS, SIZE);
		text_set(path, sizeof(path), "%s", backing.file);
	}
	fs_fill(path, SIZE);
	target_make(&target, path, 0);
}

static bool time_is_behind(void *arg)
{
	struct timespec now, *then = arg;

	CHECK(clock_gettime(CLOCK_REALTIME_COARSE, &now));
	return now.tv_sec > then->tv_sec ||
	       (now.tv_sec == then->tv_sec && now.tv_nsec > then->tv_nsec);
}

/* A second write, in another tick of the clock, has another time. */
static void check_time(int fd)
{
	struct stat first, second;

	CHECK(-!!overwrite(fd, 'a'));
	CHECK(stat(backing.file, &first));
	if (!wait_until(time_is_behind, &first.st_mtim, TICK_MS))
		FAIL(0, "the clock stands still");
	CHECK(-!!overwrite(fd, 'b'));
	CHECK(stat(backing.file, &second));
	evidence("time_of_the_file",
		 (second.st_mtim.tv_sec - first.st_mtim.tv_sec) * 1000000000LL +
			 second.st_mtim.tv_nsec - first.st_mtim.tv_nsec,
		 "ns");
	if (second.st_mtim.tv_sec == first.st_mtim.tv_sec &&
	    second.st_mtim.tv_nsec == first.st_mtim.tv_nsec)
		wrong = "the backing was written, and its time is as before";
}

static bool seal(void *unused)
{
	(void)unused;
	if (!fcntl(memfd, F_ADD_SEALS, F_SEAL_WRITE))
		return true;
	if (errno != EBUSY)
		FAIL(errno, "F_ADD_SEALS");
	return false;
}

static void check_seal(int fd)
{
	char byte;
	int err;

	CHECK(-!!overwrite(fd, 'a'));
	if (!wait_until(seal, NULL, TICK_MS))
		FAIL(EBUSY, "F_ADD_SEALS");
	err = overwrite(fd, 'b');
	evidence("errno", err, "errno");
	pread_all(memfd, &byte, 1, 0);
	if (byte != 'a')
		wrong = "a sealed file was written";
	else if (!err)
		wrong = "a write to a sealed file was lost";
}

static void run(void)
{
	int fd;

	fd = CHECK(open(target.path, O_RDWR | O_DIRECT));
	if (cell_is("check", "time"))
		check_time(fd);
	else
		check_seal(fd);
	CHECK(close(fd));
	if (wrong)
		failed("%s", wrong);
	held();
}

static void cleanup(void)
{
	target_remove(&target);
	backing_remove(&backing);
	if (memfd >= 0)
		close(memfd);
}

SCENARIO(cached_overwrite,
	 .claim = "an overwrite of what a backing file has in its page cache "
		  "changes the file's time, and respects a seal",
	 .needs = NEEDS("driver"), .cells = CELLS("check=time", "check=seal"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "cache-anyway" },
			      { "cgloop-single", EXPECT_TRUE, NULL }),
	 .timeout_s = 30, .expect_events = KLOG_IO_ERROR, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
