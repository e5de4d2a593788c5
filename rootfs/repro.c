// SPDX-License-Identifier: GPL-2.0
// Runs one scenario as a program of its own, on any machine.  `make repro` puts
// it into its output, in place of init's runner.
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "module.h"
#include "record/status.h"
#include "report.h"
#include "scenario.h"

#ifndef REPRO_NAME
#error "compile the output of make repro instead"
#endif

/* Exit status: the kernel lacks what the scenario needs. */
#define STATUS_SKIP 77
/* For a blocked child to end after its limits are lifted. */
#define LIFT_MS 3000
#define KILL_MS 5000

/* Filled by SCENARIO(). */
extern const struct scenario *const __start_scenarios[];
extern const struct scenario *const __stop_scenarios[];

static const char usage[] =
	"usage: repro [--cell 'AXIS=VALUE...'] [--driver NAME]\n"
	"             [--variant NAME] [--module FILE]\n"
	"\n"
	"Run it as root on a machine for experiments.  It loads modules, and\n"
	"makes cgroups, loop devices and mounts in its own mount namespace.\n"
	"  --cell     one of the cells below; the default is the first\n"
	"  --driver   the driver to test: loop, or another that is installed\n"
	"  --variant  a variant of the scenario, to compare with\n"
	"  --module   load the driver's module from this file\n"
	"\n"
	"Exit status: 0 the claim held; 1 it failed; 2 wrong usage; 3 the\n"
	"kernel reported a fault of its own; 4 no verdict; 77 the kernel\n"
	"lacks something that the scenario needs.\n"
	"\n";

struct play {
	struct entry entry;
	const char *module_file;
	pid_t child;
	int pidfd, pipe;
	bool concluded;
	enum claim claim;
	char reason[sizeof(((struct report *)0)->text)];
	struct report holds[HOLDS_MAX];
	int hold_count;
};

static const struct scenario *find_scenario(void)
{
	const struct scenario *const *s = __start_scenarios;

	while (strcmp(scenario_name(*s), REPRO_NAME))
		s++;
	return *s;
}

static __noreturn void complain(const char *what, const char *value,
				const char *allowed)
{
	fprintf(stderr, "repro: %s '%s': %s\n", what, value, allowed);
	exit(STATUS_USAGE);
}

static void help(const struct scenario *s)
{
	const char *const *cell;
	const struct control *c;

	printf("%s%s\n  %s\n", usage, REPRO_NAME, s->claim);
	for (cell = s->cells; cell && *cell; cell++)
		printf("  --cell '%s'\n", *cell);
	for (c = s->controls; c->driver; c++)
		if (c->variant)
			printf("  --driver %s --variant %s: must come out %s\n",
			       c->driver, c->variant,
			       c->expect == EXPECT_TRUE ? "true" : "false");
		else
			printf("  --driver %s: must come out %s\n", c->driver,
			       c->expect == EXPECT_TRUE ? "true" : "false");
}

static void set_cell(struct entry *e, const char *name)
{
	const char *const *cell = e->scenario->cells;

	while (cell && *cell && strcmp(*cell, name))
		cell++;
	if (!cell || !*cell)
		complain("--cell", name, "none of those that --help lists");
	e->cell = *cell;
}

static void set_driver(struct entry *e, const char *name)
{
	e->driver = driver_find(name);
	if (!e->driver)
		complain("--driver", name,
			 "none, loop, cgloop, or a control "
			 "that --help lists");
}

static void set_variant(struct entry *e, const char *name)
{
	const struct control *c;

	for (c = e->scenario->controls; c->driver; c++)
		if (c->variant && !strcmp(c->variant, name))
			e->variant = c->variant;
	if (!e->variant)
		complain("--variant", name, "none of those that --help lists");
}

static void take_args(struct play *p, int argc, char **argv)
{
	static const struct option options[] = {
		{ "cell", required_argument, NULL, 'c' },
		{ "driver", required_argument, NULL, 'd' },
		{ "variant", required_argument, NULL, 'v' },
		{ "module", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct entry *e = &p->entry;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (c == 'h') {
			help(e->scenario);
			exit(0);
		}
		if (c == 'c')
			set_cell(e, optarg);
		else if (c == 'd')
			set_driver(e, optarg);
		else if (c == 'v')
			set_variant(e, optarg);
		else if (c == 'm')
			p->module_file = optarg;
		else
			complain("option", argv[optind - 1],
				 "unknown, or without its value; see --help");
	}
	if (optind < argc)
		complain("argument", argv[optind],
			 "allowed are options only; see --help");
}

/*
 * In a mount namespace of our own: no other process sees our mounts, and they
 * end with us.  /tmp is a tmpfs, as in the machine under test.
 */
static void make_world(void)
{
	if (geteuid())
		complain("user", "not root", "run it as root");
	CHECK(unshare(CLONE_NEWNS));
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	/* EBUSY: it is mounted already. */
	if (mount("cgroup2", CGROUP_ROOT, "cgroup2", 0, NULL) < 0 &&
	    errno != EBUSY)
		complain("cgroup2 at", CGROUP_ROOT, strerror(errno));
	CHECK(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"));
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1));
}

/* Enables a controller below the root; false: it was enabled already. */
static bool enable(const char *controller)
{
	char file[] = CGROUP_ROOT "/cgroup.subtree_control";
	char now[PATH_LEN], word[32];

	text_set(word, sizeof(word), "+%s", controller);
	if (file_read(file, now, sizeof(now)) >= 0 && strstr(now, word + 1))
		return false;
	return file_write(file, word) == 0;
}

static void take(struct play *p, const struct report *r)
{
	if (r->kind == REPORT_EVIDENCE) {
		printf("evidence: %s %lld %s\n", r->name, r->value, r->text);
	} else if (r->kind == REPORT_HOLDS) {
		if (p->hold_count < HOLDS_MAX)
			p->holds[p->hold_count++] = *r;
	} else if (!p->concluded || r->value >= CLAIM_ERROR) {
		p->concluded = true;
		p->claim = r->value;
		text_set(p->reason, sizeof(p->reason), "%s", r->text);
	}
}

/* Reads reports until the child ends; false: ms are over before. */
static bool watch(struct play *p, int ms)
{
	struct pollfd fds[] = { { .fd = p->pidfd, .events = POLLIN },
				{ .fd = p->pipe, .events = POLLIN } };
	long long left, end = now_ms() + ms;
	struct report r;

	do {
		left = end - now_ms();
		if (poll(fds, ARRAY_SIZE(fds), left > 0 ? left : 0) < 0)
			CHECK(errno == EINTR ? 0 : -1);
		while (read(p->pipe, &r, sizeof(r)) == sizeof(r))
			take(p, &r);
	} while (!fds[0].revents && left > 0);
	return fds[0].revents;
}

static void start(struct play *p)
{
	int fds[2];

	CHECK(pipe2(fds, O_CLOEXEC));
	fflush(NULL);
	p->child = CHECK(fork());
	if (!p->child) {
		close(fds[0]);
		scenario_play(&p->entry, fds[1]);
	}
	close(fds[1]);
	p->pipe = fds[0];
	CHECK(fcntl(p->pipe, F_SETFL, O_NONBLOCK));
	p->pidfd = CHECK(syscall(SYS_pidfd_open, p->child, 0));
}

/* Lifts its limits first: a task that io.max blocks takes no signal. */
static void end_late(struct play *p)
{
	int i;

	p->concluded = true;
	p->claim = CLAIM_TIMEOUT;
	text_set(p->reason, sizeof(p->reason), "not done after %u s",
		 p->entry.scenario->timeout_s);
	for (i = 0; i < p->hold_count; i++)
		file_write(p->holds[i].name, p->holds[i].text);
	if (!p->hold_count || !watch(p, LIFT_MS))
		kill(p->child, SIGKILL);
}

static void run(struct play *p)
{
	char group[PATH_LEN], main_group[PATH_LEN], folder[PATH_LEN];
	int status;

	entry_group(&p->entry, group);
	entry_folder(&p->entry, folder);
	text_set(main_group, sizeof(main_group), "%s/main", group);
	CHECK(cgroup_make(group, ""));
	cgroup_hand_down(group);
	CHECK(cgroup_make(main_group, ""));
	CHECK(mkdir(folder, 0755));
	start(p);
	if (!watch(p, p->entry.scenario->timeout_s * 1000))
		end_late(p);
	if (!cgroup_kill(group, KILL_MS))
		printf("left:     a process that takes no signal, in %s\n",
		       group);
	while (waitpid(-1, &status, WNOHANG) > 0)
		;
	if (!p->concluded) {
		p->claim = CLAIM_ERROR;
		text_set(p->reason, sizeof(p->reason),
			 "the scenario reported nothing");
	}
	cgroup_empty(group);
	cgroup_remove(group);
}

/* Loads the module from a file, with the parameters of the driver table. */
static void load_from(const struct play *p, const char *file)
{
	const struct driver *d = p->entry.driver;
	const char *faults = driver_has_faults(d) ? p->entry.variant : NULL;
	char params[PATH_LEN];
	int fd;

	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		complain("--module", file, strerror(errno));
	text_set(params, sizeof(params), "%s%s%s", d->params,
		 faults ? " inject=" : "", faults ? faults : "");
	if (syscall(SYS_finit_module, fd, params, 0) < 0 && errno != EEXIST)
		complain("--module", file, strerror(errno));
	close(fd);
}

static void splat_or_not(struct play *p, struct klog *log)
{
	klog_read(log);
	klog_close(log);
	if (!log->splats)
		return;
	p->claim = CLAIM_SPLAT;
	text_set(p->reason, sizeof(p->reason), "%s", log->splat);
}

static void measure(struct play *p)
{
	const struct scenario *s = p->entry.scenario;
	const char *unmet;
	struct klog log;

	if (p->module_file)
		load_from(p, p->module_file);
	unmet = scenario_unmet(&p->entry);
	if (unmet) {
		p->claim = CLAIM_SKIP;
		text_set(p->reason, sizeof(p->reason), "no %s", unmet);
		return;
	}
	CHECK(klog_open(&log, s->expect_events));
	if (scenario_load(&p->entry) < 0)
		FAIL(errno, "load a module");
	run(p);
	splat_or_not(p, &log);
}

/* Leaves the machine as it was. */
static void measure_and_undo(struct play *p)
{
	static char modules[MODULE_NAMES];
	bool memory, io;

	module_list(modules, sizeof(modules));
	memory = enable("memory");
	io = enable("io");
	measure(p);
	if (module_unload_new(modules, KILL_MS))
		printf("left:     modules that are in use\n");
	if (memory)
		cgroup_write("", "cgroup.subtree_control", "-memory");
	if (io)
		cgroup_write("", "cgroup.subtree_control", "-io");
}

static int conclude(const struct play *p)
{
	static const struct {
		const char *name;
		int status;
	} verdicts[] = {
		[CLAIM_HELD] = { "held", STATUS_EXPECTED },
		[CLAIM_FAILED] = { "failed", STATUS_CLAIM },
		[CLAIM_SKIP] = { "skipped", STATUS_SKIP },
		[CLAIM_ERROR] = { "error", STATUS_HARNESS },
		[CLAIM_TIMEOUT] = { "timeout", STATUS_HARNESS },
		[CLAIM_SPLAT] = { "splat", STATUS_MACHINE },
	};

	printf("verdict:  %s%s%s (exit status %d)\n", verdicts[p->claim].name,
	       *p->reason ? ": " : "", p->reason, verdicts[p->claim].status);
	return verdicts[p->claim].status;
}

/* For check_hook: a check has failed outside the scenario. */
static void give_up(const char *text)
{
	printf("verdict:  error: %s (exit status %d)\n", text, STATUS_HARNESS);
	exit(STATUS_HARNESS);
}

int main(int argc, char **argv)
{
	const struct scenario *s = find_scenario();
	bool needs_driver = scenario_needs(s, "driver");
	struct play p = {
		.entry = { .scenario = s,
			   .cell = s->cells ? s->cells[0] : "",
			   .driver = driver_find(needs_driver ? "loop" :
								"none") },
	};

	check_hook = give_up;
	take_args(&p, argc, argv);
	make_world();
	printf("claim:    %s\n", s->claim);
	if (*p.entry.cell)
		printf("cell:     %s\n", p.entry.cell);
	printf("driver:   %s\n", p.entry.driver->name);
	measure_and_undo(&p);
	return conclude(&p);
}
