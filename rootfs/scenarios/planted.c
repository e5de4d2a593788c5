// SPDX-License-Identifier: GPL-2.0
// Faults that test the harness: each must come out under its own verdict.
// The control of each is the same with the fault off.
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "module.h"
#include "scenario.h"

#define OFF CONTROLS({ "none", CLAIM_FALSE, "off" })

static char place[PATH_LEN];

/* Evidence in any case; the control ends here. */
static void unless_off(void)
{
	bool off = variant_is("off");

	evidence("planted", !off, "faults");
	if (off)
		failed("the fault is off");
}

static void run_ok(void)
{
	unless_off();
	held();
}

SCENARIO(planted_ok, .claim = "a claim that holds: pass", .controls = OFF,
	 .timeout_s = 10, .suite = SUITE_PLANTED, .run = run_ok);

static void run_fail(void)
{
	unless_off();
	failed("planted");
}

SCENARIO(planted_fail, .claim = "a claim that fails: fail", .controls = OFF,
	 .timeout_s = 10, .suite = SUITE_PLANTED, .run = run_fail);

static void run_unproven(void)
{
	if (variant_is("off"))
		unless_off();
	held();
}

SCENARIO(planted_unproven, .claim = "a claim without evidence: error",
	 .controls = OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_unproven);

static void run_silent(void)
{
	unless_off();
}

SCENARIO(planted_silent, .claim = "a scenario that reports nothing: error",
	 .controls = OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_silent);

static void run_stuck(void)
{
	unless_off();
	for (;;)
		pause();
}

SCENARIO(planted_stuck, .claim = "a scenario that never ends: timeout",
	 .controls = OFF, .timeout_s = 2, .suite = SUITE_PLANTED,
	 .run = run_stuck);

static void read_disk(void *unused)
{
	char buf[65536];

	(void)unused;
	CHECK(read(CHECK(open("/dev/ram0", O_RDONLY)), buf, sizeof(buf)));
}

/* A reader that is held by io.max, which SIGKILL does not change. */
static void run_held(void)
{
	char group[PATH_LEN], file[PATH_LEN];

	unless_off();
	CHECK(module_load("brd", "rd_nr=1 rd_size=1024"));
	in_group(group, "reader");
	CHECK(cgroup_make(group, ""));
	text_set(file, sizeof(file), CGROUP_ROOT "/%s/io.max", group);
	file_put(file, "1:0 rbps=2");
	holds(file, "1:0 rbps=max");
	process_start(group, read_disk, NULL);
	CHECK(wait(NULL));
	held();
}

SCENARIO(planted_held,
	 .claim = "a task that takes no signal until it is let go: timeout",
	 .needs = NEEDS("cgroup:io", "module:brd"), .controls = OFF,
	 .timeout_s = 2, .suite = SUITE_PLANTED, .run = run_held);

static void sleep_on(void *unused)
{
	(void)unused;
	for (;;)
		pause();
}

static void run_leak(void)
{
	char group[PATH_LEN];

	unless_off();
	if (cell_is("leak", "process")) {
		in_group(group, "main");
		process_start(group, sleep_on, NULL);
	} else {
		in_folder(place, "");
		CHECK(mount("tmpfs", place, "tmpfs", 0, NULL));
	}
	held();
}

SCENARIO(planted_leak, .claim = "what is left behind moves a meter: fail",
	 .cells = CELLS("leak=process", "leak=mount"), .controls = OFF,
	 .timeout_s = 10, .suite = SUITE_PLANTED, .run = run_leak);

static void run_splat(void)
{
	unless_off();
	CHECK(module_load("lkdtm", ""));
	file_put("/sys/kernel/debug/provoke-crash/DIRECT", "WARNING");
	held();
}

SCENARIO(planted_splat, .claim = "a warning of the kernel: splat",
	 .needs = NEEDS("module:lkdtm"), .controls = OFF, .timeout_s = 10,
	 .suite = SUITE_PLANTED, .run = run_splat);

static void run_exit(void)
{
	unless_off();
	CHECK(reboot(RB_POWER_OFF));
}

SCENARIO(planted_exit, .claim = "a machine that is off too early: incomplete",
	 .controls = OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_exit);

static void run_panic(void)
{
	unless_off();
	file_put("/proc/sysrq-trigger", "c");
}

SCENARIO(planted_panic, .claim = "a panic: panic", .controls = OFF,
	 .timeout_s = 10, .suite = SUITE_PLANTED, .run = run_panic);

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

/* Takes all CPUs away, also the share that others get in spite of all. */
static void run_hang(void)
{
	int cpu, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	char group[PATH_LEN], path[PATH_LEN];

	unless_off();
	in_group(group, "main");
	file_put("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	for (cpu = 0; cpu < cpus; cpu++) {
		/* Absent before 6.12. */
		text_set(path, sizeof(path),
			 "/sys/kernel/debug/sched/"
			 "fair_server/cpu%d/runtime",
			 cpu);
		file_write(path, "0");
	}
	/* Where this process runs comes last. */
	for (cpu = 1; cpu < cpus; cpu++)
		process_start(group, spin, &cpu);
	cpu = 0;
	spin(&cpu);
}

SCENARIO(planted_hang, .claim = "a machine that only spins: hang",
	 .controls = OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_hang);
