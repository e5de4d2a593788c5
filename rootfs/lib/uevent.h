/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's events of block devices. */
#ifndef CB_UEVENT_H
#define CB_UEVENT_H

#include <stdbool.h>

struct uevent {
	char action[16]; /* add, remove, change */
	char name[64]; /* of the device's node */
	bool media_change;
	long long diskseq; /* -1: not told */
};

/* A descriptor that receives every event from now on. */
int uevent_open(void);
/* The next event of a device; false if none waits. */
bool uevent_next(int fd, struct uevent *event);

#endif
