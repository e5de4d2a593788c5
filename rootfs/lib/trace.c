// SPDX-License-Identifier: GPL-2.0
// Events from tracefs, in an instance of their own.
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace.h"
#include "util.h"

#define INSTANCE "/sys/kernel/tracing/instances/chargeback"
#define KIB_PER_CPU 4096

void trace_start(int pid, const char *const *events)
{
	char path[PATH_LEN];

	trace_remove();
	CHECK(mkdir(INSTANCE, 0700));
	file_put(INSTANCE "/buffer_size_kb", "%d", KIB_PER_CPU);
	if (pid)
		file_put(INSTANCE "/set_event_pid", "%d", pid);
	for (; *events; events++) {
		text_set(path, sizeof(path), INSTANCE "/events/%s/enable",
			 *events);
		file_put(path, "1");
	}
}

/* A full ring overwrites its oldest events. */
static void check_lost(void)
{
	long cpu, cpus = sysconf(_SC_NPROCESSORS_CONF);
	char path[PATH_LEN];
	long long lost;

	for (cpu = 0; cpu < cpus; cpu++) {
		text_set(path, sizeof(path), INSTANCE "/per_cpu/cpu%ld/stats",
			 cpu);
		lost = CHECK(file_key(path, "overrun:"));
		if (lost)
			FAIL(0, "the buffer of CPU %ld has lost %lld events",
			     cpu, lost);
	}
}

/*
 * "  task-PID  [CPU] flags time: name: text"; the task's name may hold any
 * characters.  false: the line is no event.
 */
static bool parse(char *line, struct trace_event *e)
{
	char *at, *cpu = strstr(line, " [");

	if (*line == '#' || !cpu)
		return false;
	line[strcspn(line, "\n")] = '\0';
	for (at = cpu; at > line && isspace((unsigned char)at[-1]);)
		at--;
	while (at > line && isdigit((unsigned char)at[-1]))
		at--;
	e->pid = atoi(at);
	e->name = strstr(cpu, ": ");
	if (!e->name)
		return false;
	e->name += 2;
	at = strstr(e->name, ": ");
	if (!at)
		return false;
	*at = '\0';
	e->text = at + 2;
	return true;
}

void trace_end(void (*each)(const struct trace_event *e, void *arg), void *arg)
{
	struct trace_event e;
	char *line = NULL;
	size_t size = 0;
	FILE *f;

	file_put(INSTANCE "/tracing_on", "0");
	check_lost();
	f = fopen(INSTANCE "/trace", "re");
	if (!f)
		FAIL(errno, "the events");
	while (getline(&line, &size, f) > 0)
		if (parse(line, &e))
			each(&e, arg);
	free(line);
	fclose(f);
}

void trace_mark(const char *fmt, ...)
{
	char text[PATH_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	file_put(INSTANCE "/trace_marker", "%s", text);
}

void trace_remove(void)
{
	if (rmdir(INSTANCE) < 0 && errno != ENOENT)
		FAIL(errno, "the events' instance");
}

/* The kernel prints some combinations by short names; all listed have IO. */
static bool short_has(const char *name, size_t len, const char *what)
{
	static const char *const all[] = { "GFP_TRANSHUGE",
					   "GFP_TRANSHUGE_LIGHT",
					   "GFP_HIGHUSER_MOVABLE",
					   "GFP_HIGHUSER",
					   "GFP_USER",
					   "GFP_KERNEL_ACCOUNT",
					   "GFP_KERNEL" };
	size_t i;

	if (!strcmp(what, "IO") && len == 8 && !strncmp(name, "GFP_NOFS", 8))
		return true;
	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (strlen(all[i]) == len && !strncmp(all[i], name, len))
			return true;
	return false;
}

bool trace_gfp(const struct trace_event *e, const char *what)
{
	const char *name = strstr(e->text, "gfp_flags=");
	char whole[32];
	size_t len;

	if (!name)
		FAIL(0, "no gfp_flags in %s: %s", e->name, e->text);
	text_set(whole, sizeof(whole), "__GFP_%s", what);
	for (name += strlen("gfp_flags="); *name; name += *name == '|') {
		len = strcspn(name, "| ");
		if (short_has(name, len, what) ||
		    (len == strlen(whole) && !strncmp(name, whole, len)))
			return true;
		name += len;
		if (*name == ' ')
			break;
	}
	return false;
}
