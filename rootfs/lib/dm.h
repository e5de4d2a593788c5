/* SPDX-License-Identifier: GPL-2.0 */
/* Mapped disks.  Needs "load:dm_mod". */
#ifndef CB_DM_H
#define CB_DM_H

/* All of a mapped disk: a part of the disk below, or errors. */
struct dm_piece {
	const char *below; /* NULL: every request fails */
	long long bytes, from; /* where the part begins */
	const char *log; /* a disk that logs all writes, or NULL; from is 0 */
};

/*
 * Maps the RAM disk, and puts the new disk's path into node.  Use it for I/O
 * limits: before 6.3 the RAM disk reads and writes single pages of its cache
 * without a bio, which no limit sees.
 */
void dm_make_disk(char *node);
void dm_remove_disk(void);

/* Makes a disk of one piece; node gets its path, PATH_LEN bytes. */
void dm_make(const char *name, const struct dm_piece *piece, char *node);
/* Replaces the piece. */
void dm_change(const char *name, const struct dm_piece *piece);
/* Sends a message to the disk's target, as the target defines it. */
void dm_message(const char *name, const char *text);
/* Removes the disk; where there is none, nothing happens. */
void dm_remove(const char *name);

#endif
