// SPDX-License-Identifier: GPL-2.0
// A backing file on a file system of its own.
#include "backing.h"
#include "io.h"
#include "scenario.h"

/* For what ext4 keeps beside the file: inodes, bitmaps, blocks of pointers. */
#define EXT4_ROOM (8 * MIB)

void backing_make(struct backing *b, enum backing_fs fs, long long bytes)
{
	in_folder(b->mnt, "mnt");
	in_folder(b->file, "mnt/backing");
	if (fs == BACKING_EXT4)
		fs_mount_ext4(RAM_DISK, bytes + EXT4_ROOM, b->mnt);
	else
		fs_mount_tmpfs(b->mnt, 0);
	fs_make_file(b->file, bytes);
}

void backing_remove(struct backing *b)
{
	fs_unmount(b->mnt);
}
