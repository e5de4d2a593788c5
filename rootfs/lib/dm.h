/* SPDX-License-Identifier: GPL-2.0 */
/* Mapped disks.  Needs "load:dm_mod". */
#ifndef CB_DM_H
#define CB_DM_H

/* One piece of a disk: bytes of the disk below, from `from` on; or errors. */
struct dm_piece {
	const char *below; /* NULL: every request fails */
	long long bytes, from;
};

/* Makes a disk of one piece; node gets its path, PATH_LEN bytes. */
void dm_make(const char *name, const struct dm_piece *piece, char *node);
/* Puts another piece in the place of the one before. */
void dm_change(const char *name, const struct dm_piece *piece);
/* Removes the disk; where there is none, nothing happens. */
void dm_remove(const char *name);

#endif
