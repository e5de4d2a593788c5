/* SPDX-License-Identifier: GPL-2.0 */
/* Holding a group's I/O on a disk, until it is let go. */
#ifndef CB_THROTTLE_H
#define CB_THROTTLE_H

/*
 * From here on each of the group's requests to the disk waits for half an
 * hour.  Ends by itself when the scenario concludes, or is over time.
 */
void throttle_disk(const char *group, const char *disk);
void throttle_lift(const char *group, const char *disk);

#endif
