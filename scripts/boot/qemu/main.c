// SPDX-License-Identifier: GPL-2.0
/* supervise: boots an image once and writes down how that ended. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervise.h"

/* The lock keeps a second run from writing to the same files. */
static int open_folder(const char *path)
{
	int dir, error;

	if (mkdir(path, 0777) && errno != EEXIST)
		die("--out %s: %s", path, strerror(errno));
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		die("--out %s: %s", path, strerror(errno));
	if (flock(dir, LOCK_EX | LOCK_NB))
		die("--out %s: another run writes there", path);
	error = outcome_forget(dir);
	if (error)
		die("--out %s: %s", path, strerror(error));
	return dir;
}

/* A closed standard stream must not become one of QEMU's channels. */
static void fill_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* QEMU must end also when the process that started us gets SIGKILL. */
static void end_with_parent(void)
{
	pid_t parent = getppid();

	if (prctl(PR_SET_PDEATHSIG, SIGTERM))
		die("prctl: %s", strerror(errno));
	if (getppid() != parent)
		raise(SIGTERM);
}

int main(int argc, char **argv)
{
	struct options opt;
	struct outcome outcome;
	int dir;

	fill_streams();
	end_with_parent();
	options_parse(&opt, argc, argv);
	dir = open_folder(opt.out);
	watch(&outcome, &opt, dir);
	if (!outcome_write(&outcome, &opt))
		return STATUS_USAGE;
	if (outcome.signal)
		return 128 + outcome.signal;
	/* The guest never ran an instruction, so the host is at fault. */
	if (!outcome.started && outcome.end == END_VMM_DIED)
		die("%s", outcome.detail);
	return 0;
}
