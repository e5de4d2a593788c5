// SPDX-License-Identifier: GPL-2.0
// PID 1's work on the whole machine: mounts, a shell, power.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cgroup.h"
#include "consoles.h"
#include "record.h"
#include "system.h"
#include "util.h"

static const char greeting[] =
	"\n"
	"This is chargeback's machine under test.  All its files are in RAM.\n"
	"  /init --list               list the scenarios\n"
	"  /init --run GLOB [DRIVER]  run some, and print their verdicts\n"
	"  exit                       power off\n"
	"To work by hand: cgroups are in " CGROUP_ROOT
	", and modprobe loads loop\n"
	"or cgloop.  The reproducer as a shell script, to read or to run:\n"
	"  modprobe loop; unshare -m sh /root/oom-bypass.sh\n"
	"\n";

static const struct {
	const char *type, *path, *options;
	bool optional;
} mounts[] = {
	{ "proc", "/proc", NULL, false },
	{ "sysfs", "/sys", NULL, false },
	{ "devtmpfs", "/dev", "mode=0755", false },
	{ "cgroup2", CGROUP_ROOT, NULL, false },
	{ "tmpfs", "/tmp", "mode=1777", false },
	{ "tmpfs", "/run", "mode=0755", false },
	{ "debugfs", "/sys/kernel/debug", NULL, true },
	{ "tracefs", "/sys/kernel/tracing", NULL, true },
};

void system_mount(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mounts); i++) {
		if (mkdir(mounts[i].path, 0755) < 0 && errno != EEXIST &&
		    !mounts[i].optional)
			FAIL(errno, "mkdir %s", mounts[i].path);
		if (mount(mounts[i].type, mounts[i].path, mounts[i].type, 0,
			  mounts[i].options) < 0 &&
		    !mounts[i].optional)
			FAIL(errno, "mount %s", mounts[i].path);
	}
	/* A missing controller makes scenarios that need it skip. */
	file_write(CGROUP_ROOT "/cgroup.subtree_control", "+memory");
	file_write(CGROUP_ROOT "/cgroup.subtree_control", "+io");
}

void system_fill_streams(void)
{
	int fd;

	do
		fd = CHECK(open("/dev/null", O_RDWR));
	while (fd <= STDERR_FILENO);
	CHECK(close(fd));
}

/* The terminal behind /dev/console, which has no job control itself. */
static int open_terminal(void)
{
	char path[PATH_LEN];

	text_set(path, sizeof(path), "/dev/%s", consoles_own());
	return open(path, O_RDWR);
}

/*
 * When the leader of a session exits, the kernel hangs up its terminal, and the
 * port drops what it has not sent yet.  So the shell must not be the leader.
 */
static void lead_session(void)
{
	int fd, i;

	CHECK(setsid());
	fd = open_terminal();
	if (fd >= 0 && ioctl(fd, TIOCSCTTY, 1) == 0)
		for (i = 0; i < 3; i++)
			CHECK(dup2(fd, i));
	/* Else tcdrain() would stop a process in the background. */
	signal(SIGTTOU, SIG_IGN);
}

static __noreturn void exec_shell(void)
{
	signal(SIGTTOU, SIG_DFL);
	setenv("PATH", "/bin:/sbin", 1);
	setenv("HOME", "/root", 1);
	setenv("PS1", "chargeback# ", 1);
	if (chdir("/root") < 0)
		CHECK(chdir("/"));
	CHECK(execl("/bin/sh", "sh", NULL));
	_exit(1);
}

void system_shell(void)
{
	pid_t shell, pid;

	lead_session();
	fputs(greeting, stdout);
	fflush(NULL);
	shell = CHECK(fork());
	if (!shell)
		exec_shell();
	do
		pid = wait(NULL);
	while (pid != shell && (pid > 0 || errno == EINTR));
	/* Powering off would drop what the port has not sent yet. */
	tcdrain(STDOUT_FILENO);
}

static int at_end = RB_POWER_OFF;

void system_reboot_at_end(void)
{
	at_end = RB_AUTOBOOT;
}

void system_off(void)
{
	fflush(NULL);
	record_flush();
	/* No sync(): disks are in RAM, and a throttled one would not end. */
	reboot(at_end);
	/* The machine cannot power off. */
	reboot(RB_HALT_SYSTEM);
	_exit(1);
}

void system_die(const char *why)
{
	printf("init: %s\n", why);
	/* A child of init must not power off the machine. */
	if (getpid() != 1)
		_exit(1);
	system_off();
}
