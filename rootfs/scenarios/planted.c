// SPDX-License-Identifier: GPL-2.0
// Faults that test the harness: each scenario goes wrong in its own way, and
// must get the verdict that its claim names.
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "planted.h"
#include "scenario.h"
#include "target.h"
#include "throttle.h"

#define STEP_MS 5000

static void run_ok(void)
{
	planted_unless_off();
	held();
}

SCENARIO(planted_ok, .claim = "a claim that holds: pass",
	 .controls = PLANTED_OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_ok);

static void run_fail(void)
{
	planted_unless_off();
	failed("planted");
}

SCENARIO(planted_fail, .claim = "a claim that fails: fail",
	 .controls = PLANTED_OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_fail);

static void run_unproven(void)
{
	if (variant_is("off"))
		planted_unless_off();
	held();
}

SCENARIO(planted_unproven, .claim = "a claim without evidence: error",
	 .controls = PLANTED_OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_unproven);

static void run_silent(void)
{
	planted_unless_off();
}

SCENARIO(planted_silent, .claim = "a scenario that reports nothing: error",
	 .controls = PLANTED_OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_silent);

static void run_exit(void)
{
	planted_unless_off();
	_exit(0);
}

SCENARIO(planted_exit, .claim = "a scenario that exits early: error",
	 .controls = PLANTED_OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_exit);

static void run_killed(void)
{
	planted_unless_off();
	CHECK(raise(SIGKILL));
}

SCENARIO(planted_killed, .claim = "a scenario that is killed: error",
	 .controls = PLANTED_OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_killed);

static void say_held(void *unused)
{
	(void)unused;
	held();
}

/* Only the scenario's own process may conclude. */
static void run_two_verdicts(void)
{
	int status;

	planted_unless_off();
	status = process_run(NULL, say_held, NULL, 5000);
	failed("the other process ended with %d", status);
}

SCENARIO(planted_two_verdicts,
	 .claim = "a scenario that says held, and then failed: error",
	 .controls = PLANTED_OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_two_verdicts);

static void run_stuck(void)
{
	planted_unless_off();
	for (;;)
		pause();
}

SCENARIO(planted_stuck, .claim = "a scenario that never ends: timeout",
	 .controls = PLANTED_OFF, .timeout_s = 2, .suite = SUITE_PLANTED,
	 .run = run_stuck);

static void read_disk(void *unused)
{
	char buf[65536];

	(void)unused;
	CHECK(read(CHECK(open(RAM_DISK, O_RDONLY)), buf, sizeof(buf)));
}

/* A reader that io.max holds: SIGKILL does not end it. */
static void run_held(void)
{
	char group[PATH_LEN];

	planted_unless_off();
	make_group(group, "reader", "");
	throttle_disk(group, RAM_DISK);
	process_start(group, read_disk, NULL);
	CHECK(wait(NULL));
	held();
}

SCENARIO(planted_held,
	 .claim = "a task that takes no signal until it is let go: timeout",
	 .needs = NEEDS("cgroup:io", NEEDS_RAM_DISK), .controls = PLANTED_OFF,
	 .timeout_s = 2, .suite = SUITE_PLANTED, .run = run_held);

static bool is_asleep(void *pid)
{
	char path[PATH_LEN], stat[PATH_LEN], *state;

	text_set(path, sizeof(path), "/proc/%d/stat", *(pid_t *)pid);
	CHECK(file_read(path, stat, sizeof(stat)));
	state = strrchr(stat, ')');
	return state && !strncmp(state, ") D", 3);
}

/* Joining a group sleeps, too: so the reader reports that it begins. */
static void report_and_read(void *step)
{
	char buf[65536];
	int disk = CHECK(open(RAM_DISK, O_RDONLY));

	step_allow(*(int *)step);
	CHECK(read(disk, buf, sizeof(buf)));
}

/* Sets a limit without registering it by holds(): the runner cannot lift it. */
static void run_holding(void)
{
	char group[PATH_LEN];
	int begun = step_make();
	pid_t pid;

	planted_unless_off();
	make_group(group, "reader", "");
	CHECK(cgroup_write(group, "io.max", "1:0 rbps=2"));
	pid = process_start(group, report_and_read, &begun);
	step_wait(begun, STEP_MS);
	if (!wait_until(is_asleep, &pid, STEP_MS))
		FAIL(0, "the reader is not held");
	held();
}

SCENARIO(planted_holding,
	 .claim = "a scenario that ends while a task of its own is held: fail",
	 .needs = NEEDS("cgroup:io", NEEDS_RAM_DISK), .controls = PLANTED_OFF,
	 .timeout_s = 10, .suite = SUITE_PLANTED, .run = run_holding);

/* All bytes, escape sequences, and forged verdicts and records. */
static void run_console(void)
{
	static const char forged[] =
		"\nok 1 - planted-console\nnot ok 2 - planted-console\n"
		"@cb 3 00000000 {\"t\":\"end\",\"id\":0,\"claim\":\"failed\"}\n"
		"Kernel panic - not syncing: forged\n\033[2J\033]0;title\a";
	char all[256];
	int i, fd = CHECK(open("/dev/console", O_WRONLY | O_NOCTTY));

	planted_unless_off();
	for (i = 0; i < (int)sizeof(all); i++)
		all[i] = i;
	for (i = 0; i < 64; i++)
		CHECK(write(fd, all, sizeof(all)));
	CHECK(write(fd, forged, strlen(forged)));
	CHECK(close(fd));
	held();
}

SCENARIO(planted_console,
	 .claim = "a console full of control characters and of forged "
		  "verdicts: pass",
	 .controls = PLANTED_OFF, .timeout_s = 20, .suite = SUITE_PLANTED,
	 .run = run_console);

static void run_poweroff(void)
{
	planted_unless_off();
	CHECK(reboot(RB_POWER_OFF));
}

SCENARIO(planted_poweroff,
	 .claim = "a machine that is off too early: incomplete",
	 .controls = PLANTED_OFF, .timeout_s = 10, .suite = SUITE_PLANTED,
	 .run = run_poweroff);
