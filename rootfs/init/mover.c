// SPDX-License-Identifier: GPL-2.0
/*
 * A job whose one process goes through cgroups, one after another.
 *
 * fio lets it think (thinktime=) after each turn, and it is moved meanwhile:
 * so thousands of groups cost one process and no time of the I/O's.  Where each
 * has a job of its own, fio looks at all of them all the time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process.h"
#include "scenario.h"
#include "mover.h"

#define JOB_MS 60000 /* until it is there, or thinks the next time */
#define END_MS 1000

static struct mover {
	int groups;
	int pid;
	long long seen; /* how often it had slept when it was moved */
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
 * Neither waits it for I/O, nor is this the pause in which it was moved.  A
 * process that is gone thinks no more, and the move that follows says so.
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
		FAIL(0, "no process of the job's is in group 0");
	snprintf(pid, sizeof(pid), "%d", mover.pid);
	for (turn = 1; turn < mover.groups; turn++) {
		if (!wait_until(thinks, NULL, JOB_MS))
			FAIL(0, "turn %d of %d does not end", turn,
			     mover.groups);
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
		FAIL(0, "what moves the job ended with status %d", status);
}
