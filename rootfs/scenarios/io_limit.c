// SPDX-License-Identifier: GPL-2.0
// io-limit: do the issuer's I/O statistics and limits reach the disk below?
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>
#include <linux/loop.h>

#include "fs.h"
#include "throttle.h"
#include "overtake.h"
#include "scenario.h"
#include "target.h"

#define MIB (1024LL * 1024)
#define BYTES (4 * MIB)
#define SIZE (32 * MIB)
#define CHUNK (64 * 1024)
#define ISSUER_MS 20000

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN];
static char issuer[PATH_LEN], other[PATH_LEN];

static void issue(void *unused)
{
	bool writing = cell_is("rw", "write");
	int fd = CHECK(open(target.path, O_RDWR | O_DIRECT));
	char *buf = zalloc_pages(CHUNK);
	long long at;

	(void)unused;
	for (at = 0; at < BYTES; at += CHUNK) {
		ssize_t n = writing ? pwrite(fd, buf, CHUNK, at) :
				      pread(fd, buf, CHUNK, at);

		if (CHECK(n) != CHUNK)
			FAIL(0, "%zd bytes at %lld", n, at);
	}
	CHECK(close(fd));
}

static void setup(void)
{
	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	in_group(issuer, "issuer");
	in_group(other, "other");
	CHECK(cgroup_make(issuer, ""));
	CHECK(cgroup_make(other, ""));
	if (cell_is("backing", "ext4")) {
		fs_mount_ext4(RAM_DISK, SIZE + 8 * MIB, top);
		fs_make_file(backing, SIZE);
		/* Written once, so that there are blocks to read. */
		fs_fill_file(backing, SIZE / MIB);
		fs_drop_cache(backing);
	} else {
		text_set(backing, sizeof(backing), RAM_DISK);
	}
	target_make(&target, backing, LO_FLAGS_DIRECT_IO);
}

static void lift(void)
{
	throttle_lift(issuer, RAM_DISK);
}

static void run(void)
{
	const char *key = cell_is("rw", "write") ? "wbytes" : "rbytes";
	struct overtake o = {
		.a_group = issuer,
		.a_path = target.path,
		.a_requests = 4,
		.a_writes = cell_is("rw", "write"),
		.b_group = other,
		.b_path = target.path,
		.b_requests = 10,
		.lift = lift,
	};
	long long bytes;

	if (process_run(issuer, issue, NULL, ISSUER_MS))
		FAIL(0, "the issuer failed");
	bytes = CHECK(cgroup_io(issuer, RAM_DISK, key));
	evidence("bytes_moved", BYTES, "bytes");
	evidence("io_stat_issuer", bytes, "bytes");
	throttle_disk(issuer, RAM_DISK);
	overtake_run(&o);
	if (bytes < BYTES && o.a_held)
		FAIL(0, "not in the issuer's io.stat, yet held");
	if (bytes < BYTES)
		failed("%lld of %lld bytes are in the issuer's io.stat, and "
		       "its io.max holds nothing",
		       bytes, BYTES);
	overtake_conclude(&o);
}

static void cleanup(void)
{
	target_remove(&target);
	umount2(top, MNT_DETACH);
	rmdir(top);
}

SCENARIO(io_limit,
	 .claim = "io.stat and io.max of the disk below a loop device see who "
		  "issued the I/O",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK, NEEDS_EXT4),
	 .cells = CELLS("backing=disk rw=read", "backing=disk rw=write",
			"backing=ext4 rw=read", "backing=ext4 rw=write"),
	 .controls = CONTROLS({ "cgloop-single", EXPECT_FALSE, NULL },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
