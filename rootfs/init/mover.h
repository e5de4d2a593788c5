/* SPDX-License-Identifier: GPL-2.0 */
/* Moves the one process of a fio job through cgroups, one after another. */
#ifndef CB_MOVER_H
#define CB_MOVER_H

#include <sys/types.h>

/*
 * Starts the mover in the cgroup at path.  It waits for a process in the
 * entry's cgroup 0, and moves it to 1 when it thinks for the first time, and so
 * on up to groups - 1.  mover_end() reports a job that ends before as an error.
 */
pid_t mover_start(const char *path, int groups);
/* Call it after the job's end. */
void mover_end(pid_t mover);

#endif
