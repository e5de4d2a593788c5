/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's log from a moment on, sorted by what it means for a verdict. */
#ifndef CB_KLOG_H
#define CB_KLOG_H

#include <stdbool.h>

/* Events that a scenario may declare. */
enum klog_event {
	KLOG_MEMCG_OOM = 1 << 0, /* a kill by a memory cgroup's limit */
	KLOG_IO_ERROR = 1 << 1, /* a request that failed */
	KLOG_STALE_CACHE = 1 << 2, /* cached and direct writes at one place */
};

struct klog {
	int fd;
	unsigned int expected; /* of enum klog_event */
	bool programs; /* lines written by programs count, too */
	unsigned int splats;
	unsigned int global_ooms;
	unsigned int memcg_ooms; /* these three: not expected */
	unsigned int io_errors;
	unsigned int errors;
	unsigned int lost; /* gaps: overwritten before they were read */
	char splat[256]; /* the first one's line */
	char error[256]; /* the first line that counted otherwise */
};

/* From now on. */
int klog_open(struct klog *log, unsigned int expected);
/* From the kernel's first line on. */
int klog_open_boot(struct klog *log);
/* Takes in all that has been logged meanwhile; never blocks. */
void klog_read(struct klog *log);
void klog_close(struct klog *log);

#endif
