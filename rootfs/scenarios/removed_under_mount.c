// SPDX-License-Identifier: GPL-2.0
// removed-under-mount: are groups gone that wrote to a mounted file system?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "backing.h"
#include "progress.h"
#include "scenario.h"
#include "target.h"

#define GROUPS 10
#define SIZE (48 * MIB)
#define CHUNK (64 * KIB)
/* Of progress_wait(): about five seconds on an idle machine, and a third. */
#define TURNS 1600
#define FEW_TURNS 100
#define WATCH_MS 80000

static struct target target = TARGET_NONE;
static struct backing backing;
static char above[PATH_LEN], mnt[PATH_LEN];

static void path_of(char *path, int i)
{
	text_set(path, PATH_LEN, "%s/%d", mnt, i);
}

static void write_file(void *arg)
{
	char path[PATH_LEN];
	int fd;

	path_of(path, *(int *)arg);
	fd = CHECK(open(path, O_WRONLY | O_CREAT, 0600));
	io_range(fd, true, CHUNK, 0, MIB);
	CHECK(fsync(fd));
	CHECK(close(fd));
}

static void setup(void)
{
	bool memory = cell_is("backing", "tmpfs");

	make_group(above, "above", "+memory +io");
	in_folder(mnt, "inner");
	if (driver()->module) {
		backing_make(&backing, memory ? BACKING_TMPFS : BACKING_EXT4,
			     SIZE);
		target_make(&target, backing.file,
			    memory ? 0 : LO_FLAGS_DIRECT_IO);
	} else {
		target_make(&target, RAM_DISK, 0);
	}
	fs_mount_ext4(target.path, SIZE, mnt);
}

static void come_and_go(void)
{
	char name[PATH_LEN], group[PATH_LEN];
	int i;

	for (i = 0; i < GROUPS; i++) {
		text_set(name, sizeof(name), "above/%d", i);
		make_group(group, name, "");
		run_in(group, write_file, &i);
		CHECK(cgroup_remove(group));
	}
}

/*
 * Each CPU keeps a group for its next charge; without a loop device it is the
 * same.
 */
static long long kept(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

static bool look(void *arg, long long *at)
{
	long long *dying = arg;

	*dying =
		CHECK(cgroup_key(above, "cgroup.stat", "nr_dying_descendants"));
	*at = *dying;
	return *dying <= kept();
}

/* Groups that are still there without a page in a cache that can be dropped. */
static long long left(const char *name, int turns)
{
	long long dying;

	sync();
	file_put("/proc/sys/vm/drop_caches", "3");
	/* Fails, but empties the CPUs' lists of free pages. */
	cgroup_write(above, "memory.reclaim", "1G");
	progress_wait(look, &dying, turns, WATCH_MS, "the removed groups");
	evidence(name, dying, "cgroups");
	return dying;
}

/* Gives the space of the files back to the backing. */
static void remove_files(void)
{
	struct fstrim_range all = { .len = ~0ULL };
	char path[PATH_LEN];
	int i, fd;

	for (i = 0; i < GROUPS; i++) {
		path_of(path, i);
		CHECK(unlink(path));
	}
	sync();
	fd = CHECK(open(mnt, O_RDONLY | O_DIRECTORY));
	if (ioctl(fd, FITRIM, &all) < 0 && errno != EOPNOTSUPP)
		FAIL(errno, "FITRIM of %s", mnt);
	CHECK(close(fd));
}

static void run(void)
{
	bool memory = driver()->module && cell_is("backing", "tmpfs");
	long long first, last;

	come_and_go();
	first = left("dying_with_files", memory ? FEW_TURNS : TURNS);
	if (first > kept() && !memory)
		failed("%lld of %d removed groups stay for clean files", first,
		       GROUPS);
	remove_files();
	last = left("dying_without_files", TURNS);
	if (last > kept())
		failed("%lld of %d removed groups stay, though their files are "
		       "gone",
		       last, GROUPS);
	held();
}

static void cleanup(void)
{
	fs_unmount(mnt);
	target_remove(&target);
	backing_remove(&backing);
}

/* A file on tmpfs is memory: whoever wrote it is charged while it is there. */
SCENARIO(removed_under_mount,
	 .claim = "removed groups that wrote to a file system on a loop device "
		  "are gone when nothing of theirs is in memory",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver",
			NEEDS_BACKING_EXT4),
	 .cells = CELLS("backing=tmpfs", "backing=ext4"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "pin-css" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 240, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
