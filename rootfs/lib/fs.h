/* SPDX-License-Identifier: GPL-2.0 */
/* File systems on disks.  Each kind has needs of its own. */
#ifndef CB_FS_H
#define CB_FS_H

#define NEEDS_XFS "load:xfs", "/sbin/mkfs.xfs"
#define NEEDS_EXT4 "load:ext4", "/sbin/mke2fs"

/* Mounts a tmpfs at a folder that it makes; bytes 0: half of the RAM. */
void fs_mount_tmpfs(const char *folder, long long bytes);
/*
 * Unmounts what is mounted at the folder, at its last user's close at the
 * latest, and removes the folder; where there is none, nothing happens.
 */
void fs_unmount(const char *folder);
/* Makes an ext4 with a journal on a disk or in a file. */
void fs_make_ext4_journal(const char *disk, long long bytes);
/* Makes an ext4 on the disk, and mounts it at a folder that it makes. */
void fs_mount_ext4(const char *disk, long long bytes, const char *folder);
/* The same with a journal of 4 MiB; then fsync takes no inode lock. */
void fs_mount_ext4_journal(const char *disk, long long bytes,
			   const char *folder);
/* The same with XFS, of at least 32 MiB; its log takes about 4 MiB. */
void fs_mount_xfs(const char *disk, long long bytes, const char *folder);
/* Drops the clean pages of a file or disk from the page cache. */
void fs_drop_cache(const char *path);
/* Makes a file of this size, all of it a hole. */
void fs_make_file(const char *path, long long bytes);
/* Writes zeroes to all of a file, whole MiB, and has it on disk. */
void fs_fill(const char *path, long long bytes);
/* The place on the disk of a place in an open file; a hole is an error. */
long long fs_bmap(int fd, long long at);

#endif
