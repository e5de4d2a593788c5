// SPDX-License-Identifier: GPL-2.0
// Processes of a scenario: started in a cgroup, waited for with a bound.
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "process.h"
#include "util.h"

/* For what takes a second on an idle machine. */
#define RUN_MS 20000

bool process_wait(pid_t pid, int *status, int ms)
{
	struct pollfd end = { .events = POLLIN };
	long long left, until = now_ms() + ms;
	int n;

	end.fd = CHECK(syscall(SYS_pidfd_open, pid, 0));
	do {
		left = until - now_ms();
		n = poll(&end, 1, left > 0 ? left : 0);
	} while (n < 0 && errno == EINTR);
	close(end.fd);
	if (n <= 0)
		return false;
	CHECK(waitpid(pid, status, 0));
	return true;
}

pid_t process_start(const char *path, void (*fn)(void *arg), void *arg)
{
	pid_t pid;

	fflush(NULL);
	pid = CHECK(fork());
	if (pid)
		return pid;
	if (path)
		CHECK(cgroup_join(path));
	fn(arg);
	_exit(0);
}

int process_run(const char *path, void (*fn)(void *arg), void *arg, int ms)
{
	pid_t pid = process_start(path, fn, arg);
	int status;

	if (!process_wait(pid, &status, ms * patience))
		FAIL(0, "process did not end within %d ms", ms * patience);
	return status;
}

void process_end(pid_t pid, int ms, const char *who)
{
	int status;

	if (!process_wait(pid, &status, ms * patience))
		FAIL(0, "%s has not ended after %d ms", who, ms * patience);
	if (status)
		FAIL(0, "%s ended with wait status %#x", who, status);
}

void run_in_at(const char *path, void (*fn)(void *arg), void *arg,
	       const char *name)
{
	process_end(process_start(path, fn, arg), RUN_MS, name);
}

int step_make(void)
{
	return CHECK(eventfd(0, EFD_CLOEXEC));
}

void step_allow(int step)
{
	CHECK(eventfd_write(step, 1));
}

void step_wait(int step, int ms)
{
	struct pollfd event = { .fd = step, .events = POLLIN };
	eventfd_t count;

	if (CHECK(poll(&event, 1, ms * patience)) != 1)
		FAIL(0,
		     "the other process has not allowed this step within %d ms",
		     ms * patience);
	CHECK(eventfd_read(step, &count));
}
