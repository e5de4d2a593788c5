// SPDX-License-Identifier: GPL-2.0
// stacked: loop devices on file systems on mapped disks on loop devices.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "dm.h"
#include "fio.h"
#include "fs.h"
#include "scenario.h"
#include "target.h"

#define LEVELS 4
#define LOAD (4 * MIB)
#define FIO_MS 60000

/*
 * The lowest first.  Each level is a file system on the disk of the level
 * below, a file on it, a loop device on the file, and a mapped disk on the
 * device.
 */
static struct level {
	struct target target;
	char folder[PATH_LEN], file[PATH_LEN];
	char name[16], disk[PATH_LEN]; /* of the mapped disk */
} levels[LEVELS];

/* The topmost file system, and the file that fio writes. */
static char top[PATH_LEN], load[PATH_LEN];

/* Size of a file system that has this many levels on top of it. */
static long long size_with(int above)
{
	return cell_is("fs", "xfs") ? (32 + above * 24) * MIB :
				      (16 + above * 8) * MIB;
}

static void mount_on(const char *disk, long long bytes, const char *folder)
{
	if (cell_is("fs", "xfs"))
		fs_mount_xfs(disk, bytes, folder);
	else
		fs_mount_ext4_journal(disk, bytes, folder);
}

/* Corrupt data alone: file systems could not be made with that fault on. */
static void corrupt(bool on)
{
	if (variant_is("corrupt"))
		file_put(DRIVER_FAULTS, "%s", on ? "corrupt" : "\n");
}

static void setup(void)
{
	int n = LEVELS, i;
	struct dm_piece piece = { 0 };
	const char *disk = RAM_DISK;
	char name[16];

	corrupt(false);
	for (i = 0; i < LEVELS; i++)
		levels[i].target.number = -1;
	for (i = 0; i < n; i++) {
		struct level *l = &levels[i];

		text_set(name, sizeof(name), "mnt%d", i);
		in_folder(l->folder, name);
		mount_on(disk, size_with(n - i), l->folder);
		text_set(l->file, sizeof(l->file), "%s/file", l->folder);
		fs_make_file(l->file, size_with(n - i - 1));
		target_make(&l->target, l->file, LO_FLAGS_DIRECT_IO);
		piece.below = l->target.path;
		piece.bytes = size_with(n - i - 1);
		text_set(l->name, sizeof(l->name), "level%d", i);
		dm_make(l->name, &piece, l->disk);
		disk = l->disk;
	}
	in_folder(top, "top");
	mount_on(disk, size_with(0), top);
	in_folder(load, "top/load");
}

static int run_load(bool direct)
{
	char file[PATH_LEN], size[32];
	const char *const args[] = { file,
				     size,
				     "--bsrange=4k-64k",
				     direct ? "--direct=1" : "--direct=0",
				     "--iodepth=16",
				     "--fsync=64",
				     "--end_fsync=1",
				     NULL };

	text_set(file, sizeof(file), "--filename=%s", load);
	text_set(size, sizeof(size), "--size=%lld", LOAD);
	return fio_verify(args, FIO_MS);
}

/* From here on each level goes through the page cache. */
static void go_buffered(void)
{
	int i, fd;

	for (i = 0; i < LEVELS; i++) {
		fd = CHECK(open(levels[i].target.path, O_RDONLY));
		CHECK(ioctl(fd, LOOP_SET_DIRECT_IO, 0L));
		CHECK(close(fd));
	}
}

static void run(void)
{
	bool counts = driver_has_counters(driver());
	long long inlined = 0, used = 0, size = 0, n;
	int i, direct, buffered;

	corrupt(true);
	direct = run_load(true);
	go_buffered();
	buffered = run_load(false);
	corrupt(false);
	for (i = 0; counts && i < LEVELS; i++) {
		const char *node = levels[i].target.path;

		inlined += driver_counter(node, "inline");
		n = driver_counter(node, "max_inline_stack");
		used = n > used ? n : used;
		size = driver_counter(node, "stack_size");
	}
	evidence("depth", LEVELS, "loop devices");
	evidence("bytes_verified", 2 * LOAD, "bytes");
	evidence("fio_status_direct", direct, "status");
	evidence("fio_status_buffered", buffered, "status");
	if (counts) {
		evidence("started_inline", inlined, "requests");
		evidence("stack_used_inline", used, "bytes");
		evidence("stack_size", size, "bytes");
	}
	if (direct || buffered)
		failed("fio's verify ended with %#x direct, %#x buffered",
		       direct, buffered);
	if (used > size / 4)
		failed("I/O was started inline with %lld of %lld bytes of "
		       "stack used up",
		       used, size);
	held();
}

static void cleanup(void)
{
	int i;

	fs_unmount(top);
	for (i = LEVELS - 1; i >= 0; i--) {
		if (!*levels[i].folder)
			continue;
		if (*levels[i].name)
			dm_remove(levels[i].name);
		target_remove(&levels[i].target);
		fs_unmount(levels[i].folder);
	}
}

SCENARIO(stacked,
	 .claim = "loop devices can be stacked: nothing that goes through all "
		  "of them is lost; cgloop, which starts I/O inline, leaves "
		  "three quarters of the stack free",
	 .needs = NEEDS("driver", NEEDS_RAM_DISK, "load:dm_mod",
			"fs=ext4 load:ext4", "fs=ext4 /sbin/mke2fs",
			"fs=xfs load:xfs", "fs=xfs /sbin/mkfs.xfs", NEEDS_FIO),
	 .cells = CELLS("fs=ext4", "fs=xfs"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "no-guard" },
			      { "cgloop-inject", EXPECT_FALSE, "corrupt" }),
	 .timeout_s = 120, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
