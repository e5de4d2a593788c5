// SPDX-License-Identifier: GPL-2.0
// ioc-lifetime: do I/O contexts live as long as those who use them?
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/ioprio.h>

#include "module.h"
#include "scenario.h"
#include "target.h"

#define BLOCK 4096
#define SPAWNERS 4
#define STEP_MS 180000
#define UNLOAD_MS 5000
#define TASKS 250
/* The scheduler changes each time that so many have come. */
#define EVERY 100
/* For a control. */
#define FEW 100
#define FAILSLAB "/sys/kernel/debug/failslab"
#define FAILURES 1000000
#define CONTEXTS_FAIL "/sys/kernel/slab/blkdev_ioc/failslab"
#define ICQS_FAIL "/sys/kernel/slab/bfq_io_cq/failslab"

/* Shared by all. */
struct counts {
	int next; /* the block that nobody has read yet */
	int tasks, shares, in_flight, refused;
	int done; /* spawners */
};

static struct counts *counts;

static int tasks(void)
{
	return variant_is("opposite") ? FEW : TASKS;
}

static void add(int *count)
{
	__atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
}

static int get_prio(pid_t pid)
{
	return CHECK(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, pid));
}

static int set_prio(int prio)
{
	return syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, prio);
}

/* As fork(), or with the I/O context shared; no more is. */
static pid_t copy(bool sharing)
{
	return syscall(SYS_clone,
		       SIGCHLD | (sharing ? (unsigned long)CLONE_IO : 0) |
			       (sharing ? CLONE_IO : 0),
		       0, 0, 0, 0);
}

/* Begins to read a block that is in no cache, and waits for nothing. */
static void begin_read(int disk)
{
	int block = __atomic_fetch_add(&counts->next, 1, __ATOMIC_RELAXED);

	posix_fadvise(disk, (off_t)block * BLOCK, BLOCK, POSIX_FADV_WILLNEED);
}

static void note_in_flight(void)
{
	int reads, writes;
	char text[64];

	CHECK(file_read(SLOW_DISK_SYS "/inflight", text, sizeof(text)));
	if (sscanf(text, "%d %d", &reads, &writes) == 2 && reads)
		add(&counts->in_flight);
}

/*
 * Ends with its I/O under way, and so does the one that shares its context:
 * who of them is the last is left to chance.
 */
static __noreturn void live_shortly(int disk, int number)
{
	pid_t pid;

	if (cell_is("part", "failslab"))
		file_put("/proc/self/make-it-fail", "1");
	if (set_prio(IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, number % 8)) < 0)
		add(&counts->refused);
	pid = copy(true);
	if (pid < 0)
		add(&counts->refused);
	if (!pid)
		add(&counts->shares);
	begin_read(disk);
	if (!cell_is("part", "failslab"))
		note_in_flight();
	_exit(0);
}

static void spawn(void *unused)
{
	int i, disk = CHECK(open(SLOW_DISK, O_RDONLY | O_CLOEXEC));
	pid_t pid;

	(void)unused;
	/* The children leave theirs behind. */
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	for (i = 0; i < tasks(); i++) {
		pid = CHECK(copy(false));
		if (!pid)
			live_shortly(disk, i);
		CHECK(waitpid(pid, NULL, 0));
		add(&counts->tasks);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	while (wait(NULL) > 0)
		;
	CHECK(close(disk));
	add(&counts->done);
}

static void schedule(const char *name)
{
	file_put(SLOW_DISK_SYS "/queue/scheduler", "%s", name);
}

/* Changes the scheduler until all tasks have come and gone. */
static bool switch_on(void *arg)
{
	static const char *const names[] = { "mq-deadline", "bfq", "none",
					     "bfq" };
	int *switches = arg;

	if (__atomic_load_n(&counts->done, __ATOMIC_RELAXED) == SPAWNERS)
		return true;
	if (__atomic_load_n(&counts->tasks, __ATOMIC_RELAXED) >
	    *switches * EVERY)
		schedule(names[(*switches)++ % ARRAY_SIZE(names)]);
	return false;
}

static void churn(void)
{
	pid_t pids[SPAWNERS];
	char main_group[PATH_LEN];
	int i, status, switches = 0;

	in_group(main_group, "main");
	schedule("bfq");
	for (i = 0; i < SPAWNERS; i++)
		pids[i] = process_start(main_group, spawn, NULL);
	if (!wait_until(switch_on, &switches, STEP_MS))
		FAIL(0, "the tasks do not end");
	for (i = 0; i < SPAWNERS; i++)
		if (!process_wait(pids[i], &status, STEP_MS) || status)
			FAIL(0, "a task's parent failed");
	evidence("tasks", counts->tasks, "tasks");
	evidence("tasks_that_shared", counts->shares, "tasks");
	evidence("tasks_with_reads_in_flight", counts->in_flight, "tasks");
	evidence("scheduler_changes", switches, "changes");
}

static bool try_unload(void *unused)
{
	(void)unused;
	return !syscall(SYS_delete_module, "bfq", O_NONBLOCK);
}

/*
 * The module frees the cache of its contexts as it goes; the kernel has a word
 * to say if there are some left, and that is a splat.
 */
static __noreturn void conclude_by_unload(void)
{
	if (!variant_is("opposite"))
		schedule("none");
	if (!wait_until(try_unload, NULL,
			variant_is("opposite") ? 0 : UNLOAD_MS))
		failed("bfq cannot be unloaded: %s", strerror(errno));
	held();
}

static void run_churn(void)
{
	churn();
	if (!counts->in_flight || !counts->shares)
		FAIL(0, "no task ended with reads in flight, or none shared");
	conclude_by_unload();
}

/*
 * Every other context or icq that a task asks for fails, and nothing else: the
 * kernel warns where some of its other allocations do.
 */
static void run_failslab(void)
{
	char text[32];
	int left;

	file_put(FAILSLAB "/verbose", "0");
	file_put(FAILSLAB "/ignore-gfp-wait", "0");
	file_put(FAILSLAB "/task-filter", "1");
	file_put(FAILSLAB "/cache-filter", "1");
	schedule("bfq");
	file_put(CONTEXTS_FAIL, "1");
	file_put(ICQS_FAIL, "1");
	file_put(FAILSLAB "/probability", "50");
	file_put(FAILSLAB "/times", "%d", FAILURES);
	churn();
	CHECK(file_read(FAILSLAB "/times", text, sizeof(text)));
	left = atoi(text);
	evidence("allocations_failed", FAILURES - left, "allocations");
	evidence("calls_refused", counts->refused, "calls");
	if (left == FAILURES)
		FAIL(0, "no allocation failed");
	conclude_by_unload();
}

/* Shared: what the child saw of its own. */
static int *inherited;
static int child_set, child_ends;

static void share_child(void)
{
	*inherited = get_prio(0);
	CHECK(set_prio(IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6)));
	step_allow(child_set);
	step_wait(child_ends, STEP_MS);
	_exit(0);
}

static void run_share(void)
{
	int first = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 2);
	int second = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6);
	int seen, later, status;
	pid_t pid;

	CHECK(set_prio(first));
	pid = CHECK(copy(!variant_is("opposite")));
	if (!pid)
		share_child();
	step_wait(child_set, STEP_MS);
	seen = get_prio(0);
	step_allow(child_ends);
	if (!process_wait(pid, &status, STEP_MS) || status)
		FAIL(0, "the child failed");
	later = get_prio(0);
	evidence("priority_inherited", *inherited, "ioprio");
	evidence("priority_seen_by_parent", seen, "ioprio");
	evidence("priority_without_child", later, "ioprio");
	if (*inherited != first)
		FAIL(0, "the child began with %#x, not %#x", *inherited, first);
	if (seen != later || (seen != first && seen != second))
		FAIL(0, "the parent has %#x, then %#x", seen, later);
	if (seen == first)
		failed("what one changes is not seen by the other");
	held();
}

static void setup(void)
{
	counts = shared_memory(sizeof(*counts));
	inherited = shared_memory(sizeof(*inherited));
	child_set = step_make();
	child_ends = step_make();
	CHECK(module_load("bfq", ""));
}

static void run(void)
{
	if (cell_is("part", "share"))
		run_share();
	else if (cell_is("part", "churn"))
		run_churn();
	else
		run_failslab();
}

static void cleanup(void)
{
	file_write(FAILSLAB "/probability", "0");
	file_write(CONTEXTS_FAIL, "0");
	file_write(SLOW_DISK_SYS "/queue/scheduler", "none");
}

SCENARIO(ioc_lifetime,
	 .claim = "I/O contexts are shared by those who say so, and all are "
		  "gone when their users and the scheduler are",
	 .needs = NEEDS("module:bfq", NEEDS_SLOW_DISK,
			"part=failslab " FAILSLAB),
	 .cells = CELLS("part=share", "part=churn", "part=failslab"),
	 .controls = CONTROLS({ "none", EXPECT_FALSE, "opposite" }),
	 .timeout_s = 300, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
