/* SPDX-License-Identifier: GPL-2.0 */
/* A writer that exceeds its group's memory limit, and how it ends. */
#ifndef CB_WRITER_H
#define CB_WRITER_H

#include <sys/types.h>

/* A shell's status for a process that SIGKILL ended. */
#define WRITER_KILLED 137

struct writer {
	const char *group; /* with the limit */
	const char *path;
	int flags; /* of open() */
	long long total; /* bytes to write, 1 MiB each time */
	/* The limit is lifted at this count of the group's kills; 0: never. */
	long long last_kill;
	int status; /* as in a shell */
	long long bytes; /* written in all */
};

/* The group's OOM kills so far. */
long long writer_kills(const char *group);
/* Runs it to its end, in the group. */
void writer_run(struct writer *w);
/*
 * Waits for a process that is a writer in the group, or has children that are.
 * Returns its wait status.  last_kill: see struct writer.
 */
int writer_wait(pid_t pid, const char *group, long long last_kill);

#endif
