/* SPDX-License-Identifier: GPL-2.0 */
/* Block devices, as the kernel names and counts them. */
#ifndef CB_DISK_H
#define CB_DISK_H

/* The name of the device at /dev/NAME. */
const char *disk_name(const char *node);
/* "MAJOR:MINOR", as cgroup files and events name it; PATH_LEN bytes. */
void disk_number(char *buf, const char *node);
/* The path of one of its files in /sys/block; PATH_LEN bytes. */
void disk_file(char *buf, const char *node, const char *file);

#endif
