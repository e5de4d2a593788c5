// SPDX-License-Identifier: GPL-2.0
// A scenario in its own process: its needs, its paths, and how it concludes.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "module.h"
#include "record/crc32.h"
#include "report.h"
#include "scenario.h"

static const struct entry *self;
static int pipe_fd = -1;
/* The process that concludes; its children may only report errors. */
static pid_t player;
static struct report verdict;
static bool cleaning;
/* Limits that this process has registered. */
static struct report held_now[HOLDS_MAX];
static int held_count;

const char *scenario_name(const struct scenario *s)
{
	static char name[64];
	char *c;

	text_set(name, sizeof(name), "%s", s->id);
	for (c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	return name;
}

bool scenario_needs(const struct scenario *s, const char *what)
{
	const char *const *n;

	for (n = s->needs; n && *n; n++)
		if (!strcmp(*n, what))
			return true;
	return false;
}

/* Is "axis=value", of this length, among those of the cell? */
static bool in_cell(const char *cell, const char *pair, size_t len)
{
	for (; *cell; cell += strspn(cell, " ")) {
		if (strcspn(cell, " ") == len && !strncmp(cell, pair, len))
			return true;
		cell += strcspn(cell, " ");
	}
	return false;
}

const char *scenario_need(const struct entry *e, const char *what)
{
	size_t len = strcspn(what, " ");

	if (!memchr(what, '=', len))
		return what;
	return in_cell(e->cell, what, len) ? what + len + 1 : NULL;
}

/* Has the processor AMD's or Intel's extensions for virtual machines? */
static bool has_kvm(void)
{
	char text[8192], *flags;

	if (file_read("/proc/cpuinfo", text, sizeof(text)) < 0)
		return false;
	flags = strstr(text, "\nflags");
	if (!flags)
		return false;
	flags[1 + strcspn(flags + 1, "\n")] = '\0';
	return strstr(flags, " svm") || strstr(flags, " vmx");
}

/*
 * Is kernel memory charged?  cgroup.memory=nokmem switches that off, in any of
 * the options of that name.
 */
static bool has_kmem(void)
{
	char text[4096], *word, *rest;

	if (file_read("/proc/cmdline", text, sizeof(text)) < 0)
		return false;
	for (word = strtok_r(text, " \n", &rest); word;
	     word = strtok_r(NULL, " \n", &rest))
		if (!strncmp(word, "cgroup.memory=", 14) &&
		    strstr(word, "nokmem"))
			return false;
	return true;
}

static bool is_met(const struct entry *e, const char *what)
{
	if (!strcmp(what, "driver"))
		return driver_there(e->driver);
	if (!strcmp(what, "kvm"))
		return has_kvm();
	if (!strcmp(what, "kmem"))
		return has_kmem();
	if (!strncmp(what, "cgroup:", 7))
		return cgroup_has(what + 7);
	if (!strncmp(what, "module:", 7))
		return module_find(what + 7) != MODULE_ABSENT;
	if (!strncmp(what, "load:", 5))
		return module_find(what + 5) != MODULE_ABSENT;
	return access(what, strncmp(what, "/sys/", 5) ? X_OK : F_OK) == 0;
}

const char *scenario_unmet(const struct entry *e)
{
	const char *const *n, *what;

	for (n = e->scenario->needs; n && *n; n++) {
		what = scenario_need(e, *n);
		if (what && !is_met(e, what))
			return what;
	}
	return NULL;
}

int scenario_load(const struct entry *e)
{
	const char *const *n, *what;
	char name[PATH_LEN];
	size_t len;

	for (n = e->scenario->needs; n && *n; n++) {
		what = scenario_need(e, *n);
		if (!what || strncmp(what, "load:", 5))
			continue;
		text_set(name, sizeof(name), "%s", what + 5);
		len = strcspn(name, " ");
		if (name[len])
			name[len++] = '\0';
		if (module_load(name, name + len) < 0)
			return -1;
	}
	return 0;
}

void entry_group(const struct entry *e, char *buf)
{
	text_set(buf, PATH_LEN, "%s.%d", scenario_name(e->scenario), e->id);
}

void entry_folder(const struct entry *e, char *buf)
{
	text_set(buf, PATH_LEN, "/tmp/%s.%d", scenario_name(e->scenario),
		 e->id);
}

const struct entry *playing(void)
{
	return self;
}

const struct driver *driver(void)
{
	return self->driver;
}

bool cell_is(const char *axis, const char *value)
{
	char pair[PATH_LEN];

	text_set(pair, sizeof(pair), "%s=", axis);
	if (!strstr(self->cell, pair))
		FAIL(0, "no axis '%s' in cell '%s'", axis, self->cell);
	text_set(pair, sizeof(pair), "%s=%s", axis, value);
	return in_cell(self->cell, pair, strlen(pair));
}

bool variant_is(const char *name)
{
	return self->variant && !strcmp(self->variant, name);
}

void in_folder(char *buf, const char *name)
{
	char folder[PATH_LEN];

	entry_folder(self, folder);
	text_set(buf, PATH_LEN, "%s/%s", folder, name);
}

void in_group(char *buf, const char *name)
{
	char group[PATH_LEN];

	entry_group(self, group);
	text_set(buf, PATH_LEN, "%s/%s", group, name);
}

void make_group(char *buf, const char *name, const char *controllers)
{
	in_group(buf, name);
	CHECK(cgroup_make(buf, controllers));
}

void report_send(const struct report *r)
{
	if (write(pipe_fd, r, sizeof(*r)) != sizeof(*r))
		_exit(1);
}

void evidence(const char *name, long long value, const char *unit)
{
	struct report r = { .kind = REPORT_EVIDENCE, .value = value };

	text_set(r.name, sizeof(r.name), "%s", name);
	text_set(r.text, sizeof(r.text), "%s", unit);
	report_send(&r);
}

void output(const char *name, const char *text)
{
	struct report r = { .kind = REPORT_OUTPUT };
	size_t len = strlen(text), at;

	text_set(r.name, sizeof(r.name), "%s", name);
	for (at = 0; at < len; at += strlen(r.text), r.value++) {
		snprintf(r.text, sizeof(r.text), "%s", text + at);
		report_send(&r);
	}
	r.kind = REPORT_OUTPUT_END;
	text_set(r.text, sizeof(r.text), "%08x", crc32_ieee(0, text, len));
	report_send(&r);
}

void holds(const char *path, const char *text)
{
	struct report r = { .kind = REPORT_HOLDS };

	text_set(r.name, sizeof(r.name), "%s", path);
	text_set(r.text, sizeof(r.text), "%s", text);
	if (held_count == HOLDS_MAX)
		FAIL(0, "more than %d limits by holds()", HOLDS_MAX);
	held_now[held_count++] = r;
	report_send(&r);
}

/* Writing fails if the group is gone; then nothing is held. */
static void lift_all(void)
{
	for (; held_count; held_count--)
		file_write(held_now[held_count - 1].name,
			   held_now[held_count - 1].text);
}

/* Sends the verdict after cleanup(), so that an error there replaces it. */
static __noreturn void conclude(enum claim claim, const char *reason)
{
	verdict.kind = REPORT_CLAIM;
	verdict.value = claim;
	snprintf(verdict.text, sizeof(verdict.text), "%s", reason);
	if (getpid() == player && !cleaning) {
		cleaning = true;
		lift_all();
		if (self->scenario->cleanup)
			self->scenario->cleanup();
	}
	report_send(&verdict);
	_exit(0);
}

static void on_check(const char *text)
{
	char both[sizeof(verdict.text)];

	/* Keep the first error: it is the cause. */
	if (cleaning && verdict.value == CLAIM_ERROR) {
		snprintf(both, sizeof(both), "%.250s; then %.250s",
			 verdict.text, text);
		text = both;
	}
	conclude(CLAIM_ERROR, text);
}

void held(void)
{
	conclude(CLAIM_HELD, "");
}

void failed(const char *fmt, ...)
{
	char reason[sizeof(verdict.text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	conclude(CLAIM_FAILED, reason);
}

/*
 * A kernel that is locked down, or enforces signatures, takes no module that
 * nobody has signed: as good as none.
 */
static __noreturn void no_driver(const struct driver *d, int err)
{
	if (err == EPERM || err == EKEYREJECTED || err == ENOKEY)
		conclude(CLAIM_SKIP,
			 "no-driver: the kernel takes signed modules alone");
	FAIL(err, "load %s '%s'", d->module, d->params);
}

void scenario_play(const struct entry *e, int fd)
{
	const char *faults = NULL;
	char path[PATH_LEN];

	self = e;
	pipe_fd = fd;
	player = getpid();
	check_hook = on_check;
	wait_hook = NULL;
	in_group(path, "main");
	CHECK(cgroup_join(path));
	if (driver_has_faults(e->driver))
		faults = e->variant;
	if (driver_load(e->driver, faults) < 0)
		no_driver(e->driver, errno);
	if (e->scenario->setup)
		e->scenario->setup();
	e->scenario->run();
	/* run() has not concluded: the runner makes that an error. */
	if (e->scenario->cleanup)
		e->scenario->cleanup();
	_exit(0);
}
