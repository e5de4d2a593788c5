// SPDX-License-Identifier: GPL-2.0
/*
 * reaper [--with PID] COMMAND [ARG...]
 *
 * Runs COMMAND and returns its status, or 128 and the number of the signal
 * that ended it.  Everything that COMMAND has started ends with it, whatever
 * process group or session that is in: a subreaper adopts what its descendants
 * leave behind.
 *
 * All of it also ends when this process gets SIGINT, SIGTERM, SIGQUIT or
 * SIGHUP, and when its parent or the process PID ends, by whatever signal.
 * The descendants get SIGTERM, and SIGKILL ten seconds later.  Returns when
 * none is left: 2 if it cannot work, 127 if COMMAND cannot be run.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tree.h"

#define GRACE_MS 10000
/* A process that is being killed may still have forked. */
#define KILL_AGAIN_MS 100

static pid_t command;
static int status = -1; /* of COMMAND, as wait() has it; -1: it runs */

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "reaper: %s: %s\n", what, why);
	exit(2);
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static int open_signals(sigset_t *old)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP,
				      SIGCHLD };
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		sigaddset(&set, wanted[i]);
	/* Ignored, it would be no event and leave no zombie. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, old);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die("signalfd", strerror(errno));
	return fd;
}

/* -1 where the kernel has no such descriptors: then nothing is watched. */
static int open_process(const char *word)
{
	char *end;
	long pid = strtol(word, &end, 10);
	int fd;

	if (pid <= 0 || *end)
		die(word, "no process id");
	fd = syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (fd < 0 && errno == ESRCH)
		exit(128 + SIGTERM);
	return fd;
}

/* The parent may have ended before prctl() could ask for the signal. */
static void follow_parent(pid_t parent, int sig)
{
	if (prctl(PR_SET_PDEATHSIG, sig))
		die("prctl", strerror(errno));
	if (getppid() != parent)
		raise(sig);
}

static void start(char **argv, const sigset_t *mask)
{
	pid_t self = getpid();

	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die("prctl", strerror(errno));
	command = fork();
	if (command < 0)
		die("fork", strerror(errno));
	if (command)
		return;
	follow_parent(self, SIGTERM);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(*argv, argv);
	fprintf(stderr, "reaper: %s: %s\n", *argv, strerror(errno));
	_exit(127);
}

/* Reaps what has ended; returns 0 when there is no child any more. */
static int reap(void)
{
	int how;
	pid_t pid;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
		if (pid == command)
			status = how;
	return pid == 0;
}

/* Waits for a signal or for the end of a process; returns the signal or 0. */
static int wait_event(int signals, int with, int ms)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = with, .events = POLLIN },
	};
	struct signalfd_siginfo info;

	if (poll(fds, 2, ms) <= 0)
		return 0;
	while (read(signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			return info.ssi_signo;
	return fds[1].revents ? SIGTERM : 0;
}

static void end_all(int signals)
{
	long long end = now_ms() + GRACE_MS, left;

	tree_terminate();
	while (reap()) {
		left = end - now_ms();
		if (left <= 0) {
			tree_kill();
			left = KILL_AGAIN_MS;
		}
		wait_event(signals, -1, left);
	}
}

int main(int argc, char **argv)
{
	pid_t parent = getppid();
	int with = -1, sig = 0, signals;
	sigset_t mask;

	signals = open_signals(&mask);
	follow_parent(parent, SIGTERM);
	argv++;
	if (argc > 2 && !strcmp(*argv, "--with")) {
		with = open_process(argv[1]);
		argv += 2;
	}
	if (!*argv)
		die("usage", "reaper [--with PID] COMMAND [ARG...]");
	start(argv, &mask);
	while (!sig && reap() && status < 0)
		sig = wait_event(signals, with, -1);
	end_all(signals);
	if (sig)
		return 128 + sig;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}
