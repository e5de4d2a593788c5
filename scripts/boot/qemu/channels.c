// SPDX-License-Identifier: GPL-2.0
/* Reads the channels of QEMU and keeps their bytes in the boot folder. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define DRAIN_MS 1000 /* to read the channels after the end of QEMU */

/* Remember the last line that is not empty; lines may come in pieces. */
static void log_input(struct run *r, const char *data, size_t len)
{
	static char line[sizeof(r->last_log)];
	static size_t used;

	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n')
			used = 0;
		else if (data[i] != '\r' && used < sizeof(line) - 1)
			line[used++] = data[i];
		if (used) {
			memcpy(r->last_log, line, used);
			r->last_log[make_harmless(r->last_log, used)] = 0;
		}
	}
}

static void not_stored(struct run *r, const struct sink *sink)
{
	progress_clear(&r->progress);
	complain("%s: %s", sink->name, strerror(errno));
	r->host_failed = true;
}

static void keep(struct run *r, struct sink *sink, const char *data, size_t len)
{
	if (r->host_failed || sink_write(sink, r->dir, data, len))
		return;
	not_stored(r, sink);
	kill_vm(r);
}

static void console_input(struct run *r, const char *data, size_t len)
{
	r->console_heard = now_ms();
	/* A kernel may print errors for ever: then only records count. */
	if (r->out->first_record_ms < 0)
		r->heard = r->console_heard;
	keep(r, &r->console, data, len);
	progress_input(&r->progress, data, len);
	terminal_output(&r->terminal, data, len);
	if (r->opt->interactive) {
		fwrite(data, 1, len, stdout);
		fflush(stdout);
	}
}

static void records_input(struct run *r, const char *data, size_t len)
{
	r->heard = now_ms();
	if (r->out->first_record_ms < 0)
		r->out->first_record_ms = r->heard - r->start;
	keep(r, &r->records, data, len);
}

/* Reads once, and closes a channel that has ended. True: read again. */
bool channel_input(struct run *r, int *fd)
{
	char data[65536];
	ssize_t n;

	if (*fd < 0)
		return false;
	n = read(*fd, data, sizeof(data));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		close(*fd);
		*fd = -1;
		return false;
	}
	if (fd == &r->vm.qmp) {
		qmp_input(&r->qmp, *fd, data, n);
	} else if (fd == &r->vm.console) {
		console_input(r, data, n);
	} else if (fd == &r->vm.records) {
		records_input(r, data, n);
	} else {
		keep(r, &r->log, data, n);
		log_input(r, data, n);
	}
	return true;
}

void channels_open(struct run *r)
{
	r->console = (struct sink){ BOOT_CONSOLE, CONSOLE_CAP, -1, 0, false };
	r->records = (struct sink){ BOOT_RECORDS, RECORDS_CAP, -1, 0, false };
	r->log = (struct sink){ "qemu.log", MIB, -1, 0, false };
	if (!sink_open(&r->console, r->dir))
		not_stored(r, &r->console);
	else if (!sink_open(&r->records, r->dir))
		not_stored(r, &r->records);
	if (r->host_failed)
		exit(STATUS_USAGE);
}

/* Reads the rest of the channels after the end of QEMU. */
void channels_drain(struct run *r)
{
	int *channels[] = { &r->vm.qmp, &r->vm.console, &r->vm.records,
			    &r->vm.log };
	int64_t until = now_ms() + DRAIN_MS;

	for (int i = 0; i < 4; i++)
		while (now_ms() < until && channel_input(r, channels[i]))
			continue;
}

/* False if a file could not be stored; stderr has a line about it. */
bool channels_close(struct run *r)
{
	struct sink *sinks[] = { &r->console, &r->records, &r->log };

	vm_close(&r->vm);
	for (int i = 0; i < 3; i++)
		if (!sink_close(sinks[i]) && !r->host_failed)
			not_stored(r, sinks[i]);
	return !r->host_failed;
}
