// SPDX-License-Identifier: GPL-2.0
/*
 * Moves the one process of a fio job through cgroups, one after another.
 *
 * After each turn fio lets the process think (thinktime=), and it is moved
 * then.  So a thousand groups need one process, and moving takes no time of the
 * I/O.  With one job per group, fio would poll all of them all the time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process.h"
#include "scenario.h"
#include "mover.h"

/* For the job to start, and for each turn. */
#define JOB_MS 60000
#define END_MS 1000

static struct mover {
	int groups;
	int pid;
	long long seen; /* how often it had slept when it was last moved */
} mover;

static void numbered_group(char *path, int number)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", number);
	in_group(path, name);
}

static bool is_there(void *unused)
{
	char group[PATH_LEN], path[PATH_LEN], text[64];

	(void)unused;
	numbered_group(group, 0);
	text_set(path, sizeof(path), CGROUP_ROOT "/%s/cgroup.procs", group);
	CHECK(file_read(path, text, sizeof(text)));
	mover.pid = atoi(text);
	return mover.pid;
}

static long long times_slept(void)
{
	char path[PATH_LEN];

	text_set(path, sizeof(path), "/proc/%d/status", mover.pid);
	return file_key(path, "voluntary_ctxt_switches:");
}

/*
 * Does the process sleep for its thinktime, and not in the pause in which it
 * was moved?  Also true if it is gone: then the move fails and reports that.
 */
static bool thinks(void *unused)
{
	char path[PATH_LEN], text[160];
	int call;

	(void)unused;
	text_set(path, sizeof(path), "/proc/%d/syscall", mover.pid);
	if (file_read(path, text, sizeof(text)) <= 0)
		return true;
	if (sscanf(text, "%d", &call) != 1 ||
	    (call != SYS_nanosleep && call != SYS_clock_nanosleep))
		return false;
	return times_slept() != mover.seen;
}

static void move_on(void *unused)
{
	char group[PATH_LEN], pid[16];
	int turn;

	(void)unused;
	if (!wait_until(is_there, NULL, JOB_MS))
		FAIL(0, "the job has put no process into cgroup 0 after %d ms",
		     JOB_MS);
	snprintf(pid, sizeof(pid), "%d", mover.pid);
	for (turn = 1; turn < mover.groups; turn++) {
		if (!wait_until(thinks, NULL, JOB_MS))
			FAIL(0, "turn %d of %d has not ended after %d ms", turn,
			     mover.groups, JOB_MS);
		numbered_group(group, turn);
		if (cgroup_write(group, "cgroup.procs", pid) < 0)
			FAIL(0, "the job ended in turn %d of %d", turn,
			     mover.groups);
		mover.seen = times_slept();
	}
}

pid_t mover_start(const char *path, int groups)
{
	mover = (struct mover){ .groups = groups };
	return process_start(path, move_on, NULL);
}

void mover_end(pid_t pid)
{
	int status;

	if (!process_wait(pid, &status, END_MS))
		FAIL(0, "the job ended before its last turn");
	if (status)
		FAIL(0, "the mover ended with wait status %#x", status);
}
