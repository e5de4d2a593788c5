// SPDX-License-Identifier: GPL-2.0
// ioc-lifetime: do I/O contexts live exactly as long as their users?
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/ioprio.h>

#include "module.h"
#include "progress.h"
#include "scenario.h"
#include "slab.h"
#include "target.h"

#define SPAWNERS 4
#define STEP_MS 180000
/* For the module to be unloaded. */
#define UNLOAD_TURNS 1500
#define TASKS 250
/* The scheduler changes after this many tasks. */
#define EVERY 100
/* Tasks of a control. */
#define FEW 100
/* Tasks that share one context, what each does, and what may be in flight. */
#define SHARERS 8
#define REQUESTS 6
#define FEW_REQUESTS 3
#define DEPTH "8"
#define FAILSLAB "/sys/kernel/debug/failslab"
#define FAILURES 1000000
#define CONTEXTS "/sys/kernel/slab/blkdev_ioc"
/* BFQ's part of a context: one per task and disk. */
#define ICQS "bfq_io_cq"
/* Its queues: of tasks, and of groups. */
#define QUEUES "bfq_queue"

/* Shared by all. */
struct counts {
	int next; /* the first block that no task has used yet */
	/* Requests in the cell part=depth. */
	int tasks;
	int shares, in_flight, refused;
	int done; /* spawners */
};

static struct counts *counts;
static long long queues_before;
/* Of the tasks that share a context: a light one and a heavy one. */
static char groups[2][PATH_LEN];

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

/* Like fork(), but the child shares the I/O context if that is asked for. */
static pid_t copy(bool sharing)
{
	return syscall(SYS_clone,
		       SIGCHLD | (sharing ? (unsigned long)CLONE_IO : 0) |
			       (sharing ? CLONE_IO : 0),
		       0, 0, 0, 0);
}

/* The place of a block that is not in the cache. */
static off_t next_block(void)
{
	return (off_t)__atomic_fetch_add(&counts->next, 1, __ATOMIC_RELAXED) *
	       BLOCK;
}

static void note_in_flight(void)
{
	int reads, writes;

	file_scan(SLOW_DISK_SYS "/inflight", 2, "%d %d", &reads, &writes);
	if (reads)
		add(&counts->in_flight);
}

/*
 * Exits with its read in flight, and so does the task that shares its context.
 * Either may be the last user.
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
	/* Readahead starts the read and does not wait for it. */
	posix_fadvise(disk, next_block(), BLOCK, POSIX_FADV_WILLNEED);
	if (!cell_is("part", "failslab"))
		note_in_flight();
	_exit(0);
}

static void spawn(void *unused)
{
	int i, disk = CHECK(open(SLOW_DISK, O_RDONLY | O_CLOEXEC));
	pid_t pid;

	(void)unused;
	/* For the tasks whose parent has exited. */
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

/* Each has a priority of its own again, which replaces BFQ's queue. */
static __noreturn void use_together(int number)
{
	int direct = CHECK(open(SLOW_DISK, O_RDWR | O_DIRECT | O_CLOEXEC));
	int cached = CHECK(open(SLOW_DISK, O_RDWR | O_CLOEXEC));
	int i, all = variant_is("opposite") ? FEW_REQUESTS : REQUESTS;
	char *buf = zalloc_pages(BLOCK);
	off_t at;

	CHECK(cgroup_join(groups[number % 2]));
	for (i = 0; i < all; i++) {
		CHECK(set_prio(
			IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, (number + i) % 8)));
		at = next_block();
		if (i % 3 == 0)
			pread_all(direct, buf, BLOCK, at);
		else
			pwrite_all(i % 3 == 1 ? direct : cached, buf, BLOCK,
				   at);
		/* Started, and not waited for: an asynchronous request. */
		CHECK(sync_file_range(cached, at, BLOCK,
				      SYNC_FILE_RANGE_WRITE));
		add(&counts->tasks);
	}
	_exit(0);
}

/*
 * One context for tasks of both groups, as io_uring's workers have it.  More of
 * them than requests are allowed, so BFQ asks for each whether its queue, which
 * another one may be replacing, has too many.
 */
static void spawn_sharers(void *unused)
{
	int i;

	(void)unused;
	CHECK(set_prio(IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)));
	for (i = 0; i < SHARERS; i++) {
		if (!CHECK(copy(true)))
			use_together(i);
		add(&counts->shares);
	}
	while (wait(NULL) > 0)
		;
	add(&counts->done);
}

static void schedule(const char *name)
{
	file_put(SLOW_DISK_SYS "/queue/scheduler", "%s", name);
	/* Another scheduler sets it anew. */
	if (cell_is("part", "depth"))
		file_put(SLOW_DISK_SYS "/queue/nr_requests", DEPTH);
}

/* Changes the scheduler until all tasks have exited. */
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

static void churn(void (*start)(void *unused))
{
	pid_t pids[SPAWNERS];
	int i, switches = 0;

	schedule("bfq");
	for (i = 0; i < SPAWNERS; i++)
		pids[i] = process_start(NULL, start, NULL);
	if (!wait_until(switch_on, &switches, STEP_MS))
		FAIL(0, "%d spawners have ended after %d ms", counts->done,
		     STEP_MS);
	for (i = 0; i < SPAWNERS; i++)
		process_end(pids[i], STEP_MS, "a spawner");
	schedule("bfq");
	if (cell_is("part", "depth"))
		evidence("requests", counts->tasks, "requests");
	else
		evidence("tasks", counts->tasks, "tasks");
	evidence("tasks_that_shared", counts->shares, "tasks");
	if (cell_is("part", "churn"))
		evidence("tasks_with_reads_in_flight", counts->in_flight,
			 "tasks");
	evidence("scheduler_changes", switches, "changes");
}

/* The control's: a task that keeps its context until it may exit. */
static pid_t user;
static int has_read, may_exit;

static void keep_context(void *unused)
{
	int disk = CHECK(open(SLOW_DISK, O_RDONLY | O_CLOEXEC));
	char block[BLOCK];

	(void)unused;
	pread_all(disk, block, BLOCK, next_block());
	step_allow(has_read);
	step_wait(may_exit, STEP_MS);
}

static bool try_unload(void *unused)
{
	(void)unused;
	return !syscall(SYS_delete_module, "bfq", O_NONBLOCK);
}

/*
 * With BFQ still in use its contexts must be gone with their users.  Then the
 * module must be unloadable; it destroys the cache, and the kernel reports a
 * splat if objects are left in it.
 */
static __noreturn void conclude_by_contexts(void)
{
	long long left;

	if (variant_is("opposite")) {
		user = process_start(NULL, keep_context, NULL);
		step_wait(has_read, STEP_MS);
	}
	left = slab_wait(ICQS, 0);
	evidence("contexts_left", left, "contexts");
	if (left)
		failed("%lld I/O contexts stay when their users are gone",
		       left);
	schedule("none");
	left = slab_wait(QUEUES, queues_before);
	evidence("queues_left", left, "queues");
	if (left)
		failed("%lld queues stay when the scheduler is gone", left);
	if (!progress_until(try_unload, NULL, UNLOAD_TURNS, "bfq"))
		failed("bfq cannot be unloaded: %s", strerror(errno));
	held();
}

static void run_churn(void)
{
	churn(spawn);
	if (!counts->in_flight || !counts->shares)
		FAIL(0, "no task ended with reads in flight, or none shared");
	conclude_by_contexts();
}

static void run_depth(void)
{
	make_group(groups[0], "light", "");
	make_group(groups[1], "heavy", "");
	if (cgroup_write(groups[0], "io.bfq.weight", "10") < 0)
		FAIL(errno, "io.bfq.weight, of CONFIG_BFQ_GROUP_IOSCHED");
	CHECK(cgroup_write(groups[1], "io.bfq.weight", "1000"));
	churn(spawn_sharers);
	conclude_by_contexts();
}

/*
 * Half of the allocations of contexts fail, and no others: the kernel warns if
 * some of those fail.
 */
static void run_failslab(void)
{
	int left;

	file_put(FAILSLAB "/verbose", "0");
	file_put(FAILSLAB "/ignore-gfp-wait", "0");
	file_put(FAILSLAB "/task-filter", "1");
	file_put(FAILSLAB "/cache-filter", "1");
	schedule("bfq");
	file_put(CONTEXTS "/failslab", "1");
	file_put("/sys/kernel/slab/" ICQS "/failslab", "1");
	file_put(FAILSLAB "/probability", "50");
	file_put(FAILSLAB "/times", "%d", FAILURES);
	churn(spawn);
	file_scan(FAILSLAB "/times", 1, "%d", &left);
	file_put(FAILSLAB "/probability", "0");
	evidence("allocations_failed", FAILURES - left, "allocations");
	evidence("calls_refused", counts->refused, "calls");
	if (left == FAILURES)
		FAIL(0, "no allocation failed");
	conclude_by_contexts();
}

/* Shared: the child's priority when it began. */
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
	int seen, later;
	pid_t pid;

	CHECK(set_prio(first));
	pid = CHECK(copy(!variant_is("opposite")));
	if (!pid)
		share_child();
	step_wait(child_set, STEP_MS);
	seen = get_prio(0);
	step_allow(child_ends);
	process_end(pid, STEP_MS, "the child");
	later = get_prio(0);
	evidence("priority_inherited", *inherited, "ioprio");
	evidence("priority_seen_by_parent", seen, "ioprio");
	evidence("priority_without_child", later, "ioprio");
	if (*inherited != first)
		FAIL(0, "the child began with %#x, not %#x", *inherited, first);
	if (seen != later || (seen != first && seen != second))
		FAIL(0, "the parent has %#x, then %#x", seen, later);
	if (seen == first)
		failed("the parent does not see the priority that the child "
		       "has set");
	held();
}

static void setup(void)
{
	counts = shared_memory(sizeof(*counts));
	inherited = shared_memory(sizeof(*inherited));
	child_set = step_make();
	child_ends = step_make();
	has_read = step_make();
	may_exit = step_make();
	CHECK(module_load("bfq", ""));
	if (!cell_is("part", "share"))
		queues_before = slab_objects(QUEUES);
}

static void run(void)
{
	if (cell_is("part", "share"))
		run_share();
	else if (cell_is("part", "churn"))
		run_churn();
	else if (cell_is("part", "depth"))
		run_depth();
	else
		run_failslab();
}

static void cleanup(void)
{
	if (user) {
		step_allow(may_exit);
		process_end(user, STEP_MS, "the control's task");
	}
	file_write(FAILSLAB "/probability", "0");
	file_write(CONTEXTS "/failslab", "0");
	file_write(SLOW_DISK_SYS "/queue/scheduler", "none");
}

SCENARIO(ioc_lifetime,
	 .claim = "I/O contexts are shared by those who say so, and all are "
		  "gone when their users and the scheduler are",
	 .needs = NEEDS("module:bfq", NEEDS_SLOW_DISK,
			"part=churn " NEEDS_SLAB_OBJECTS,
			"part=depth " NEEDS_SLAB_OBJECTS,
			"part=depth cgroup:io",
			"part=failslab " NEEDS_SLAB_OBJECTS,
			"part=failslab " FAILSLAB),
	 .cells = CELLS("part=share", "part=churn", "part=depth",
			"part=failslab"),
	 .controls = CONTROLS({ "none", EXPECT_FALSE, "opposite" }),
	 .timeout_s = 300, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
