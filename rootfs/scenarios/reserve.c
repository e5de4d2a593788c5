// SPDX-License-Identifier: GPL-2.0
// reserve: is a page written back while A holds what memory there is?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "dm.h"
#include "fs.h"
#include "overtake.h"
#include "scenario.h"
#include "target.h"

#define HELD 20000
#define SYNCS 20
/* The flusher may write blocks of the file system's own while A submits. */
#define FEW 8
#define FS_BYTES (32 * MIB)

static void write_back(int fd, long long at);

static struct overtake test = {
	.a_requests = HELD,
	.b_requests = SYNCS,
	.b_once = write_back,
	.target = TARGET_NONE,
};

static char mnt[PATH_LEN], file[PATH_LEN];
static bool counts;

/* Requests from the reserve when B begins; shared with B. */
static long long *before_b;

/* B dirties a page of the file system, and the flusher writes it back. */
static void write_back(int device, long long at)
{
	static int fd = -1;
	char page[BLOCK];

	(void)device;
	if (fd < 0) {
		if (counts)
			*before_b = driver_counter(test.target.path,
						   "from_reserve");
		fd = CHECK(open(file, O_WRONLY | O_CREAT, 0600));
	}
	memset(page, 'b', BLOCK);
	pwrite_all(fd, page, BLOCK, at % (FS_BYTES / 2));
	CHECK(syncfs(fd));
}

static void setup(void)
{
	counts = driver_has_counters(driver());
	before_b = shared_memory(sizeof(*before_b));
	in_folder(mnt, "mnt");
	in_folder(file, "mnt/file");
	overtake_groups(&test);
	dm_make_disk(test.disk);
	target_make(&test.target, test.disk, LO_FLAGS_DIRECT_IO);
	fs_mount_ext4(test.target.path, FS_BYTES, mnt);
}

/* A request that may not even wait for the reserve. */
static void read_nowait(void *err)
{
	struct iovec to = { .iov_base = zalloc_pages(BLOCK), .iov_len = BLOCK };
	int fd = CHECK(open(test.target.path, O_RDONLY | O_DIRECT));
	long ret = syscall(SYS_preadv2, fd, &to, 1, 0L, 0L, RWF_NOWAIT);

	*(int *)err = ret < 0 ? errno : 0;
	CHECK(close(fd));
}

static int errno_of_nowait(void)
{
	int *err = shared_memory(sizeof(*err));
	char group[PATH_LEN];

	make_group(group, "nowait", "");
	run_in(group, read_nowait, err);
	evidence("errno_of_nowait", *err, "errno");
	return *err;
}

static void run(void)
{
	long long begin = 0, by_a = 0, by_b = 0;

	if (variant_is("no-memory") && errno_of_nowait() != EAGAIN)
		failed("a read that may not wait does not fail with EAGAIN");
	if (counts)
		begin = driver_counter(test.target.path, "from_reserve");
	overtake_run(&test);
	if (counts) {
		by_a = *before_b - begin;
		by_b = driver_counter(test.target.path, "from_reserve") -
		       *before_b;
		evidence("from_reserve_for_a", by_a, "requests");
		evidence("from_reserve_for_b", by_b, "requests");
	}
	if (variant_is("no-memory") && !by_b)
		FAIL(0, "the reserve was not used");
	if (!variant_is("no-memory,open-reserve") && by_a > FEW)
		failed("%lld requests of the reserve were used while A, which "
		       "frees no memory, submitted",
		       by_a);
	overtake_conclude(&test);
}

static void cleanup(void)
{
	fs_unmount(mnt);
	overtake_cleanup(&test);
}

/*
 * With the fault no-memory an allocation for a request succeeds only for a task
 * that may wait for memory: A. With open-reserve A may take the reserve.
 */
SCENARIO(reserve,
	 .claim = "the flusher writes back through a loop device while another "
		  "group holds 20 000 requests, also if memory for more is "
		  "short",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_RAM_DISK,
			NEEDS_EXT4, "load:dm_mod"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"no-memory,open-reserve" },
			      { "cgloop-inject", EXPECT_TRUE, "no-memory" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 180, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
