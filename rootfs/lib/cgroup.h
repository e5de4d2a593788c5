/* SPDX-License-Identifier: GPL-2.0 */
/* Control groups of the unified hierarchy; path is below its root. */
#ifndef CB_CGROUP_H
#define CB_CGROUP_H

#include <stdbool.h>
#include <sys/types.h>

#define CGROUP_ROOT "/sys/fs/cgroup"

/* Makes a group, and enables controllers for its children; "" for none. */
int cgroup_make(const char *path, const char *controllers);
int cgroup_write(const char *path, const char *file, const char *text);
/* A number by its key in one of the group's files; -1 if it is not there. */
long long cgroup_key(const char *path, const char *file, const char *key);
/* The bytes charged to the group, memory.current; -1: no such group. */
long long cgroup_memory(const char *path);
/* A counter of the group's io.stat for a disk, by its path; 0: no I/O yet. */
long long cgroup_io(const char *path, const char *disk, const char *key);
bool cgroup_has(const char *controller);
/* Enables memory and io for its children, as far as the kernel has them. */
void cgroup_hand_down(const char *path);
/* Sets memory.max, and forbids the group to swap where the kernel can. */
void cgroup_limit_memory(const char *path, const char *limit);
/* Moves the calling process into the group. */
int cgroup_join(const char *path);
/* The number by which events and counters of the kernel know the group. */
long long cgroup_inode(const char *path);
/* The number of processes in the group and all below it. */
int cgroup_count(const char *path);
/* Kills them all and waits for their end; false if some are left after ms. */
bool cgroup_kill(const char *path, int ms);
/* Removes the groups below path, but not path itself. */
int cgroup_empty(const char *path);
int cgroup_remove(const char *path);

#endif
