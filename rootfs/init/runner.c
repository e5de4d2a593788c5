// SPDX-License-Identifier: GPL-2.0
// Runs one entry of the plan: a child, a cgroup, a deadline; then the meters.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "leaks.h"
#include "meters.h"
#include "record.h"
#include "runner.h"

#define TICK_MS 500
/* For a blocked child to end after its limits are lifted. */
#define LIFT_MS 3000
#define KILL_MS 5000
/*
 * For the last references to a removed cgroup.  The OOM reaper keeps each
 * killed task, and so its cgroup, for two seconds.
 */
#define DYING_MS 6000
/* Without a kill: a grace period or two. */
#define SETTLE_MS 100
/* One scan for leaks takes seconds, and covers all entries since the last. */
#define SCAN_EVERY_MS 60000

struct run {
	const struct entry *entry;
	long long start;
	pid_t child;
	int pidfd, pipe;
	struct klog log;
	struct meters meters;
	bool concluded;
	enum claim claim;
	char reason[sizeof(((struct report *)0)->text)];
	char evidence[2048];
	struct report holds[HOLDS_MAX];
	int hold_count;
	bool survivors;
	long long ms,
		until; /* its duration; when to stop waiting for cgroups */
	long long ended; /* when its meters had been read */
	/* The same span on the clock by which the kernel dates allocations. */
	unsigned long clock_began, clock_ended;
	bool settled, scanned; /* its cgroups are freed; leaks were scanned */
	struct run *next;
};

/* Entries that wait for their cgroups to be freed, the oldest first. */
static struct run *waiting;
static bool finishing;
static long long last_scan;
static int bad;

/* The kernel's log since the end of the last entry, or since boot. */
static struct klog between;

/* The entry that runs; NULL: none. */
static const struct entry *current;
static long long next_tick;

/* Sends a tick of the entry that runs, or else of one that waits. */
static void tick(void)
{
	const struct entry *e = current;
	struct json j;

	if (!e && waiting)
		e = waiting->entry;
	if (!e || now_ms() < next_tick)
		return;
	next_tick = now_ms() + TICK_MS;
	json_begin(&j, RECORD_TICK);
	json_number(&j, "id", e->id);
	json_number(&j, "ms", now_ms());
	json_end(&j);
	record_send(&j);
}

/* The first error stays.  A second claim is an error, too. */
static void conclude(struct run *r, enum claim claim, const char *reason)
{
	if (r->concluded && r->claim >= CLAIM_ERROR)
		return;
	if (r->concluded && claim < CLAIM_ERROR) {
		claim = CLAIM_ERROR;
		reason = "concluded twice";
	}
	r->concluded = true;
	r->claim = claim;
	snprintf(r->reason, sizeof(r->reason), "%s", reason);
}

/* Keeps evidence for the console, which shows an entry's lines together. */
static void note_evidence(struct run *r, const struct report *report)
{
	size_t len = strlen(r->evidence);

	snprintf(r->evidence + len, sizeof(r->evidence) - len,
		 "# %s: %lld %s\n", report->name, report->value, report->text);
}

/* Makes a record of a report. */
static void pass_on(const struct run *r, const struct report *report,
		    const char *type, const char *value, const char *text)
{
	struct json j;

	json_begin(&j, type);
	json_number(&j, "id", r->entry->id);
	json_text(&j, "name", report->name);
	json_number(&j, value, report->value);
	json_text(&j, text, report->text);
	json_end(&j);
	record_send(&j);
}

static void take(struct run *r, const struct report *report)
{
	switch (report->kind) {
	case REPORT_EVIDENCE:
		pass_on(r, report, RECORD_EVIDENCE, "value", "unit");
		note_evidence(r, report);
		break;
	case REPORT_OUTPUT:
		pass_on(r, report, RECORD_OUTPUT, "part", "text");
		break;
	case REPORT_OUTPUT_END:
		pass_on(r, report, RECORD_OUTPUT_END, "parts", "crc");
		break;
	case REPORT_WINDOW:
		pass_on(r, report, RECORD_WINDOW, "requests", "driver");
		break;
	case REPORT_SYMBOLS:
		pass_on(r, report, RECORD_SYMBOLS, "part", "text");
		break;
	case REPORT_HOLDS:
		if (r->hold_count == HOLDS_MAX)
			conclude(r, CLAIM_ERROR, "holds more than it may");
		else
			r->holds[r->hold_count++] = *report;
		break;
	case REPORT_CLAIM:
		conclude(r, report->value, report->text);
		break;
	}
}

static void read_reports(struct run *r)
{
	struct report report;

	while (read(r->pipe, &report, sizeof(report)) == sizeof(report))
		take(r, &report);
}

/* Reads reports until the child ends; false: the time is over before. */
static bool watch(struct run *r, long long end)
{
	struct pollfd fds[] = {
		{ .fd = r->pidfd, .events = POLLIN },
		{ .fd = r->pipe, .events = POLLIN },
		{ .fd = r->log.fd, .events = POLLIN },
	};
	long long until;

	for (;;) {
		tick();
		until = next_tick < end ? next_tick : end;
		until -= now_ms();
		if (poll(fds, ARRAY_SIZE(fds), until > 0 ? until : 0) < 0)
			CHECK(errno == EINTR ? 0 : -1);
		read_reports(r);
		klog_read(&r->log);
		if (fds[0].revents)
			return true;
		if (now_ms() >= end)
			return false;
	}
}

static unsigned int timeout_s(const struct run *r)
{
	return r->entry->scenario->timeout_s * patience;
}

/*
 * A task that io.max blocks takes no signal, and its cgroup cannot be removed.
 * So lift the registered limits first.
 */
static void end_late(struct run *r, const char *group)
{
	char reason[64];
	int i;

	snprintf(reason, sizeof(reason), "not done after %u s", timeout_s(r));
	conclude(r, CLAIM_TIMEOUT, reason);
	for (i = 0; i < r->hold_count; i++)
		file_write(r->holds[i].name, r->holds[i].text);
	if (r->hold_count && watch(r, now_ms() + LIFT_MS))
		return;
	kill(r->child, SIGKILL);
	cgroup_kill(group, KILL_MS);
	if (!watch(r, now_ms() + KILL_MS)) {
		r->survivors = true;
		strcat(reason, ", and SIGKILL does not end it");
		snprintf(r->reason, sizeof(r->reason), "%s", reason);
	}
}

static void begin(struct run *r)
{
	struct json j;

	r->start = now_ms();
	json_begin(&j, RECORD_BEGIN);
	json_number(&j, "id", r->entry->id);
	json_number(&j, "ms", r->start);
	json_end(&j);
	record_send(&j);
	next_tick = r->start + TICK_MS;
}

/* Different lines, each in a record; then how many more there were. */
static void warn(const struct run *r)
{
	unsigned int i;
	struct json j;

	for (i = 0; i < r->log.warnings && i <= KLOG_WARNINGS; i++) {
		char more[64];

		text_set(more, sizeof(more), "%u more lines of this level",
			 r->log.warnings - KLOG_WARNINGS);
		json_begin(&j, RECORD_WARNING);
		json_number(&j, "id", r->entry->id);
		json_text(&j, "text",
			  i < KLOG_WARNINGS ? r->log.warning[i] : more);
		json_end(&j);
		record_send(&j);
	}
}

static void end(struct run *r)
{
	struct json j;
	int i;

	warn(r);
	json_begin(&j, RECORD_END);
	json_number(&j, "id", r->entry->id);
	json_text(&j, "claim", claim_names[r->claim]);
	json_text(&j, "reason", r->reason);
	json_number(&j, "ms", r->ms);
	json_open(&j, "meters", '[');
	for (i = 0; i < r->meters.count; i++)
		json_text(&j, NULL, r->meters.moved[i]);
	json_close(&j, ']');
	json_end(&j);
	record_send(&j);
	bad += !ktap_end(r->entry, r->claim, r->reason, &r->meters, r->evidence,
			 r->ms);
	if (current == r->entry)
		current = NULL;
	free(r);
}

/* Blames the entry that was running when it was allocated. */
static void note_leak(unsigned long when, const char *what)
{
	struct run *r = waiting;

	while (r->next && (when < r->clock_began || when > r->clock_ended))
		r = r->next;
	meters_leak(&r->meters, what);
}

/* Scans for leaks if an entry is old enough; when finishing, if all are. */
static void scan_leaks(void)
{
	struct run *r = waiting;
	long long start = now_ms();

	while (r && (r->scanned || (finishing && r->next)))
		r = r->next;
	if (!r || start < r->ended + LEAKS_AGE_MS ||
	    (!finishing && start < last_scan + SCAN_EVERY_MS))
		return;
	leaks_scan(note_leak);
	last_scan = start;
	for (r = waiting; r; r = r->next)
		r->scanned = start >= r->ended + LEAKS_AGE_MS;
}

/*
 * Ends the entries whose cgroups are freed, or whose time for that is over.
 * Returns whether the cgroups of all are freed.
 */
static bool end_settled(void *unused)
{
	struct run **at = &waiting, *r;
	bool gone = true;

	(void)unused;
	if (leaks_watched())
		scan_leaks();
	while ((r = *at)) {
		if (!r->settled)
			r->settled =
				meters_settled(&r->meters, now_ms() > r->until);
		gone = gone && r->settled;
		if (r->settled && r->scanned) {
			*at = r->next;
			end(r);
		} else {
			at = &r->next;
		}
	}
	return gone;
}

static bool end_all(void *unused)
{
	end_settled(unused);
	return !waiting;
}

/*
 * False if the kernel logged a splat while no entry ran.  That is recorded as
 * stray, not as the verdict of an entry.
 */
static bool is_whole(void)
{
	struct json j;

	klog_read(&between);
	if (between.lost && !between.splats++)
		text_set(between.splat, sizeof(between.splat),
			 "the log was overwritten before it was read");
	if (!between.splats)
		return true;
	between.lost = 0;
	between.splats = 0;
	ktap_stray(between.splat);
	json_begin(&j, RECORD_STRAY);
	json_text(&j, "splat", between.splat);
	json_end(&j);
	record_send(&j);
	return false;
}

/*
 * Goes on after a splat at boot: the next boot would have it as well.
 *
 * A debug kernel takes about ten times as long: 108 s for what `own-memory` has
 * done elsewhere in 9 of its 60 s.  On a busy host that is doubled.
 */
void runner_start(void)
{
	CHECK(klog_open_boot(&between));
	is_whole();
	leaks_watch();
	patience = leaks_watched() ? 20 : 1;
}

int runner_finish(bool fit)
{
	finishing = true;
	wait_hook = tick;
	wait_until(end_all, NULL, DYING_MS + LEAKS_AGE_MS + 1000);
	wait_hook = NULL;
	if (fit)
		is_whole();
	klog_close(&between);
	return bad;
}

static void start_child(struct run *r)
{
	int fds[2];

	CHECK(pipe2(fds, O_CLOEXEC));
	fflush(NULL);
	r->child = CHECK(fork());
	if (!r->child) {
		CHECK(setsid());
		file_put("/proc/self/oom_score_adj", "0");
		close(fds[0]);
		scenario_play(r->entry, fds[1]);
	}
	close(fds[1]);
	r->pipe = fds[0];
	CHECK(fcntl(r->pipe, F_SETFL, O_NONBLOCK));
	r->pidfd = CHECK(syscall(SYS_pidfd_open, r->child, 0));
}

/* Reaps the child, and orphans that became ours as their subreaper. */
static void reap(struct run *r)
{
	int status, child = 0;
	char reason[64];
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == r->child)
			child = status;
	close(r->pipe);
	close(r->pidfd);
	if (WIFSIGNALED(child))
		snprintf(reason, sizeof(reason), "ended by signal %d",
			 WTERMSIG(child));
	else
		snprintf(reason, sizeof(reason), "reported nothing");
	if (!r->concluded)
		conclude(r, CLAIM_ERROR, reason);
}

static void run_child(struct run *r)
{
	char group[PATH_LEN], main_group[PATH_LEN], folder[PATH_LEN];

	entry_group(r->entry, group);
	entry_folder(r->entry, folder);
	text_set(main_group, sizeof(main_group), "%s/main", group);
	CHECK(cgroup_make(group, ""));
	cgroup_hand_down(group);
	CHECK(cgroup_make(main_group, ""));
	CHECK(mkdir(folder, 0755));
	start_child(r);
	if (!watch(r, r->start + timeout_s(r) * 1000LL))
		end_late(r, group);
	reap(r);
	/* Do not wait for a process that takes no signal. */
	if (!r->survivors)
		r->survivors = !meters_finish(&r->meters, r->entry);
}

/* Runs an entry whose needs are met. */
static void measure(struct run *r)
{
	/* Without debugfs the kernel prints each warning once per boot. */
	file_write("/sys/kernel/debug/clear_warn_once", "1");
	r->clock_began = leaks_watched() ? leaks_clock() : 0;
	wait_hook = tick;
	run_child(r);
	wait_hook = NULL;
	klog_read(&r->log);
	meters_log(&r->meters, &r->log);
	if (r->log.splats) {
		r->claim = CLAIM_SPLAT;
		snprintf(r->reason, sizeof(r->reason), "%s", r->log.splat);
	}
}

/*
 * Ends an entry when its cgroups are freed; the next one runs meanwhile.  After
 * a kill that takes seconds.
 */
static void end_later(struct run *r)
{
	bool kills = r->entry->scenario->expect_events & KLOG_MEMCG_OOM;
	struct run **at = &waiting;

	r->ended = now_ms();
	r->clock_ended = leaks_watched() ? leaks_clock() : 0;
	r->scanned = !leaks_watched();
	r->until = r->ended + DYING_MS;
	while (*at)
		at = &(*at)->next;
	*at = r;
	wait_hook = tick;
	wait_until(end_settled, NULL, kills ? 0 : SETTLE_MS);
	wait_hook = NULL;
}

bool runner_run(const struct entry *e)
{
	struct run *r;
	const char *unmet;
	char reason[64];
	bool fit;

	if (!is_whole())
		return false;
	r = zalloc(sizeof(*r));
	unmet = scenario_unmet(e);
	current = e;
	r->entry = e;
	r->log.fd = between.fd;
	r->log.expected = e->scenario->expect_events;
	begin(r);
	if (unmet) {
		snprintf(reason, sizeof(reason), "no-%s", unmet);
		conclude(r, CLAIM_SKIP, reason);
		end(r);
		return true;
	}
	/* Modules that it loads, for its disks too, are unloaded at its end. */
	meters_start(&r->meters);
	if (scenario_load(e) < 0) {
		snprintf(reason, sizeof(reason), "load a module: %s",
			 strerror(errno));
		conclude(r, CLAIM_ERROR, reason);
		end(r);
		return true;
	}
	measure(r);
	r->ms = now_ms() - r->start;
	fit = r->claim != CLAIM_SPLAT && !r->survivors;
	if (r->survivors)
		end(r);
	else
		end_later(r);
	return fit;
}
