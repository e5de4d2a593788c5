// SPDX-License-Identifier: GPL-2.0
// charge-by-buffer: who is charged for a write from another group's page?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "charge.h"
#include "dm.h"
#include "fs.h"
#include "io.h"
#include "overtake.h"
#include "scenario.h"
#include "target.h"
#include "throttle.h"

#define WRITES 256
#define TOTAL (WRITES * BLOCK)
#define CAPACITY (8 * MIB)

static struct overtake test;
static struct target target = TARGET_NONE;
static char disk[PATH_LEN];
static char top[PATH_LEN], backing[PATH_LEN], mnt[PATH_LEN], page[PATH_LEN];

/* B's page: B is charged for it and for its writeback. */
static void dirty_page(void *unused)
{
	int fd = CHECK(open(page, O_RDWR | O_CREAT, 0600));
	char *buf = zalloc_pages(BLOCK);

	(void)unused;
	memset(buf, 'b', BLOCK);
	write_all(fd, buf, BLOCK);
	CHECK(fsync(fd));
	/* Dirty again, in place: writeback needs to write the page alone. */
	pwrite_all(fd, buf, BLOCK, 0);
	CHECK(close(fd));
}

/* A maps the page, starts its writeback, and writes from it meanwhile. */
static void write_from_page(void *unused)
{
	int fd = CHECK(open(page, O_RDWR)), i;
	int device = CHECK(open(target.path,
				O_WRONLY | (driver()->module ? O_DIRECT : 0)));
	char *map = mmap(NULL, BLOCK, PROT_READ, MAP_SHARED, fd, 0);

	(void)unused;
	if (map == MAP_FAILED || map[0] != 'b')
		FAIL(errno, "a mapping of B's page");
	if (!variant_is("clean"))
		CHECK(sync_file_range(fd, 0, BLOCK, SYNC_FILE_RANGE_WRITE));
	for (i = 0; i < WRITES; i++)
		pwrite_all(device, map, BLOCK, i * BLOCK);
	CHECK(close(device));
	CHECK(close(fd));
}

static void setup(void)
{
	overtake_groups(&test);
	in_folder(top, "tmpfs");
	in_folder(backing, "tmpfs/backing");
	in_folder(mnt, "mnt");
	in_folder(page, "mnt/page");
	dm_make_disk(disk);
	fs_mount_ext4(disk, 32 * MIB, mnt);
	fs_mount_tmpfs(top, 64 * MIB);
	fs_make_file(backing, CAPACITY);
	target_make(&target, backing, 0);
}

struct reading {
	long long a, b, busy;
};

static void read_charges(void *out)
{
	struct reading *r = out;

	r->a = charged(test.a_group, "shmem");
	r->b = charged(test.b_group, "shmem");
	r->busy = charged(test.b_group, "file_writeback");
}

static bool is_complete(const void *reading)
{
	const struct reading *r = reading;

	return r->a + r->b >= TOTAL && (r->busy || variant_is("clean"));
}

static void run(void)
{
	struct reading r = { 0 };

	run_in(test.b_group, dirty_page, NULL);
	throttle_disk(test.b_group, disk);
	run_in(test.a_group, write_from_page, NULL);
	charge_settle(read_charges, is_complete, &r, sizeof(r));
	evidence("under_writeback", r.busy, "bytes");
	evidence("shmem_a", r.a, "bytes");
	evidence("shmem_b", r.b, "bytes");
	throttle_lift(test.b_group, disk);
	if (!r.busy && !variant_is("clean"))
		FAIL(0, "B's page was not under writeback");
	if (r.a >= TOTAL && r.b < TOTAL / 2)
		held();
	failed("A wrote %d bytes: %lld were charged to A, %lld to the owner "
	       "of the buffer",
	       TOTAL, r.a, r.b);
}

static void cleanup(void)
{
	target_remove(&target);
	fs_unmount(top);
	fs_unmount(mnt);
	dm_remove_disk();
}

SCENARIO(charge_by_buffer,
	 .claim = "a direct write is charged to the one who issues it, "
		  "whoever owns the page it is written from",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_RAM_DISK,
			NEEDS_EXT4, "load:dm_mod"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"charge-buffer" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
