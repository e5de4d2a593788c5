// SPDX-License-Identifier: GPL-2.0
// PID 1 of the machine under test: mount, plan, run, power off.  With an option
// it prints lists and plans on the host, or runs scenarios from a shell.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "consoles.h"
#include "coverage.h"
#include "hardware.h"
#include "ktap.h"
#include "machine.h"
#include "modprobe.h"
#include "modules.h"
#include "own_disk.h"
#include "plan.h"
#include "record.h"
#include "rig.h"
#include "runner.h"
#include "system.h"

#define CMDLINE_MAX 4096

static const char usage[] =
	"usage: init --plan [WORD...]     print the plan, one JSON line each\n"
	"       init --cells [WORD...]    print NAME/AXIS=VALUE,... per cell\n"
	"       init --list [WORD...]     print the scenarios for people\n"
	"       init --needs [WORD...]    print what each entry needs\n"
	"       init --modules            print the modules that may be loaded\n"
	"       init --hardware           print the drivers of real machines\n"
	"       init --raid               print those of RAID adapters\n"
	"       init --run GLOB [DRIVER]  run scenarios here, in the machine\n"
	"       init --help\n"
	"A WORD is one of these, as on the kernel's command line:\n";

static char error[PATH_LEN];

static void hello(const struct plan *p, const char *channel,
		  const char *cmdline, const struct rig *rig)
{
	struct utsname uts;
	char crc[16];
	struct json j;

	CHECK(uname(&uts));
	text_set(crc, sizeof(crc), "%08x", plan_crc(p));
	json_begin(&j, RECORD_HELLO);
	json_number(&j, "schema", RECORD_SCHEMA);
	json_text(&j, "kernel", uts.release);
	json_text(&j, "build", uts.version);
	json_number(&j, "ms", now_ms());
	json_text(&j, "channel", channel);
	json_text(&j, "cmdline", cmdline);
	json_number(&j, "plan", p->count);
	json_text(&j, "plan_crc", crc);
	machine_describe(&j);
	if (rig->run) {
		json_number(&j, "run", rig->run);
		json_number(&j, "run_boot", rig->boot);
		json_text(&j, "after", rig->after);
		json_text(&j, "entries", rig->entries);
	}
	json_end(&j);
	record_send(&j);
}

static void bye(int ran)
{
	struct json j;

	json_begin(&j, RECORD_BYE);
	json_number(&j, "ran", ran);
	json_number(&j, "ms", now_ms());
	json_end(&j);
	record_send(&j);
}

/*
 * Returns how many entries did not come out as they should.  -1: the machine is
 * not fit to go on, and the caller sends no bye.
 */
static int run_all(const struct plan *p, const struct options *o, int *ran)
{
	bool fit = true;
	int i, bad;

	ktap_start(p, o);
	runner_start();
	*ran = 0;
	for (i = 0; i < p->count && fit; i++) {
		if (!options_run(o, i))
			continue;
		fit = runner_run(&p->entries[i]);
		++*ran;
	}
	bad = runner_finish(fit);
	return fit ? bad : -1;
}

static void read_cmdline(struct options *o, char *cmdline)
{
	static char words[CMDLINE_MAX];

	CHECK(file_read("/proc/cmdline", cmdline, CMDLINE_MAX));
	cmdline[strcspn(cmdline, "\n")] = '\0';
	text_set(words, sizeof(words), "%s", cmdline);
	if (!options_cmdline(o, words, error))
		FAIL(0, "%s", error);
}

/*
 * A CPU that is stuck in the kernel soon stops the others, too.  A debug kernel
 * may just be slow: it freed what the scenario `reserve` had held in a softirq
 * of 22 s.  60 makes the bound two minutes.
 */
static void watch_for_lockups(void)
{
	file_write("/proc/sys/kernel/softlockup_panic", "1");
	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		file_write("/proc/sys/kernel/watchdog_thresh", "60");
}

static __noreturn void be_init(void)
{
	struct plan plan = { 0 };
	struct options options = { .rounds = 7 };
	char cmdline[CMDLINE_MAX];
	const char *channel;
	struct rig rig;
	int ran = 0;

	check_hook = system_die;
	system_mount();
	system_fill_streams();
	consoles_choose();
	watch_for_lockups();
	read_cmdline(&options, cmdline);
	if (options.reboot)
		system_reboot_at_end();
	if (options.shell) {
		hardware_load(HARDWARE_KEYBOARDS);
		system_shell();
		system_off();
	}
	if (!plan_make(&plan, &options, error))
		FAIL(0, "%s", error);
	modules_load_channel();
	channel = record_open(options.records);
	consoles_open();
	if (options.disk)
		own_disk_take(options.disk);
	rig_start(&rig, &options, &plan);
	hello(&plan, channel, cmdline, &rig);
	if (rig.done || (!options.probe && run_all(&plan, &options, &ran) >= 0))
		bye(ran);
	coverage_print();
	rig_stop();
	system_off();
}

static int complain(const char *what)
{
	fprintf(stderr, "init: %s\n", what);
	return 2;
}

static void print_json(const struct plan *p)
{
	struct json j;
	int i;

	for (i = 0; i < p->count; i++) {
		plan_line(&p->entries[i], &j);
		puts(j.text);
	}
}

/* --plan, --cells, --list and --needs. */
static int show(void (*print)(const struct plan *p), char **words)
{
	struct options options = { .rounds = 7 };
	struct plan plan = { 0 };

	for (; *words; words++)
		if (!options_word(&options, *words, error))
			return complain(error);
	if (!plan_make(&plan, &options, error))
		return complain(error);
	print(&plan);
	return 0;
}

/* --run: the runner as a process of the shell; it sends no records. */
static int run_here(char **args)
{
	struct options options = { .suite = SUITE_FULL };
	struct plan plan = { 0 };
	char word[PATH_LEN];
	int bad, ran;

	if (!args[0] || (args[1] && args[2]))
		return complain("--run takes GLOB [DRIVER]");
	options.scenarios = args[0];
	if (!strncmp(args[0], "planted", 7))
		options.suite = SUITE_PLANTED;
	if (!strncmp(args[0], "soak", 4))
		options.suite = SUITE_SOAK;
	if (args[1]) {
		text_set(word, sizeof(word), "cb.drivers=%s", args[1]);
		if (!options_word(&options, word, error))
			return complain(error);
	}
	if (!plan_make(&plan, &options, error))
		return complain(error);
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	file_put("/proc/self/oom_score_adj", "-1000");
	bad = run_all(&plan, &options, &ran);
	if (bad < 0)
		return complain("the machine is not fit for more: reboot it");
	return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;

	/* A shell that has found it in its PATH gives the bare name. */
	if (argc && !strcmp(slash ? slash + 1 : argv[0], "modprobe"))
		return modprobe_main(argv + 1);
	if (getpid() == 1 && strncmp(mode, "--", 2))
		be_init();
	if (!strcmp(mode, "--plan"))
		return show(print_json, argv + 2);
	if (!strcmp(mode, "--list"))
		return show(plan_print, argv + 2);
	if (!strcmp(mode, "--cells"))
		return show(plan_print_cells, argv + 2);
	if (!strcmp(mode, "--needs"))
		return show(modules_print_needs, argv + 2);
	if (!strcmp(mode, "--modules")) {
		modules_print();
		return 0;
	}
	if (!strcmp(mode, "--hardware") || !strcmp(mode, "--raid")) {
		hardware_print(!strcmp(mode, "--raid"));
		return 0;
	}
	if (!strcmp(mode, "--run"))
		return run_here(argv + 2);
	if (!strcmp(mode, "--help")) {
		printf("%s%s", usage, options_help);
		return 0;
	}
	return complain("allowed is --plan, --cells, --list, --needs, "
			"--modules, --hardware, --raid, --run, --help");
}
