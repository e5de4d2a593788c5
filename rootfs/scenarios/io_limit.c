// SPDX-License-Identifier: GPL-2.0
// io-limit: do the issuer's I/O statistics and limits reach the disk below?
#include <fcntl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "backing.h"
#include "overtake.h"
#include "scenario.h"

#define BYTES (4 * MIB)
#define SIZE (32 * MIB)
#define CHUNK (64 * KIB)

static struct backing backing;
/* A is the issuer. */
static struct overtake test = {
	.a_requests = 4,
	.b_requests = 10,
	.disk = RAM_DISK,
	.target = TARGET_NONE,
};

static void issue(void *unused)
{
	int fd = CHECK(open(test.target.path, O_RDWR | O_DIRECT));

	(void)unused;
	io_range(fd, test.a_writes, CHUNK, 0, BYTES);
	CHECK(close(fd));
}

static void setup(void)
{
	const char *file = RAM_DISK;

	test.a_writes = cell_is("rw", "write");
	overtake_groups(&test);
	if (cell_is("limit", "above")) {
		make_group(test.held_group, "top", "+io");
		make_group(test.a_group, "top/middle", "+io");
		make_group(test.a_group, "top/middle/a", "");
	}
	if (cell_is("backing", "ext4")) {
		backing_make(&backing, BACKING_EXT4, SIZE);
		/* A hole would be read without any I/O. */
		fs_fill(backing.file, SIZE);
		fs_drop_cache(backing.file);
		file = backing.file;
	}
	target_make(&test.target, file, LO_FLAGS_DIRECT_IO);
}

static void run(void)
{
	const char *key = test.a_writes ? "wbytes" : "rbytes";
	long long bytes;

	run_in(test.a_group, issue, NULL);
	bytes = CHECK(cgroup_io(test.a_group, RAM_DISK, key));
	evidence("bytes_moved", BYTES, "bytes");
	evidence("io_stat_issuer", bytes, "bytes");
	overtake_run(&test);
	if (bytes < BYTES && test.a_held)
		FAIL(0,
		     "%lld of %lld bytes are in the issuer's io.stat, yet its "
		     "io.max holds its I/O",
		     bytes, BYTES);
	if (bytes < BYTES)
		failed("%lld of %lld bytes are in the issuer's io.stat, and "
		       "its io.max holds nothing",
		       bytes, BYTES);
	overtake_conclude(&test);
}

static void cleanup(void)
{
	target_remove(&test.target);
	backing_remove(&backing);
}

SCENARIO(io_limit,
	 .claim = "io.stat and io.max of the disk below a loop device see who "
		  "issued the I/O",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_BACKING_EXT4),
	 .cells = CELLS("backing=disk rw=read limit=own",
			"backing=disk rw=write limit=own",
			"backing=ext4 rw=read limit=own",
			"backing=ext4 rw=write limit=own",
			"backing=disk rw=write limit=above",
			"backing=ext4 rw=write limit=above"),
	 .controls = CONTROLS({ "cgloop-single", EXPECT_FALSE, NULL },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
