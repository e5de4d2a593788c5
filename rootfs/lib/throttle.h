/* SPDX-License-Identifier: GPL-2.0 */
/* Blocking a group's I/O on a disk by io.max. */
#ifndef CB_THROTTLE_H
#define CB_THROTTLE_H

/*
 * From here on each of the group's requests to the disk waits for half an hour.
 * The limit is lifted when the scenario concludes, or at its deadline.
 */
void throttle_disk(const char *group, const char *disk);
void throttle_lift(const char *group, const char *disk);

#endif
