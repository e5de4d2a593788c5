// SPDX-License-Identifier: GPL-2.0
// Faults that test the harness: the kernel breaks down.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/loop.h>

#include "driver.h"
#include "fs.h"
#include "planted.h"
#include "record.h"
#include "scenario.h"
#include "target.h"

#define SYSCTL "/proc/sys/kernel/"
#define TAINT_MS 20000

static void crash(const char *how)
{
	file_put("/sys/kernel/debug/provoke-crash/DIRECT", "%s", how);
	held();
}

static void run_warning(void)
{
	planted_unless_off();
	crash("WARNING");
}

SCENARIO(planted_warning, .claim = "a warning of the kernel's: splat",
	 .needs = NEEDS("load:lkdtm"), .timeout_s = 10, .controls = PLANTED_OFF,
	 .suite = SUITE_PLANTED, .run = run_warning);

/* The kernel logs with level warning, once, that this file is deprecated. */
static void run_log_warning(void)
{
	planted_unless_off();
	file_put("/proc/self/oom_adj", "0");
	held();
}

SCENARIO(planted_log_warning,
	 .claim = "a line of warning level in the kernel's log: listed, pass",
	 .timeout_s = 10, .controls = PLANTED_OFF, .suite = SUITE_PLANTED,
	 .run = run_log_warning);

static void run_bug(void)
{
	planted_unless_off();
	crash("BUG");
}

SCENARIO(planted_bug, .claim = "a BUG() in the kernel: panic",
	 .needs = NEEDS("load:lkdtm"), .timeout_s = 10, .controls = PLANTED_OFF,
	 .suite = SUITE_PLANTED, .run = run_bug);

static void run_panic(void)
{
	planted_unless_off();
	file_put("/proc/sysrq-trigger", "c");
}

SCENARIO(planted_panic, .claim = "a panic: panic", .timeout_s = 10,
	 .controls = PLANTED_OFF, .suite = SUITE_PLANTED, .run = run_panic);

static void run_soft_lockup(void)
{
	planted_unless_off();
	file_put(SYSCTL "watchdog_thresh", "1");
	crash("SOFTLOCKUP");
}

SCENARIO(planted_soft_lockup, .claim = "a CPU that stays in the kernel: panic",
	 .needs = NEEDS("load:lkdtm"), .timeout_s = 10, .controls = PLANTED_OFF,
	 .suite = SUITE_PLANTED, .run = run_soft_lockup);

static void run_hung_task(void)
{
	planted_unless_off();
	file_put(SYSCTL "hung_task_timeout_secs", "1");
	crash("HUNG_TASK");
}

SCENARIO(planted_hung_task, .claim = "a task that sleeps for good: splat",
	 .needs = NEEDS("load:lkdtm"), .timeout_s = 10, .controls = PLANTED_OFF,
	 .suite = SUITE_PLANTED, .run = run_hung_task);

/* Only a kernel with KASAN sees it. */
static void run_use_after_free(void)
{
	planted_unless_off();
	crash("READ_AFTER_FREE");
}

SCENARIO(planted_use_after_free, .claim = "freed memory that is read: splat",
	 .needs = NEEDS("load:lkdtm"), .timeout_s = 10, .controls = PLANTED_OFF,
	 .suite = SUITE_PLANTED, .run = run_use_after_free);

static void read_device(void *node)
{
	static char buf[4096] __attribute__((aligned(4096)));
	int fd = CHECK(open(node, O_RDONLY | O_DIRECT));

	CHECK(read(fd, buf, sizeof(buf)));
	CHECK(close(fd));
}

static bool is_tainted(void *before)
{
	char now[32];

	CHECK(file_read(SYSCTL "tainted", now, sizeof(now)));
	return strcmp(now, before);
}

/*
 * Only a kernel with KASAN sees it: cgloop reads the group that a command was
 * charged to again and again, after the command's end and the group's removal.
 */
static void run_late_touch(void)
{
	struct driver *d = driver_find("cgloop-inject");
	char node[PATH_LEN], group[PATH_LEN], before[32];

	planted_unless_off();
	if (driver_load(d, "late-touch") < 0)
		FAIL(errno, "the driver");
	CHECK(driver_reserve(d, node));
	CHECK(driver_bind(node, RAM_DISK, LO_FLAGS_DIRECT_IO));
	make_group(group, "user", "");
	CHECK(file_read(SYSCTL "tainted", before, sizeof(before)));
	run_in(group, read_device, node);
	CHECK(cgroup_remove(group));
	/* Pages on a CPU's free list would keep the group. */
	fs_drop_cache(RAM_DISK);
	wait_until(is_tainted, before, TAINT_MS);
	held();
}

SCENARIO(planted_late_touch,
	 .claim = "a cgroup that is read when it is gone: splat",
	 .needs = NEEDS("module:cgloop_inject", NEEDS_RAM_DISK),
	 .timeout_s = 60, .controls = PLANTED_OFF, .suite = SUITE_PLANTED,
	 .run = run_late_touch);

/* Only a kernel with lockdep sees it: the task returns with a lock held. */
static void run_kept_lock(void)
{
	planted_unless_off();
	crash("SPINLOCKUP");
}

SCENARIO(planted_kept_lock, .claim = "a lock that is held in user space: splat",
	 .needs = NEEDS("load:lkdtm"), .timeout_s = 10, .controls = PLANTED_OFF,
	 .suite = SUITE_PLANTED, .run = run_kept_lock);

/*
 * The runner runs the same program at the same addresses.  The function that it
 * calls next becomes an invalid instruction.
 */
static void run_runner(void)
{
	static const unsigned char ud2[] = { 0x0f, 0x0b };
	int fd = CHECK(open("/proc/1/mem", O_WRONLY | O_CLOEXEC));

	planted_unless_off();
	if (pwrite(fd, ud2, sizeof(ud2), (intptr_t)record_send) != sizeof(ud2))
		FAIL(0, "the runner's memory cannot be written");
	pause();
}

SCENARIO(planted_runner, .claim = "a runner that is killed: panic",
	 .timeout_s = 10, .controls = PLANTED_OFF, .suite = SUITE_PLANTED,
	 .run = run_runner);

static void spin(void *cpu)
{
	struct sched_param highest = { .sched_priority = 99 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(*(int *)cpu, &set);
	CHECK(sched_setaffinity(0, sizeof(set), &set));
	CHECK(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &highest));
	for (;;)
		;
}

/* Takes all CPUs, and the share that the scheduler keeps for other tasks. */
static void run_livelock(void)
{
	int cpu, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	char path[PATH_LEN];

	planted_unless_off();
	file_put(SYSCTL "sched_rt_runtime_us", "-1");
	for (cpu = 0; cpu < cpus; cpu++) {
		/* Absent before 6.12. */
		text_set(path, sizeof(path),
			 "/sys/kernel/debug/sched/fair_server/cpu%d/runtime",
			 cpu);
		file_write(path, "0");
	}
	/* The last CPU is this process's own. */
	for (cpu = 1; cpu < cpus; cpu++)
		process_start(NULL, spin, &cpu);
	cpu = 0;
	spin(&cpu);
}

SCENARIO(planted_livelock, .claim = "a machine that only spins: hang",
	 .timeout_s = 10, .controls = PLANTED_OFF, .suite = SUITE_PLANTED,
	 .run = run_livelock);
