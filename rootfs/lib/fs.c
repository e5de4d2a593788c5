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
	struct make m = { .disk = disk, .features = features };

	text_set(m.size, sizeof(m.size), "%lldk", bytes / KIB);
	run_in(NULL, exec_mke2fs, &m);
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

void fs_mount_tmpfs(const char *folder, long long bytes)
{
	char size[32] = "";

	if (bytes)
		text_set(size, sizeof(size), "size=%lld", bytes);
	CHECK(mkdir(folder, 0700));
	CHECK(mount("tmpfs", folder, "tmpfs", 0, size));
}

void fs_unmount(const char *folder)
{
	umount2(folder, MNT_DETACH);
	rmdir(folder);
}

void fs_make_file(const char *path, long long bytes)
{
	CHECK(close(CHECK(open(path, O_WRONLY | O_CREAT, 0600))));
	CHECK(truncate(path, bytes));
}

void fs_fill(const char *path, long long bytes)
{
	int fd = CHECK(open(path, O_WRONLY));

	if (bytes % MIB)
		FAIL(0, "fill %s: %lld bytes are not whole MiB", path, bytes);
	io_range(fd, true, MIB, 0, bytes);
	CHECK(fsync(fd));
	CHECK(close(fd));
}

/* mkfs.xfs makes file systems below 300 MiB only with --unsupported. */
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
	struct make m = { .disk = disk };

	text_set(m.size, sizeof(m.size), "%lld", bytes);
	run_in(NULL, exec_mkfs_xfs, &m);
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

/* If pages stay at first, the kernel drains the CPUs' lists and retries. */
void fs_drop_cache(const char *path)
{
	int err, fd = CHECK(open(path, O_RDONLY));

	err = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (err)
		FAIL(err, "posix_fadvise of %s", path);
	CHECK(close(fd));
}
