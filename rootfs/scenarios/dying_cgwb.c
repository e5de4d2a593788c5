// SPDX-License-Identifier: GPL-2.0
// dying-cgwb: do inodes that a group once dirtied keep it after its end?
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "fs.h"
#include "cgroup_gone.h"
#include "scenario.h"
#include "target.h"

#define MIB (1024LL * 1024)
#define SIZE (32 * MIB)
#define PAGE 4096
#define USER_MS 20000
/* For a control, where the group stays for as long as the inodes are dirty. */
#define CONTROL_TURNS 100

static char mnt[PATH_LEN];
static char above[PATH_LEN], user[PATH_LEN], twin[PATH_LEN], reader[PATH_LEN];
static char last[PATH_LEN], other[PATH_LEN];

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

/* A page of each; the file is there already unless flags say otherwise. */
static void write_all(void *flags)
{
	char page[PAGE] = { 1 };
	int i, fd;

	for (i = 0; i < inodes(); i++) {
		fd = open_file(i, O_WRONLY | *(int *)flags);
		if (CHECK(pwrite(fd, page, PAGE, 0)) != PAGE)
			FAIL(0, "a short write");
		CHECK(close(fd));
	}
}

static void read_all(void *unused)
{
	char page[PAGE];
	int i, fd;

	(void)unused;
	for (i = 0; i < inodes(); i++) {
		fd = open_file(i, O_RDONLY);
		if (CHECK(pread(fd, page, PAGE, 0)) != PAGE)
			FAIL(0, "a short read");
		CHECK(close(fd));
	}
}

/* How many of the files have their page, and with it their inode, in cache. */
static int cached(void)
{
	unsigned char there;
	int i, fd, n = 0;
	void *page;

	for (i = 0; i < inodes(); i++) {
		fd = open_file(i, O_RDONLY);
		page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
		if (page == MAP_FAILED)
			FAIL(errno, "map a page");
		CHECK(mincore(page, PAGE, &there));
		n += there & 1;
		CHECK(munmap(page, PAGE));
		CHECK(close(fd));
	}
	return n;
}

/* The control leaves all as dirty as it is. */
static void sync_all(void)
{
	int fd = CHECK(open(mnt, O_RDONLY));

	if (!variant_is("unwritten"))
		CHECK(syncfs(fd));
	CHECK(close(fd));
}

/*
 * An inode belongs to whoever dirties it first, since it came into the cache;
 * a page to whoever reads it.  So with a fresh mount, and all pages and the
 * file system's own read by others, a user's group is kept by inodes alone.
 */
static void setup(void)
{
	int create = O_CREAT;

	in_folder(mnt, "mnt");
	in_group(above, "above");
	in_group(user, "above/user");
	in_group(twin, "twin");
	in_group(reader, "twin/reader");
	in_group(last, "twin/last");
	in_group(other, "other");
	CHECK(cgroup_make(above, "+memory +io"));
	CHECK(cgroup_make(user, ""));
	CHECK(cgroup_make(twin, "+memory +io"));
	CHECK(cgroup_make(reader, ""));
	if (cell_is("files", "dirty"))
		CHECK(cgroup_make(last, ""));
	CHECK(cgroup_make(other, ""));
	fs_mount_ext4(RAM_DISK, SIZE, mnt);
	write_all(&create);
	CHECK(umount2(mnt, 0));
	CHECK(mount(RAM_DISK, mnt, "ext4", MS_NOATIME, NULL));
	read_all(NULL);
}

/*
 * Pages that a process leaves behind stay on the CPUs' lists for a while, and
 * keep its group.  Asked for more than there is, the kernel empties the lists.
 */
static void empty_lists(void)
{
	cgroup_write(twin, "memory.reclaim", "1G");
}

static void use(const char *group, void (*how)(void *arg), void *arg)
{
	if (process_run(group, how, arg, USER_MS))
		FAIL(0, "a process in %s failed", group);
}

static long long dying(const char *group)
{
	return CHECK(cgroup_key(group, "cgroup.stat", "nr_dying_descendants"));
}

static bool is_twin_gone(void *unused)
{
	(void)unused;
	return !dying(twin);
}

/*
 * The group's writeback writes all pages: the inodes are the group's.  It goes
 * with nothing left to write.
 */
static void remove_clean(void)
{
	bool written = !variant_is("unwritten") && !variant_is("never-dirty");
	long long bytes;

	sync_all();
	bytes = CHECK(cgroup_io(user, RAM_DISK, "wbytes"));
	evidence("written_by_the_group", bytes, "bytes");
	if (written && bytes < (long long)inodes() * PAGE)
		FAIL(0, "the group wrote back %lld bytes of %d pages", bytes,
		     inodes());
	CHECK(cgroup_remove(reader));
	CHECK(cgroup_remove(user));
}

/*
 * It stays for as long as there is something to write, and must go when that
 * is done and the kernel looks again: it does with each group that goes.
 */
static void remove_dirty(void)
{
	long long left;

	CHECK(cgroup_remove(user));
	CHECK(cgroup_remove(reader));
	if (!wait_until(is_twin_gone, NULL, USER_MS))
		FAIL(0, "the twin stays, too");
	left = dying(above);
	evidence("dying_while_dirty", left, "cgroups");
	if (left != 1 && !variant_is("never-dirty"))
		FAIL(0, "nothing is dying before all is written");
	sync_all();
	CHECK(cgroup_remove(last));
}

static void run(void)
{
	struct cgroup_gone g = { .subject = above, .twin = twin };
	int plain = 0, there;

	if (variant_is("unwritten"))
		g.turns = CONTROL_TURNS;
	use(user, variant_is("never-dirty") ? read_all : write_all, &plain);
	if (cell_is("files", "shared"))
		use(other, write_all, &plain);
	use(reader, read_all, NULL);
	empty_lists();
	if (cell_is("files", "dirty"))
		remove_dirty();
	else
		remove_clean();
	cgroup_gone_wait(&g);
	there = cached();
	evidence("inodes_in_cache", there, "inodes");
	if (there != inodes())
		FAIL(0, "the files do not stay in cache");
	cgroup_gone_conclude(&g, "inodes in cache");
}

static void cleanup(void)
{
	umount2(mnt, MNT_DETACH);
	rmdir(mnt);
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
