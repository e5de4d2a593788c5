/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one disk of a real machine that matrices may write to: the operator has
 * named it by its serial number.  Only its first bytes are used.
 */
#ifndef CB_OWN_DISK_H
#define CB_OWN_DISK_H

#include <stdbool.h>

/*
 * Takes the disk with this serial number.  Else own_disk() fails its caller
 * with the reason: there is none or more than one, it has partitions, it is too
 * small, or its first MiB is not all zeroes, so that it may hold somebody's
 * data.
 */
void own_disk_take(const char *serial);
/*
 * The disk's node; NULL if none was named.  One that was named and cannot be
 * used ends the calling process by FAIL().
 */
const char *own_disk(void);
/* Writes zeroes over what would keep the next run from taking it. */
void own_disk_release(void);

#endif
