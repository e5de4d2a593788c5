// SPDX-License-Identifier: GPL-2.0
// A writer that exceeds its group's memory limit, and how it ends.
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "progress.h"
#include "scenario.h"
#include "writer.h"

/* For a writer that gets on. */
#define WRITER_MS 60000

struct job {
	const struct writer *writer;
	long long *written; /* shared with who started the writer */
};

struct wait {
	pid_t pid;
	const char *group;
	long long last_kill;
	int status;
};

long long writer_kills(const char *group)
{
	return cgroup_key(group, "memory.events", "oom_kill");
}

static void write_total(void *arg)
{
	struct job *job = arg;
	const struct writer *w = job->writer;
	int fd = CHECK(open(w->path, w->flags, 0600));
	char *buf;
	ssize_t n;

	buf = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buf == MAP_FAILED)
		FAIL(errno, "a buffer of 1 MiB");
	while (*job->written < w->total) {
		n = CHECK(write(fd, buf, MIB));
		if (!n)
			FAIL(0, "write to %s: no progress", w->path);
		*job->written += n;
	}
}

/*
 * Lifts the limit after the last kill.  A killed writer exits only when its I/O
 * has ended, and the driver goes on charging for that I/O in vain until the OOM
 * reaper comes, two seconds later.  Without the limit it ends at once.
 */
static bool is_over(void *arg, long long *at)
{
	struct wait *w = arg;

	*at = cgroup_memory(w->group);
	if (w->last_kill && writer_kills(w->group) == w->last_kill)
		cgroup_write(w->group, "memory.max", "max");
	return CHECK(waitpid(w->pid, &w->status, WNOHANG)) == w->pid;
}

int writer_wait(pid_t pid, const char *group, long long last_kill)
{
	struct wait w = { .pid = pid, .group = group, .last_kill = last_kill };

	if (!progress_wait(is_over, &w, PROGRESS_HANGS, WRITER_MS, "a writer"))
		FAIL(0, "a writer hangs: its group's memory stays as it is");
	return w.status;
}

void writer_run(struct writer *w)
{
	struct job job = { .writer = w };
	int status;

	job.written = shared_memory(sizeof(*job.written));
	status = writer_wait(process_start(w->group, write_total, &job),
			     w->group, w->last_kill);
	w->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
					  WEXITSTATUS(status);
	w->bytes = *job.written;
	munmap(job.written, sizeof(*job.written));
}
