/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's log from some moment on, counted by kind of event. */
#ifndef CB_KLOG_H
#define CB_KLOG_H

#include <stdbool.h>

/* Events that a scenario may declare. */
enum klog_event {
	KLOG_MEMCG_OOM = 1 << 0, /* a kill by a memory cgroup's limit */
	KLOG_IO_ERROR = 1 << 1, /* a request that failed */
	KLOG_STALE_CACHE = 1 << 2, /* cached and direct writes at one place */
	KLOG_DISK_GONE = 1 << 3, /* nbd lost its server, ext4 its disk */
	KLOG_REFUSED = 1 << 4, /* cgloop names a value that it refuses */
};

/* Lines of warning level that count for nothing, yet are worth a look. */
#define KLOG_WARNINGS 4 /* kept of each log */
#define KLOG_WARNING_TEXT 160

struct klog {
	int fd;
	unsigned int expected; /* of enum klog_event */
	bool programs; /* count lines written by programs as well */
	unsigned int splats;
	unsigned int global_ooms;
	unsigned int memcg_ooms; /* this and the next two: not expected */
	unsigned int io_errors;
	unsigned int errors;
	unsigned int warnings; /* different ones, while they are kept */
	unsigned int declared; /* expected ones: they count for nothing */
	unsigned int lost; /* gaps: lines overwritten before they were read */
	char splat[256]; /* the first splat's line */
	char error[256]; /* the first line that counted, but as a splat */
	char warning[KLOG_WARNINGS][KLOG_WARNING_TEXT];
	bool dumping; /* the report of an OOM kill is under way */
};

/* From now on. */
int klog_open(struct klog *log, unsigned int expected);
/* From the kernel's first line on. */
int klog_open_boot(struct klog *log);
/* Counts the lines logged since the last call; never blocks. */
void klog_read(struct klog *log);
void klog_close(struct klog *log);

#endif
