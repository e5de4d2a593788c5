// SPDX-License-Identifier: GPL-2.0
// failed-io-release: does I/O that fails keep the cgroup that issued it?
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "cgroup_gone.h"
#include "dm.h"
#include "fs.h"
#include "scenario.h"
#include "target.h"

#define WRITES 10
#define SIZE (8 * MIB)
#define TMPFS_BYTES (4 * MIB)
/* The writes begin here; in the cell out-of-range the disk has ended before. */
#define FIRST (6 * MIB)

static struct target target = TARGET_NONE;
static struct cgroup_gone test;
static char mnt[PATH_LEN], backing[PATH_LEN], node[PATH_LEN];

struct job {
	const char *path;
	int *failures; /* shared */
};

static void issue(void *arg)
{
	struct job *job = arg;
	int fd = CHECK(open(job->path, O_RDWR | O_DIRECT));
	char *buf = zalloc_pages(BLOCK);
	int i;

	for (i = 0; i < WRITES; i++) {
		if (pwrite(fd, buf, BLOCK, FIRST + i * BLOCK) == BLOCK)
			continue;
		if (errno != EIO && errno != ENOSPC)
			FAIL(errno, "write %d", i);
		++*job->failures;
	}
	CHECK(close(fd));
}

/*
 * Charges the pages that will be written to this group.  A freed page stays on
 * a CPU's free list for a while, and would keep the group that it was charged
 * to even when the file is gone.
 */
static void own_pages(void)
{
	int fd = CHECK(open(backing, O_WRONLY));

	io_range(fd, true, BLOCK, FIRST, FIRST + WRITES * BLOCK);
	CHECK(close(fd));
}

/*
 * A read-only device may refuse a request before it has a reference to lose,
 * as cgloop does.  There the control's writes fail for lack of space.
 */
static bool is_read_only(void)
{
	return cell_is("cause", "read-only") && !driver_has_faults(driver());
}

/* The device takes no writes; a mapped disk on it sends them all the same. */
static void setup_read_only(void)
{
	struct dm_piece all = { .below = target.path, .bytes = SIZE };

	fs_make_file(backing, SIZE);
	own_pages();
	target_make(&target, backing,
		    variant_is("read-write") ? 0 : LO_FLAGS_READ_ONLY);
	dm_make("chargeback", &all, node);
}

/* The disk below shrinks after the device is bound. */
static void setup_out_of_range(void)
{
	struct dm_piece disk = { .below = RAM_DISK, .bytes = SIZE };

	dm_make("chargeback", &disk, node);
	/* Cached pages of the disk would keep their group: so no cache. */
	target_make(&target, node, LO_FLAGS_DIRECT_IO);
	text_set(node, sizeof(node), "%s", target.path);
	disk.bytes = SIZE / 2;
	if (!variant_is("read-write"))
		dm_change("chargeback", &disk);
}

static void fill_tmpfs(void)
{
	char block[BLOCK] = { 0 };
	int fd = CHECK(open(backing, O_WRONLY));

	while (write(fd, block, sizeof(block)) == sizeof(block))
		;
	CHECK(close(fd));
}

static void setup_no_space(void)
{
	fs_make_file(backing, SIZE);
	if (variant_is("read-write"))
		own_pages();
	else
		fill_tmpfs();
	target_make(&target, backing, 0);
	text_set(node, sizeof(node), "%s", target.path);
}

static void setup(void)
{
	in_folder(mnt, "mnt");
	in_folder(backing, "mnt/backing");
	cgroup_gone_make(&test, "+memory +io");
	fs_mount_tmpfs(mnt, TMPFS_BYTES);
	if (is_read_only())
		setup_read_only();
	else if (cell_is("cause", "out-of-range"))
		setup_out_of_range();
	else
		setup_no_space();
}

/*
 * Removes everything else that may keep a group: the device with its workers,
 * and the pages that were written.  Only a lost reference is left.
 */
static void undo(void)
{
	if (is_read_only()) {
		dm_remove("chargeback");
		target_remove(&target);
	} else {
		target_remove(&target);
		dm_remove("chargeback");
	}
	fs_unmount(mnt);
}

static void run(void)
{
	int *failures = shared_memory(2 * sizeof(*failures));
	struct job job = { .path = node, .failures = &failures[0] };
	struct job same = { .path = RAM_DISK, .failures = &failures[1] };

	run_in(test.subject_user, issue, &job);
	run_in(test.twin_user, issue, &same);
	evidence("failed_writes", failures[0], "requests");
	if (failures[0] != (variant_is("read-write") ? 0 : WRITES) ||
	    failures[1])
		FAIL(0, "%d of %d writes failed, and %d of the twin's",
		     failures[0], WRITES, failures[1]);
	undo();
	CHECK(cgroup_remove(test.subject_user));
	CHECK(cgroup_remove(test.twin_user));
	cgroup_gone_wait(&test);
	cgroup_gone_conclude(&test, "I/O that failed");
}

static void cleanup(void)
{
	undo();
}

SCENARIO(failed_io_release,
	 .claim = "a removed cgroup is gone, with the device, also when its "
		  "I/O through a loop device failed",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_RAM_DISK,
			"load:dm_mod"),
	 .cells = CELLS("cause=read-only", "cause=out-of-range",
			"cause=no-space"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"leak-on-error" },
			      { "cgloop", EXPECT_TRUE, "read-write" }),
	 .timeout_s = 60, .expect_events = KLOG_IO_ERROR, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
