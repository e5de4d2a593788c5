/* SPDX-License-Identifier: GPL-2.0 */
/* A writer that outgrows its group's memory limit, and how it ends. */
#ifndef CB_WRITER_H
#define CB_WRITER_H

#include <sys/types.h>

/* How a shell says that SIGKILL ended a process. */
#define WRITER_KILLED 137

struct writer {
	const char *group; /* whose limit it is */
	const char *path;
	int flags; /* of open() */
	long long total; /* bytes to write, 1 MiB each time */
	/* The count of kills at which the limit is lifted; 0: never. */
	long long last_kill;
	int status; /* how it ended, as a shell says it */
	long long bytes; /* how much it had written */
};

/* The group's OOM kills so far. */
long long writer_kills(const char *group);
/* Runs it to its end, in the group. */
void writer_run(struct writer *w);
/*
 * Waits for a process that is a writer, or starts some, in the group; returns
 * its status.  last_kill is a writer's.
 */
int writer_wait(pid_t pid, const char *group, long long last_kill);

#endif
