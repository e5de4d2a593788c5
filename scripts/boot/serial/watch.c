// SPDX-License-Identifier: GPL-2.0
/* The loop from power on to the end of a boot: bytes, deadlines, signals. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "attend.h"
#include "record/entries.h"

#define PANIC_MS 2000 /* for the last lines of a panic */
#define BYE_MS 5000 /* for the last lines behind the last record */
#define SYSRQ_MS 5000 /* for a silent kernel to print its tasks */

/* A boot goes through these in this order; it may leave some out. */
enum phase {
	PHASE_OFF, /* the machine is switched off: it begins afresh */
	PHASE_RUN,
	PHASE_PANICKED, /* the kernel prints its last lines */
	PHASE_BYE, /* so does one that has run all */
	PHASE_ASK, /* a silent kernel is asked for them */
	PHASE_DONE,
};

struct run {
	const struct options *opt;
	struct outcome *out;
	int dir;
	struct line line;
	struct power power;
	struct guest guest;
	struct progress progress;
	struct sysrq sysrq;
	struct sysrq_line keys;
	struct sink console;
	struct sink records; /* stays empty: the console carries them */
	int signals;
	int timer;
	enum phase phase;
	int64_t start; /* of power on */
	int64_t heard; /* when the last record came */
	int64_t console_heard; /* 0: never */
	int64_t due; /* of the phases behind PHASE_RUN */
	bool host_failed; /* a file of the folder cannot be written */
};

static void set_end(struct run *r, enum boot_end end, const char *detail)
{
	if (r->out->end != END_NONE)
		return;
	r->out->end = end;
	snprintf(r->out->detail, sizeof(r->out->detail), "%s", detail);
}

static void enter(struct run *r, enum phase phase, int64_t due)
{
	r->phase = phase;
	r->due = due;
}

static void not_stored(struct run *r, const struct sink *sink)
{
	progress_clear(&r->progress);
	complain("%s: %s", sink->name, strerror(errno));
	r->host_failed = true;
	r->phase = PHASE_DONE;
}

static void keep(void *arg, const char *line, size_t len)
{
	struct run *r = arg;

	if (!r->host_failed && !sink_write(&r->console, r->dir, line, len))
		not_stored(r, &r->console);
}

static void send_break(void *arg)
{
	struct run *r = arg;

	if (line_break(&r->line))
		sysrq_broke(&r->sysrq, now_ms());
	else
		r->due = now_ms();
}

static bool send_key(void *arg, char key)
{
	struct run *r = arg;

	return line_key(&r->line, key);
}

static void console_input(struct run *r)
{
	char data[65536];
	ssize_t n = line_read(&r->line, data, sizeof(data));

	/* A console server may repeat what an older boot has printed. */
	if (r->phase == PHASE_OFF && n >= 0)
		return;
	if (n < 0) {
		set_end(r, END_VMM_DIED, "the console has ended");
		r->phase = PHASE_DONE;
		return;
	}
	if (!n)
		return;
	r->console_heard = now_ms();
	progress_input(&r->progress, data, (size_t)n);
	guest_input(&r->guest, data, (size_t)n);
	if (r->guest.heard) {
		r->heard = r->console_heard;
		if (r->out->first_record_ms < 0)
			r->out->first_record_ms = r->heard - r->start;
	}
	r->guest.heard = false;
}

static void signal_input(struct run *r)
{
	struct signalfd_siginfo si;
	char text[64];

	if (read(r->signals, &si, sizeof(si)) != sizeof(si) ||
	    si.ssi_signo == SIGCHLD)
		return;
	r->out->signal = (int)si.ssi_signo;
	r->out->end = END_NONE;
	snprintf(text, sizeof(text), "interrupted by SIG%s",
		 sigabbrev_np((int)si.ssi_signo));
	set_end(r, END_INTERRUPTED, text);
	r->phase = PHASE_DONE;
}

/* What the time for is over: detail says so. */
static void bound_reached(struct run *r, int64_t now, enum boot_end end,
			  const char *what, int64_t bound)
{
	char text[120];

	snprintf(text, sizeof(text), "%s %g s", what, (double)bound / 1000.0);
	set_end(r, end, text);
	progress_clear(&r->progress);
	/* A kernel that never printed anything does not read SysRq either. */
	if (!r->console_heard) {
		r->phase = PHASE_DONE;
		return;
	}
	if (r->progress.show)
		say("%s; asking the kernel what it is doing", text);
	enter(r, PHASE_ASK, now + SYSRQ_MS);
	r->keys = (struct sysrq_line){ send_break, send_key, r };
	sysrq_start(&r->sysrq, &r->keys, now);
}

/*
 * A boot that is to run a part must say that it does: one that begins at the
 * beginning would come to the same hang again.
 */
static bool is_deaf(const struct run *r)
{
	return r->guest.hello && strstr(r->opt->words, ENTRIES_WORD) &&
	       !strstr(r->guest.words, ENTRIES_WORD);
}

static void check_bounds(struct run *r, int64_t now)
{
	const struct options *opt = r->opt;

	if (opt->deadline_ms && now >= r->start + opt->deadline_ms)
		bound_reached(r, now, END_DEADLINE,
			      "the run was not over after", opt->deadline_ms);
	else if (!r->guest.hello && opt->start_ms &&
		 now >= r->start + opt->start_ms)
		bound_reached(r, now, END_HANG, "no record came within",
			      opt->start_ms);
	else if (r->guest.hello && opt->silence_ms &&
		 now >= r->heard + opt->silence_ms)
		bound_reached(r, now, END_HANG, "silence for", opt->silence_ms);
}

static void check_run(struct run *r, int64_t now)
{
	if (*r->progress.panic) {
		set_end(r, END_PANIC, r->progress.panic);
		enter(r, PHASE_PANICKED, now + PANIC_MS);
	} else if (r->guest.again) {
		set_end(r, END_RESET, "the machine has booted again");
		r->phase = PHASE_DONE;
	} else if (is_deaf(r)) {
		set_end(r, END_INTERRUPTED,
			"the machine began the run anew: it takes no words, "
			"and has no medium that counts its boots");
		r->phase = PHASE_DONE;
	} else if (r->guest.bye || r->guest.off) {
		set_end(r, END_POWEROFF, "the machine powered off");
		enter(r, PHASE_BYE, now + BYE_MS);
	} else if (r->guest.restarts) {
		set_end(r, END_RESET, "the machine restarted");
		r->phase = PHASE_DONE;
	} else {
		check_bounds(r, now);
	}
}

/* Goes on to the next phase, if input or time demand it. */
static void advance(struct run *r, int64_t now)
{
	switch (r->phase) {
	case PHASE_OFF:
		if (!power_done(&r->power, now))
			break;
		power_start(&r->power, r->opt->on, now);
		r->start = now;
		r->phase = PHASE_RUN;
		break;
	case PHASE_RUN:
		power_done(&r->power, now);
		check_run(r, now);
		break;
	case PHASE_PANICKED:
		if (now >= r->due || r->guest.again)
			r->phase = PHASE_DONE;
		break;
	case PHASE_BYE:
		if (now >= r->due || r->guest.off || r->guest.restarts)
			r->phase = PHASE_DONE;
		break;
	case PHASE_ASK:
		if (now >= r->due ||
		    sysrq_step(&r->sysrq, now, r->console_heard))
			r->phase = PHASE_DONE;
		break;
	case PHASE_DONE:
		break;
	}
}

static void add_due(int64_t *first, int64_t due)
{
	if (due && (!*first || due < *first))
		*first = due;
}

/* The next time at which advance() or the progress is due; 0: never. */
static int64_t next_due(const struct run *r)
{
	const struct options *opt = r->opt;
	int64_t first = 0;

	if (r->power.pid)
		add_due(&first, r->power.due_ms);
	if (r->phase == PHASE_RUN) {
		if (opt->deadline_ms)
			add_due(&first, r->start + opt->deadline_ms);
		if (!r->guest.hello && opt->start_ms)
			add_due(&first, r->start + opt->start_ms);
		if (r->guest.hello && opt->silence_ms)
			add_due(&first, r->heard + opt->silence_ms);
		add_due(&first, progress_due(&r->progress));
	} else if (r->phase != PHASE_OFF) {
		add_due(&first, r->due);
		if (r->phase == PHASE_ASK)
			add_due(&first, sysrq_due(&r->sysrq, r->console_heard));
	}
	return first;
}

static void wait_and_read(struct run *r)
{
	struct pollfd fds[] = {
		{ .fd = r->signals, .events = POLLIN },
		{ .fd = r->timer, .events = POLLIN },
		{ .fd = r->line.fd, .events = POLLIN },
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
	if (fds[2].revents && r->phase != PHASE_DONE)
		console_input(r);
}

static void prepare(struct run *r)
{
	const struct options *opt = r->opt;

	r->signals = open_signals();
	r->timer = open_timer();
	r->console = (struct sink){ BOOT_CONSOLE, CONSOLE_CAP, -1, 0, false };
	r->records = (struct sink){ BOOT_RECORDS, RECORDS_CAP, -1, 0, false };
	if (!sink_open(&r->console, r->dir))
		not_stored(r, &r->console);
	else if (!sink_open(&r->records, r->dir))
		not_stored(r, &r->records);
	if (r->host_failed)
		exit(STATUS_USAGE);
	r->guest.keep = keep;
	r->guest.arg = r;
	r->power.dir = r->dir;
	r->power.words = opt->words;
	line_open(&r->line, opt->console);
	progress_init(&r->progress, !opt->quiet, false, opt->eta);
	if (!opt->on && !opt->off && !opt->quiet)
		say("switch the machine on now, if it is not on");
}

static void conclude(struct run *r)
{
	struct outcome *o = r->out;

	guest_flush(&r->guest);
	power_end(&r->power);
	line_close(&r->line);
	o->wall_ms = now_ms() - r->start;
	o->truncated = r->console.truncated;
	o->words = r->guest.words ? r->guest.words : r->opt->words;
	if (!sink_close(&r->records) && !r->host_failed)
		not_stored(r, &r->records);
	if (!sink_close(&r->console) && !r->host_failed)
		not_stored(r, &r->console);
	if (r->host_failed)
		exit(STATUS_USAGE);
}

void watch(struct outcome *o, const struct options *opt, int dir)
{
	static struct run r;

	*o = (struct outcome){ .first_record_ms = -1 };
	r.opt = opt;
	r.out = o;
	r.dir = dir;
	prepare(&r);
	r.start = now_ms();
	power_start(&r.power, opt->off, r.start);
	for (;;) {
		advance(&r, now_ms());
		/* A switch that fails is told, however the boot ended. */
		if (r.phase == PHASE_DONE &&
		    (o->signal || power_done(&r.power, now_ms())))
			break;
		arm_timer(r.timer, next_due(&r));
		wait_and_read(&r);
	}
	progress_clear(&r.progress);
	conclude(&r);
}
