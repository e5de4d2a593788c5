// SPDX-License-Identifier: GPL-2.0
// dying-cgwb: do inodes that a group dirtied keep the group after its removal?
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "cgroup_gone.h"
#include "fs.h"
#include "progress.h"
#include "scenario.h"
#include "target.h"

#define SIZE (32 * MIB)
/* For a control, in which the group stays as long as the inodes are dirty. */
#define CONTROL_TURNS 100

/* The subject's user dirties the inodes; the twin's reads the pages. */
static struct cgroup_gone test;
static char mnt[PATH_LEN], last[PATH_LEN], other[PATH_LEN];

static int inodes(void)
{
	static const char *const counts[] = { "1", "114", "115", "116",
					      "1000" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		if (cell_is("inodes", counts[i]))
			return atoi(counts[i]);
	FAIL(0, "a cell without a count");
}

static int open_file(int i, int flags)
{
	char path[PATH_LEN];

	text_set(path, sizeof(path), "%s/%d", mnt, i);
	return CHECK(open(path, flags, 0600));
}

/* Writes one page to each file; flags may create the files. */
static void write_pages(void *flags)
{
	char page[BLOCK] = { 1 };
	int i, fd;

	for (i = 0; i < inodes(); i++) {
		fd = open_file(i, O_WRONLY | *(int *)flags);
		pwrite_all(fd, page, BLOCK, 0);
		CHECK(close(fd));
	}
}

static void read_pages(void *unused)
{
	char page[BLOCK];
	int i, fd;

	(void)unused;
	for (i = 0; i < inodes(); i++) {
		fd = open_file(i, O_RDONLY);
		pread_all(fd, page, BLOCK, 0);
		CHECK(close(fd));
	}
}

/* Counts the files whose page, and with it the inode, is in cache. */
static int cached(void)
{
	unsigned char there;
	int i, fd, n = 0;
	void *page;

	for (i = 0; i < inodes(); i++) {
		fd = open_file(i, O_RDONLY);
		page = mmap(NULL, BLOCK, PROT_READ, MAP_SHARED, fd, 0);
		if (page == MAP_FAILED)
			FAIL(errno, "map a page");
		CHECK(mincore(page, BLOCK, &there));
		n += there & 1;
		CHECK(munmap(page, BLOCK));
		CHECK(close(fd));
	}
	return n;
}

/* The control leaves everything dirty. */
static void sync_all(void)
{
	int fd = CHECK(open(mnt, O_RDONLY));

	if (!variant_is("unwritten"))
		CHECK(syncfs(fd));
	CHECK(close(fd));
}

/*
 * An inode belongs to the group that dirties it first after it came into the
 * cache; a page to the group that reads it first.  The mount is new, and others
 * read all pages and the file system's own.  So inodes alone can keep the
 * user's group.
 */
static void setup(void)
{
	int create = O_CREAT;

	in_folder(mnt, "mnt");
	cgroup_gone_make(&test, "+memory +io");
	if (cell_is("files", "dirty"))
		make_group(last, "twin/last", "");
	make_group(other, "other", "");
	fs_mount_ext4(RAM_DISK, SIZE, mnt);
	write_pages(&create);
	CHECK(umount2(mnt, 0));
	CHECK(mount(RAM_DISK, mnt, "ext4", MS_NOATIME, NULL));
	read_pages(NULL);
}

/*
 * Pages that a process leaves behind stay on the CPUs' free lists for a while,
 * and keep its group.  The kernel drains these lists when it cannot reclaim as
 * much as it is asked to.
 */
static void drain_free_lists(void)
{
	cgroup_write(test.twin, "memory.reclaim", "1G");
}

static long long dying(const char *group)
{
	return CHECK(cgroup_key(group, "cgroup.stat", "nr_dying_descendants"));
}

static bool is_twin_gone(void *unused)
{
	(void)unused;
	return !dying(test.twin);
}

/* Removes the group when its own writeback has written all pages. */
static void remove_clean(void)
{
	bool written = !variant_is("unwritten") && !variant_is("never-dirty");
	long long bytes;

	sync_all();
	bytes = CHECK(cgroup_io(test.subject_user, RAM_DISK, "wbytes"));
	evidence("written_by_the_group", bytes, "bytes");
	if (written && bytes < (long long)inodes() * BLOCK)
		FAIL(0, "the group wrote back %lld bytes of %d pages", bytes,
		     inodes());
	CHECK(cgroup_remove(test.twin_user));
	CHECK(cgroup_remove(test.subject_user));
}

/*
 * Removes the group while its pages are dirty, which keeps it.  It must go when
 * they are written and the kernel looks again, as it does whenever a group is
 * removed.
 */
static void remove_dirty(void)
{
	long long left;

	CHECK(cgroup_remove(test.subject_user));
	CHECK(cgroup_remove(test.twin_user));
	if (!progress_until(is_twin_gone, NULL, PROGRESS_HANGS, "the twin"))
		FAIL(0, "the twin stays, too");
	left = dying(test.subject);
	evidence("dying_while_dirty", left, "cgroups");
	if (left != 1 && !variant_is("never-dirty"))
		FAIL(0, "nothing is dying before all is written");
	sync_all();
	CHECK(cgroup_remove(last));
}

static void run(void)
{
	bool reads = variant_is("never-dirty");
	int plain = 0, there;

	if (variant_is("unwritten"))
		test.turns = CONTROL_TURNS;
	run_in(test.subject_user, reads ? read_pages : write_pages, &plain);
	if (cell_is("files", "shared"))
		run_in(other, write_pages, &plain);
	run_in(test.twin_user, read_pages, NULL);
	drain_free_lists();
	if (cell_is("files", "dirty"))
		remove_dirty();
	else
		remove_clean();
	cgroup_gone_wait(&test);
	there = cached();
	evidence("inodes_in_cache", there, "inodes");
	if (there != inodes())
		FAIL(0, "the files do not stay in cache");
	cgroup_gone_conclude(&test, "inodes in cache");
}

static void cleanup(void)
{
	fs_unmount(mnt);
}

SCENARIO(dying_cgwb,
	 .claim = "a removed cgroup is gone although inodes that it dirtied "
		  "stay in cache",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", NEEDS_RAM_DISK,
			NEEDS_EXT4),
	 .cells = CELLS("inodes=1 files=clean", "inodes=114 files=clean",
			"inodes=115 files=clean", "inodes=116 files=clean",
			"inodes=1000 files=clean", "inodes=1 files=dirty",
			"inodes=114 files=dirty", "inodes=115 files=dirty",
			"inodes=116 files=dirty", "inodes=1000 files=dirty",
			"inodes=116 files=shared"),
	 .controls = CONTROLS({ "none", EXPECT_FALSE, "unwritten" },
			      { "none", EXPECT_TRUE, "never-dirty" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
