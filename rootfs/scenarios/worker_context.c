// SPDX-License-Identifier: GPL-2.0
// worker-context: what may a worker of a loop device wait for?
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"
#include "overtake.h"
#include "progress.h"
#include "scenario.h"
#include "trace.h"

/* From include/linux/sched.h; the same on all kernels since 5.8. */
#define PF_MEMALLOC_NOIO 0x00080000
#define PF_LOCAL_THROTTLE 0x00100000

#define CHUNK (64 * KIB)
/* More than the reader's limit: the cache of the disk is charged to it. */
#define READ (32 * MIB)
#define READ_AT (128 * MIB)
#define LIMIT "8M"
#define WRITE (16 * MIB)
#define WRITE_AT (256 * MIB)
#define DIRTY MIB
#define DIRTY_AT (200 * MIB)
#define START_MS 10000
#define WATCH_MS 60000
#define FROZEN_MS 3000
#define FROZEN_MOST_S 10000
#define VM "/proc/sys/vm/"

static void look_at_workers(void);

static struct overtake test = {
	.a_requests = 1,
	.b_requests = 10,
	.before_release = look_at_workers,
};

static char reader[PATH_LEN], writer[PATH_LEN];

/* Workers of the device that wait for its backing; those with each flag. */
static int workers, noio, throttle;

/*
 * The age at which the flusher writes pages, and the period of its runs: what
 * is dirty when the freezing begins is written 1.5 to 2.5 s later.
 */
static const char *const flusher[] = { VM "dirty_expire_centisecs",
				       VM "dirty_writeback_centisecs" };
static const char *const hurry[] = { "150", "100" };
static char flusher_was[ARRAY_SIZE(flusher)][32];

/* Of the writer, shared with it. */
struct rounds {
	int done;
	int stop;
};

static struct rounds *rounds;

/* Counts of the kernel's events about the workers. */
struct seen {
	int serving[64]; /* the tasks that run the device's work just now */
	int count;
	bool frozen;
	int reclaims, reclaims_io;
	int freezes, work_frozen;
};

static void setup(void)
{
	make_group(reader, "reader", "");
	make_group(writer, "writer", "");
	rounds = shared_memory(sizeof(*rounds));
	overtake_setup(&test);
}

/*
 * /proc/PID/stat names a worker after the queue that it works for, and drivers
 * name the queue after the device: "kworker/u8:1+loop0".  Then come the state,
 * six numbers, and the flags.
 */
static void look_at(const char *pid)
{
	char path[PATH_LEN], text[512], end[PATH_LEN], state, *at;
	unsigned int flags;

	text_set(path, sizeof(path), "/proc/%s/stat", pid);
	text_set(end, sizeof(end), "+%s)", disk_name(test.target.path));
	if (file_read(path, text, sizeof(text)) < 0)
		return;
	at = strstr(text, end);
	if (!at)
		return;
	if (sscanf(at + strlen(end), " %c %*d %*d %*d %*d %*d %u", &state,
		   &flags) != 2)
		FAIL(0, "%s says: %s", path, text);
	if (state != 'D')
		return;
	workers++;
	noio += !!(flags & PF_MEMALLOC_NOIO);
	throttle += !!(flags & PF_LOCAL_THROTTLE);
}

/* B is done, and the worker of A's request waits for the disk. */
static void look_at_workers(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;

	if (!dir)
		FAIL(0, "no /proc");
	while ((d = readdir(dir)))
		if (isdigit((unsigned char)d->d_name[0]))
			look_at(d->d_name);
	closedir(dir);
}

static void look_at_waiting(void)
{
	overtake_run(&test);
	evidence("workers_that_wait", workers, "threads");
	evidence("workers_without_io", noio, "threads");
	evidence("workers_throttled_locally", throttle, "threads");
	if (!workers)
		FAIL(0, "no worker of %s waits", test.target.path);
}

/* Caches more of the disk than its limit allows, so that workers reclaim. */
static void run_reader(void *unused)
{
	int fd = CHECK(open(test.target.path, O_RDONLY | O_DIRECT));

	(void)unused;
	io_range(fd, false, CHUNK, READ_AT, READ_AT + READ);
	CHECK(close(fd));
}

/* Through the device's own cache, so that the flusher writes. */
static void run_writer(void *unused)
{
	int fd = CHECK(open(test.target.path, O_RDWR));

	(void)unused;
	while (!READ_ONCE(rounds->stop)) {
		io_range(fd, true, CHUNK, WRITE_AT, WRITE_AT + WRITE);
		rounds->done++;
	}
	CHECK(fsync(fd));
	CHECK(close(fd));
}

static void hurry_flusher(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flusher); i++) {
		CHECK(file_read(flusher[i], flusher_was[i],
				sizeof(flusher_was[i])));
		file_put(flusher[i], "%s", hurry[i]);
	}
}

static void calm_flusher(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flusher); i++)
		if (flusher_was[i][0])
			file_put(flusher[i], "%s", flusher_was[i]);
	file_put("/sys/power/pm_test", "none");
}

/* Work for the flusher while all is frozen: the writer may have none left. */
static void make_dirty(void)
{
	int fd = CHECK(open(test.target.path, O_RDWR));

	io_range(fd, true, CHUNK, DIRTY_AT, DIRTY_AT + DIRTY);
	CHECK(close(fd));
}

/*
 * Freezes all tasks for three seconds.  6.1 measures that by a busy loop that
 * it calibrated per CPU at boot, and gets too little if the host was busy then.
 * So always take the same CPU, and a longer time until it is enough.
 */
static void freeze_all(void)
{
	long long start, took;
	int seconds = FROZEN_MS / 1000;
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	CHECK(sched_setaffinity(0, sizeof(first), &first));
	do {
		file_put("/sys/module/suspend/parameters/pm_test_delay", "%d",
			 seconds);
		make_dirty();
		start = now_ms();
		file_put("/sys/power/state", "freeze");
		took = now_ms() - start;
		seconds *= took < FROZEN_MS / 4 ? 4 : 2;
	} while (took < FROZEN_MS && seconds < FROZEN_MOST_S);
	evidence("frozen_for", took, "ms");
	if (took < FROZEN_MS)
		FAIL(0, "all tasks were frozen for %lld ms only", took);
}

/* Freezes all tasks during I/O, which must go on afterwards. */
static void freeze(void)
{
	int status;
	pid_t pid;

	hurry_flusher();
	file_put("/sys/power/sync_on_suspend", "0");
	file_put("/sys/power/pm_test", "freezer");
	pid = process_start(writer, run_writer, NULL);
	if (!wait_count(&rounds->done, 2, START_MS))
		FAIL(0, "the writer has not begun within %d ms", START_MS);
	freeze_all();
	if (!progress_count(&rounds->done, rounds->done + 2, PROGRESS_HANGS,
			    WATCH_MS, "the writer"))
		failed("after all was frozen I/O does not go on");
	rounds->stop = 1;
	if (!progress_end(pid, &status, "the writer"))
		failed("after all was frozen I/O does not end");
	if (status)
		FAIL(0, "the writer failed");
	evidence("writer_rounds", rounds->done, "rounds");
}

static int *find(struct seen *s, int pid)
{
	int i;

	for (i = 0; i < s->count; i++)
		if (s->serving[i] == pid)
			return &s->serving[i];
	return NULL;
}

/* A worker serves many queues: the function that it runs names the driver. */
static void take_work(struct seen *s, const struct trace_event *e)
{
	bool ours = strcmp(driver()->device, "loop");
	const char *prefix = ours ? "function cgl_" : "function loop_";
	int *slot = find(s, e->pid);

	if (!strstr(e->text, prefix))
		return;
	s->work_frozen += s->frozen;
	if (!strcmp(e->name, "workqueue_execute_end")) {
		if (slot)
			*slot = s->serving[--s->count];
		return;
	}
	if (s->count == ARRAY_SIZE(s->serving))
		FAIL(0, "more than %zu workers at once",
		     ARRAY_SIZE(s->serving));
	s->serving[s->count++] = e->pid;
}

static void take(const struct trace_event *e, void *arg)
{
	struct seen *s = arg;

	if (!strncmp(e->name, "workqueue_", 10)) {
		take_work(s, e);
	} else if (!strcmp(e->name, "suspend_resume")) {
		if (!strcmp(e->text, "freeze_processes[0] end")) {
			s->frozen = true;
			s->freezes++;
			/* Work that runs now may run all the time. */
			s->work_frozen += s->count;
		} else if (!strncmp(e->text, "thaw_processes", 14)) {
			s->frozen = false;
		}
	} else if (find(s, e->pid)) {
		s->reclaims++;
		s->reclaims_io += trace_gfp(e, "IO") || trace_gfp(e, "FS");
	}
}

static void watch(struct seen *s)
{
	static const char *const events[] = {
		"vmscan/mm_vmscan_memcg_reclaim_begin",
		"vmscan/mm_vmscan_direct_reclaim_begin",
		"workqueue/workqueue_execute_start",
		"workqueue/workqueue_execute_end",
		"power/suspend_resume",
		NULL
	};

	CHECK(cgroup_write(reader, "memory.max", LIMIT));
	trace_start(0, events);
	run_in(reader, run_reader, NULL);
	freeze();
	trace_end(take, s);
	evidence("reclaims_by_workers", s->reclaims, "times");
	evidence("reclaims_that_may_start_io", s->reclaims_io, "times");
	evidence("freezes", s->freezes, "times");
	evidence("work_while_frozen", s->work_frozen, "times");
	if (!s->reclaims)
		FAIL(0, "no worker had to reclaim");
	if (!s->freezes)
		FAIL(0, "no event says that all is frozen");
}

static void run(void)
{
	struct seen s = { 0 };

	look_at_waiting();
	watch(&s);
	if (noio != workers || throttle != workers)
		failed("of %d workers, %d never start I/O from reclaim, and "
		       "%d are throttled against their own device; %d of %d "
		       "reclaims might have started I/O",
		       workers, noio, throttle, s.reclaims_io, s.reclaims);
	if (s.reclaims_io)
		failed("%d of %d times a worker's reclaim might start I/O",
		       s.reclaims_io, s.reclaims);
	if (s.work_frozen)
		failed("with all frozen workers were at work %d times",
		       s.work_frozen);
	held();
}

static void cleanup(void)
{
	calm_flusher();
	trace_remove();
	overtake_cleanup(&test);
}

SCENARIO(worker_context,
	 .claim = "workers of loop devices never start I/O from reclaim, are "
		  "throttled against their own device alone, and freeze with "
		  "the system",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_RAM_DISK,
			"load:dm_mod", NEEDS_TRACE("vmscan"),
			NEEDS_TRACE("workqueue"), NEEDS_TRACE("power")),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "no-flags" },
			      { "cgloop-inject", EXPECT_FALSE, "no-freeze" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
