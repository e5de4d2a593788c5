/* SPDX-License-Identifier: GPL-2.0 */
/* Mapped disks.  Needs "load:dm_mod". */
#ifndef CB_DM_H
#define CB_DM_H

/* One piece of a disk: bytes of the disk below, from `from` on; or errors. */
struct dm_piece {
	const char *below; /* NULL: every request fails */
	long long bytes, from;
	const char *log; /* the disk for a log of what is written; from is 0 */
};

/*
 * The RAM disk, by way of a mapped one: before 6.3 the RAM disk takes single
 * pages of its cache aside, past any limit on I/O.  node gets the path.
 */
void dm_make_disk(char *node);
void dm_remove_disk(void);

/* Makes a disk of one piece; node gets its path, PATH_LEN bytes. */
void dm_make(const char *name, const struct dm_piece *piece, char *node);
/* Puts another piece in the place of the one before. */
void dm_change(const char *name, const struct dm_piece *piece);
/* Tells the disk's piece something, in words of its own. */
void dm_message(const char *name, const char *text);
/* Removes the disk; where there is none, nothing happens. */
void dm_remove(const char *name);

#endif
