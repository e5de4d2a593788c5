// SPDX-License-Identifier: GPL-2.0
// failed-io-release: does I/O that fails keep the cgroup that issued it?
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/loop.h>

#include "dm.h"
#include "fs.h"
#include "cgroup_gone.h"
#include "scenario.h"
#include "target.h"

#define MIB (1024LL * 1024)
#define BLOCK 4096
#define WRITES 10
#define SIZE (8 * MIB)
#define ISSUER_MS 20000
/* Where writes fail if they fail by their place. */
#define PLACE (6 * MIB)

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN], node[PATH_LEN];
static char through[PATH_LEN], twin[PATH_LEN];
static char through_user[PATH_LEN], twin_user[PATH_LEN];

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
		if (pwrite(fd, buf, BLOCK, PLACE + i * BLOCK) == BLOCK)
			continue;
		if (errno != EIO && errno != ENOSPC)
			FAIL(errno, "write %d", i);
		++*job->failures;
	}
	CHECK(close(fd));
}

/*
 * The pages that will be written belong to this group: a page that has just
 * come stays on a CPU's list for a while, and would keep its owner's group
 * even when the file is gone.
 */
static void own_place(void)
{
	char block[BLOCK] = { 0 };
	int i, fd = CHECK(open(backing, O_WRONLY));

	for (i = 0; i < WRITES; i++)
		if (CHECK(pwrite(fd, block, BLOCK, PLACE + i * BLOCK)) != BLOCK)
			FAIL(0, "a short write");
	CHECK(close(fd));
}

/*
 * A read-only device may refuse a request before it has a reference to lose,
 * and cgloop does; there the control's writes fail for lack of space.
 */
static bool is_read_only(void)
{
	return cell_is("cause", "read-only") && !driver_has_faults(driver());
}

/* A device that takes no writes, which a mapped disk sends all the same. */
static void setup_read_only(void)
{
	struct dm_piece all = { .below = target.path, .bytes = SIZE };

	fs_make_file(backing, SIZE);
	own_place();
	target_make(&target, backing,
		    variant_is("read-write") ? 0 : LO_FLAGS_READ_ONLY);
	dm_make("chargeback", &all, node);
}

/* The disk below is smaller than it was when the device was bound. */
static void setup_out_of_range(void)
{
	struct dm_piece disk = { .below = RAM_DISK, .bytes = SIZE };

	dm_make("chargeback", &disk, node);
	/* Pages cached of a disk keep their owner in ways of theirs. */
	target_make(&target, node, LO_FLAGS_DIRECT_IO);
	text_set(node, sizeof(node), "%s", target.path);
	disk.bytes = SIZE / 2;
	if (!variant_is("read-write"))
		dm_change("chargeback", &disk);
}

static void setup_no_space(void)
{
	char block[BLOCK] = { 0 };
	int fd;

	fs_make_file(backing, SIZE);
	if (variant_is("read-write")) {
		own_place();
	} else {
		fd = CHECK(open(backing, O_WRONLY));
		while (write(fd, block, sizeof(block)) == sizeof(block))
			;
		CHECK(close(fd));
	}
	target_make(&target, backing, 0);
	text_set(node, sizeof(node), "%s", target.path);
}

static void setup(void)
{
	in_folder(top, "tmpfs");
	in_folder(backing, "tmpfs/backing");
	in_group(through, "through");
	in_group(twin, "twin");
	in_group(through_user, "through/user");
	in_group(twin_user, "twin/user");
	CHECK(cgroup_make(through, "+memory +io"));
	CHECK(cgroup_make(twin, "+memory +io"));
	CHECK(cgroup_make(through_user, ""));
	CHECK(cgroup_make(twin_user, ""));
	CHECK(mkdir(top, 0700));
	CHECK(mount("tmpfs", top, "tmpfs", 0, "size=4M"));
	if (is_read_only())
		setup_read_only();
	else if (cell_is("cause", "out-of-range"))
		setup_out_of_range();
	else
		setup_no_space();
}

/*
 * All that may keep a group but a lost reference: the device with its workers,
 * and pages of what was written.
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
	umount2(top, MNT_DETACH);
}

static void run(void)
{
	struct cgroup_gone g = { .subject = through, .twin = twin };
	int *failures = shared_memory(2 * sizeof(*failures));
	struct job job = { .path = node, .failures = &failures[0] };
	struct job same = { .path = RAM_DISK, .failures = &failures[1] };

	if (process_run(through_user, issue, &job, ISSUER_MS) ||
	    process_run(twin_user, issue, &same, ISSUER_MS))
		FAIL(0, "an issuer failed");
	evidence("failed_writes", failures[0], "requests");
	if (failures[0] != (variant_is("read-write") ? 0 : WRITES) ||
	    failures[1])
		FAIL(0, "%d of %d writes failed, and %d of the twin's",
		     failures[0], WRITES, failures[1]);
	undo();
	CHECK(cgroup_remove(through_user));
	CHECK(cgroup_remove(twin_user));
	cgroup_gone_wait(&g);
	cgroup_gone_conclude(&g, "I/O that failed");
}

static void cleanup(void)
{
	undo();
	rmdir(top);
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
