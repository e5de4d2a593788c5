// SPDX-License-Identifier: GPL-2.0
// File systems on disks.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/fs.h>

#include "fs.h"
#include "scenario.h"

#define MAKE_MS 20000
#define BLOCK 4096
#define MIB (1024LL * 1024)
#define JOURNAL "has_journal,^resize_inode"

struct make {
	const char *disk, *features;
	char size[32];
};

static void exec_mke2fs(void *arg)
{
	struct make *m = arg;

	CHECK(execl("/sbin/mke2fs", "mke2fs", "-q", "-F", "-t", "ext4", "-b",
		    "4096", "-N", "1040", "-J", "size=4", "-O", m->features,
		    "-E", "lazy_itable_init=0,nodiscard", m->disk, m->size,
		    NULL));
}

static void make(const char *disk, long long bytes, const char *features)
{
	char main_group[PATH_LEN];
	struct make m = { .disk = disk, .features = features };

	in_group(main_group, "main");
	text_set(m.size, sizeof(m.size), "%lldk", bytes / 1024);
	if (process_run(main_group, exec_mke2fs, &m, MAKE_MS))
		FAIL(0, "mke2fs failed");
}

static void make_and_mount(const char *disk, long long bytes,
			   const char *folder, const char *features)
{
	make(disk, bytes, features);
	CHECK(mkdir(folder, 0700));
	CHECK(mount(disk, folder, "ext4", 0, NULL));
}

void fs_make_ext4_journal(const char *disk, long long bytes)
{
	make(disk, bytes, JOURNAL);
}

void fs_mount_ext4(const char *disk, long long bytes, const char *folder)
{
	make_and_mount(disk, bytes, folder, "^has_journal,^resize_inode");
}

void fs_mount_ext4_journal(const char *disk, long long bytes,
			   const char *folder)
{
	make_and_mount(disk, bytes, folder, JOURNAL);
}

void fs_make_file(const char *path, long long bytes)
{
	CHECK(close(CHECK(open(path, O_WRONLY | O_CREAT, 0600))));
	CHECK(truncate(path, bytes));
}

void fs_fill_file(const char *path, int mib)
{
	int i, fd = CHECK(open(path, O_WRONLY));
	char *zeroes = zalloc(MIB);

	for (i = 0; i < mib; i++)
		if (CHECK(pwrite(fd, zeroes, MIB, i * MIB)) != MIB)
			FAIL(0, "a short write to %s", path);
	CHECK(fsync(fd));
	CHECK(close(fd));
	free(zeroes);
}

/* Smaller than XFS has to be for real use, and so it asks to be told. */
static void exec_mkfs_xfs(void *arg)
{
	struct make *m = arg;
	char data[sizeof(m->size) + 16];

	text_set(data, sizeof(data), "size=%s", m->size);
	CHECK(execl("/sbin/mkfs.xfs", "mkfs.xfs", "-q", "-f", "-K",
		    "--unsupported", "-d", data, m->disk, NULL));
}

void fs_mount_xfs(const char *disk, long long bytes, const char *folder)
{
	char main_group[PATH_LEN];
	struct make m = { .disk = disk };

	in_group(main_group, "main");
	text_set(m.size, sizeof(m.size), "%lld", bytes);
	if (process_run(main_group, exec_mkfs_xfs, &m, MAKE_MS))
		FAIL(0, "mkfs.xfs failed");
	CHECK(mkdir(folder, 0700));
	CHECK(mount(disk, folder, "xfs", 0, NULL));
}

long long fs_bmap(int fd, long long at)
{
	int block = at / BLOCK;

	CHECK(ioctl(fd, FIBMAP, &block));
	if (!block)
		FAIL(0, "a hole at %lld", at);
	return block * (long long)BLOCK + at % BLOCK;
}

/* Where pages stay at first, the call also empties the CPUs' lists of them. */
void fs_drop_cache(const char *path)
{
	int err, fd = CHECK(open(path, O_RDONLY));

	err = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (err)
		FAIL(err, "posix_fadvise of %s", path);
	CHECK(close(fd));
}
