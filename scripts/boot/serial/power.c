// SPDX-License-Identifier: GPL-2.0
/* The power switch: a shell command of the user's. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attend.h"

#define COMMAND_MS 120000
#define LOG "power.log"

static void become(const struct power *p, int log)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	setenv("CB_WORDS", p->words, 1);
	if (setpgid(0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) || null < 0 ||
	    dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL))
		_exit(126);
	execl("/bin/sh", "sh", "-c", p->command, NULL);
	_exit(127);
}

void power_start(struct power *p, const char *command, int64_t now)
{
	int log;

	if (!command)
		return;
	log = openat(p->dir, LOG, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
		     0666);
	if (log < 0)
		die("%s: %s", LOG, strerror(errno));
	p->command = command;
	p->due_ms = now + COMMAND_MS;
	p->pid = fork();
	if (p->pid < 0)
		die("fork: %s", strerror(errno));
	if (!p->pid)
		become(p, log);
	close(log);
}

/* The last line that a command has printed, in buf; "" if it has not. */
static const char *last_line(const struct power *p, char *buf, size_t size)
{
	int fd = openat(p->dir, LOG, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	off_t from = end > (off_t)size - 1 ? end - (off_t)size + 1 : 0;
	ssize_t n = fd < 0 ? 0 : pread(fd, buf, (size_t)(end - from), from);
	char *line;

	if (fd >= 0)
		close(fd);
	while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == '\r'))
		n--;
	buf[n > 0 ? n : 0] = 0;
	line = strrchr(buf, '\n');
	line = line ? line + 1 : buf;
	line[make_harmless(line, strlen(line))] = 0;
	return line;
}

static void failed(struct power *p, const char *how, int number)
{
	char text[200];
	const char *said = last_line(p, text, sizeof(text));

	die("POWER: '%s' %s %d%s%s", p->command, how, number, *said ? ": " : "",
	    said);
}

bool power_done(struct power *p, int64_t now)
{
	int status;
	pid_t pid;

	if (!p->pid)
		return true;
	pid = waitpid(p->pid, &status, WNOHANG);
	if (pid != p->pid) {
		if (now < p->due_ms)
			return false;
		power_end(p);
		failed(p, "still ran after seconds:", COMMAND_MS / 1000);
	}
	p->pid = 0;
	if (WIFSIGNALED(status))
		failed(p, "was ended by signal", WTERMSIG(status));
	if (WEXITSTATUS(status))
		failed(p, "ended with status", WEXITSTATUS(status));
	p->command = NULL;
	return true;
}

void power_end(struct power *p)
{
	if (!p->pid)
		return;
	kill(-p->pid, SIGKILL);
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	p->pid = 0;
}
