/* SPDX-License-Identifier: GPL-2.0 */
/* A job whose one process goes through cgroups, one after another. */
#ifndef CB_MOVER_H
#define CB_MOVER_H

#include <sys/types.h>

/*
 * Starts, in the cgroup at path, what moves the process that will be in the
 * entry's cgroup 0: into 1 while it thinks for the first time, and so on up to
 * groups - 1.  A job that ends before is an error of mover_end()'s.
 */
pid_t mover_start(const char *path, int groups);
/* After the job's end. */
void mover_end(pid_t mover);

#endif
