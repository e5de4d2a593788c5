/* SPDX-License-Identifier: GPL-2.0 */
/* Drivers of real hardware, where the boot loader has passed them. */
#ifndef CB_HARDWARE_H
#define CB_HARDWARE_H

#include <stdbool.h>

enum hardware {
	HARDWARE_DISKS, /* USB, SATA, NVMe, and FAT on them */
	HARDWARE_RAID, /* adapters, with RAID=1 alone; loaded with DISKS */
	HARDWARE_WATCHDOGS,
	HARDWARE_PSTORE,
	HARDWARE_KEYBOARDS,
};

/* Loads those that there are, and nothing where all of them are missing. */
void hardware_load(enum hardware kind);
/* One name per line: those of RAID adapters with @raid, else all others. */
void hardware_print(bool raid);

#endif
