// SPDX-License-Identifier: GPL-2.0
/* Times, signals, and the folder of a boot. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "host.h"

#define MAX_BOUND_MS (7 * 24 * 3600 * 1000LL)

int64_t parse_time(const char *name, const char *text)
{
	int64_t unit = 1000;
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (!strcmp(end, "ms"))
		unit = 1;
	else if (*end)
		end = (char *)text;
	if (end == text || errno || value < 0 || value > MAX_BOUND_MS / unit)
		die("%s %s: seconds, or milliseconds with \"ms\", are allowed, up to a week",
		    name, text);
	return value * unit;
}

void fill_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

void end_with_parent(void)
{
	pid_t parent = getppid();

	if (prctl(PR_SET_PDEATHSIG, SIGTERM))
		die("prctl: %s", strerror(errno));
	if (getppid() != parent)
		raise(SIGTERM);
}

static bool is_ignored(int sig)
{
	struct sigaction old;

	return !sigaction(sig, NULL, &old) && old.sa_handler == SIG_IGN;
}

/*
 * SIGINT ends a run even if a shell started it in the background with SIGINT
 * ignored. SIGHUP is ignored under nohup. SIGTSTP stops a run, which can be
 * continued.
 */
int open_signals(void)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGQUIT, SIGCHLD };
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		sigaddset(&set, wanted[i]);
	if (!is_ignored(SIGHUP))
		sigaddset(&set, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die("signalfd: %s", strerror(errno));
	return fd;
}

int open_timer(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		die("timerfd: %s", strerror(errno));
	return fd;
}

void arm_timer(int timer, int64_t due)
{
	struct itimerspec its = {
		.it_value = { .tv_sec = due / 1000,
			      .tv_nsec = due % 1000 * 1000000 },
	};

	timerfd_settime(timer, TFD_TIMER_ABSTIME, &its, NULL);
}

/* So that no file of an older boot is ever read as one of this boot. */
static int forget(int dir)
{
	static const char *const names[] = { BOOT_INFO, "." BOOT_INFO ".tmp",
					     "qemu.log", "power.log" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (unlinkat(dir, names[i], 0) && errno != ENOENT)
			return errno;
	return 0;
}

int open_folder(const char *path)
{
	int dir, error;

	if (mkdir(path, 0777) && errno != EEXIST)
		die("--out %s: %s", path, strerror(errno));
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		die("--out %s: %s", path, strerror(errno));
	if (flock(dir, LOCK_EX | LOCK_NB))
		die("--out %s: another run writes there", path);
	error = forget(dir);
	if (error)
		die("--out %s: %s", path, strerror(error));
	return dir;
}

bool write_outcome(const struct boot_info *info, const char *out)
{
	struct error err;

	if (!boot_info_write(info, out, &err))
		return true;
	complain("%s", err.text);
	return false;
}
