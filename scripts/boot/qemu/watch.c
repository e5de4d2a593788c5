// SPDX-License-Identifier: GPL-2.0
/* The loop from QEMU's start to its end: bytes, deadlines, signals. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"

#define PANIC_MS 2000 /* for the last lines of a panic and the reset */
#define QUIT_MS 2000 /* for QEMU to end after the command quit */
#define SYSRQ_MS 5000 /* for a silent kernel to print its tasks */

static void set_end(struct run *r, enum boot_end end, const char *detail)
{
	if (r->out->end != END_NONE)
		return;
	r->out->end = end;
	snprintf(r->out->detail, sizeof(r->out->detail), "%s", detail);
}

static void add_detail(struct run *r, const char *text)
{
	size_t len = strlen(r->out->detail);

	snprintf(r->out->detail + len, sizeof(r->out->detail) - len, "%s%s",
		 len ? "; " : "", text);
}

static void enter(struct run *r, enum phase phase, int64_t now, int64_t bound)
{
	r->phase = phase;
	r->due = now + bound;
}

void kill_vm(struct run *r)
{
	r->phase = PHASE_KILLED;
	vm_kill(&r->vm);
}

static void quit_vm(struct run *r, int64_t now)
{
	qmp_command(r->vm.qmp, "quit", NULL);
	enter(r, PHASE_QUIT, now, QUIT_MS);
}

static void signal_input(struct run *r)
{
	struct signalfd_siginfo si;
	char text[64];

	if (read(r->signals, &si, sizeof(si)) != sizeof(si) ||
	    si.ssi_signo == SIGCHLD)
		return;
	if (r->out->signal)
		return;
	r->out->signal = si.ssi_signo;
	r->out->end = END_NONE;
	snprintf(text, sizeof(text), "interrupted by SIG%s",
		 sigabbrev_np(si.ssi_signo));
	set_end(r, END_INTERRUPTED, text);
	kill_vm(r);
}

static void guest_shutdown(struct run *r, int64_t now)
{
	const char *reason = r->qmp.shutdown;
	char text[80];

	if (r->qmp.panicked || !strcmp(reason, "guest-panic"))
		set_end(r, END_PANIC, "the kernel panicked");
	else if (!strcmp(reason, "guest-shutdown"))
		set_end(r, END_POWEROFF, "the guest powered off");
	else if (!strcmp(reason, "guest-reset"))
		set_end(r, END_RESET,
			"the guest asked for a reset, with no panic seen");
	snprintf(text, sizeof(text), "QEMU shut down, reason %s", reason);
	set_end(r, END_VMM_DIED, text);
	enter(r, PHASE_QUIT, now, QUIT_MS);
}

static void send_break(void *arg)
{
	struct run *r = arg;

	qmp_command(r->vm.qmp, "chardev-send-break", "{\"id\":\"console\"}");
}

/*
 * Break and key travel on different channels, so the key waits until QEMU
 * confirms the break.
 */
static bool send_key(void *arg, char key)
{
	struct run *r = arg;

	return r->vm.console >= 0 &&
	       send(r->vm.console, &key, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

static void bound_reached(struct run *r, int64_t now, enum boot_end end,
			  int64_t bound)
{
	char text[120];

	snprintf(text, sizeof(text), "%s %g s",
		 end == END_HANG ? "silence for" : "the run was not over after",
		 bound / 1000.0);
	set_end(r, end, text);
	progress_clear(&r->progress);
	/* A kernel that never printed anything does not read SysRq either. */
	if (!r->console_heard) {
		quit_vm(r, now);
		return;
	}
	if (r->progress.show)
		say("%s; asking the kernel what it is doing", text);
	enter(r, PHASE_ASK, now, SYSRQ_MS);
	r->line = (struct sysrq_line){ send_break, send_key, r };
	sysrq_start(&r->sysrq, &r->line, now);
}

static void check_run(struct run *r, int64_t now)
{
	const struct options *opt = r->opt;

	if (r->qmp.panicked) {
		set_end(r, END_PANIC, "the kernel panicked");
		enter(r, PHASE_PANICKED, now, PANIC_MS);
	} else if (r->terminal.quit) {
		set_end(r, END_INTERRUPTED, "ended from the terminal");
		quit_vm(r, now);
	} else if (opt->deadline_ms && now >= r->start + opt->deadline_ms) {
		bound_reached(r, now, END_DEADLINE, opt->deadline_ms);
	} else if (opt->silence_ms && now >= r->heard + opt->silence_ms) {
		bound_reached(r, now, END_HANG, opt->silence_ms);
	}
}

/* Goes on to the next phase, if input or time demand it. */
static void advance(struct run *r, int64_t now)
{
	if (*r->qmp.shutdown && r->phase < PHASE_QUIT)
		guest_shutdown(r, now);
	switch (r->phase) {
	case PHASE_RUN:
		check_run(r, now);
		break;
	case PHASE_PANICKED:
		if (now >= r->due)
			quit_vm(r, now);
		break;
	case PHASE_ASK:
		if (r->qmp.broke)
			sysrq_broke(&r->sysrq, now);
		r->qmp.broke = false;
		if (sysrq_step(&r->sysrq, now, r->console_heard) ||
		    now >= r->due)
			quit_vm(r, now);
		break;
	case PHASE_QUIT:
		if (now >= r->due) {
			add_detail(r, "QEMU did not leave and was killed");
			kill_vm(r);
		}
		break;
	case PHASE_KILLED:
		break;
	}
}

/* The next time at which advance() or the progress is due; 0: never. */
static int64_t next_due(const struct run *r)
{
	const struct options *opt = r->opt;
	int64_t due[4] = { 0 };
	int64_t first = 0;

	if (r->phase == PHASE_RUN) {
		if (opt->deadline_ms)
			due[0] = r->start + opt->deadline_ms;
		if (opt->silence_ms)
			due[1] = r->heard + opt->silence_ms;
		due[2] = progress_due(&r->progress);
		due[3] = terminal_due(&r->terminal);
	} else if (r->phase != PHASE_KILLED) {
		due[0] = r->due;
		if (r->phase == PHASE_ASK)
			due[1] = sysrq_due(&r->sysrq, r->console_heard);
	}
	for (size_t i = 0; i < sizeof(due) / sizeof(*due); i++)
		if (due[i] && (!first || due[i] < first))
			first = due[i];
	return first;
}

static void wait_and_read(struct run *r)
{
	int *channels[] = { &r->vm.qmp, &r->vm.console, &r->vm.records,
			    &r->vm.log };
	struct pollfd fds[] = {
		{ .fd = r->signals, .events = POLLIN },
		{ .fd = r->timer, .events = POLLIN },
		{ .fd = terminal_wants(&r->terminal), .events = POLLIN },
		{ .fd = r->vm.qmp, .events = POLLIN },
		{ .fd = r->vm.console,
		  .events = POLLIN | (r->terminal.len ? POLLOUT : 0) },
		{ .fd = r->vm.records, .events = POLLIN },
		{ .fd = r->vm.log, .events = POLLIN },
	};
	uint64_t expirations;

	if (poll(fds, sizeof(fds) / sizeof(*fds), -1) < 0)
		return;
	if (fds[0].revents)
		signal_input(r);
	if (fds[1].revents &&
	    read(r->timer, &expirations, sizeof(expirations)) > 0 &&
	    r->phase == PHASE_RUN)
		progress_tick(&r->progress, now_ms());
	if (fds[2].revents)
		terminal_input(&r->terminal);
	for (int i = 0; i < 4; i++)
		if (fds[3 + i].revents & (POLLIN | POLLHUP | POLLERR))
			channel_input(r, channels[i]);
	terminal_end(&r->terminal, now_ms());
	terminal_flush(&r->terminal, r->vm.console);
}

static void describe_death(struct run *r)
{
	int status = r->vm.status;
	char text[100];

	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "QEMU was killed by SIG%s",
			 sigabbrev_np(WTERMSIG(status)));
	else
		snprintf(text, sizeof(text), "QEMU exited with status %d",
			 WEXITSTATUS(status));
	set_end(r, END_VMM_DIED, text);
	if (*r->last_log)
		add_detail(r, r->last_log);
}

static void conclude(struct run *r)
{
	struct outcome *o = r->out;

	o->wall_ms = now_ms() - r->start;
	if (*r->qmp.shutdown && o->end == END_NONE)
		guest_shutdown(r, now_ms());
	if (o->end == END_NONE)
		describe_death(r);
	if (o->end == END_PANIC && *r->progress.panic)
		add_detail(r, r->progress.panic);
	o->started = r->qmp.ready;
	o->truncated = r->console.truncated || r->records.truncated ||
		       r->log.truncated;
	snprintf(o->version, sizeof(o->version), "%s", r->qmp.version);
}

static void prepare(struct run *r)
{
	r->signals = open_signals();
	r->timer = open_timer();
	channels_open(r);
	r->qmp.hold = r->opt->gdb;
	progress_init(&r->progress, !r->opt->quiet && !r->opt->interactive,
		      r->opt->shared, r->opt->eta);
	if (r->opt->gdb)
		say("the guest waits: gdb vmlinux -ex 'target remote :1234'");
	if (r->opt->interactive)
		terminal_attach(&r->terminal, r->opt->prompt);
}

/* Boots once. Ends QEMU and the program when the host fails. */
void watch(struct outcome *o, const struct options *opt, int dir)
{
	static struct run r;

	*o = (struct outcome){ .first_record_ms = -1 };
	r.opt = opt;
	r.out = o;
	r.dir = dir;
	prepare(&r);
	vm_start(&r.vm, opt);
	r.start = r.heard = now_ms();
	while (!vm_reap(&r.vm, false)) {
		advance(&r, now_ms());
		arm_timer(r.timer, next_due(&r));
		wait_and_read(&r);
	}
	channels_drain(&r);
	progress_clear(&r.progress);
	terminal_detach(&r.terminal);
	conclude(&r);
	if (!channels_close(&r))
		exit(STATUS_USAGE);
}
