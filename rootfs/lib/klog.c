// SPDX-License-Identifier: GPL-2.0
// The kernel's log from some moment on, counted by kind of event.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klog.h"
#include "util.h"

#define LEVEL_ERR 3
#define LEVEL_WARNING 4

/*
 * How a WARN() begins its line.  Elsewhere in a line it is about the CPU:
 * "Spectre V2 : WARNING: ".
 */
static const char warning[] = "WARNING: ";

/* Texts of reports about faults of the kernel itself. */
static const char *const splats[] = {
	"BUG: ",
	"kernel BUG at",
	"Oops",
	"general protection fault",
	"Unable to handle kernel",
	"stack guard page",
	"KASAN:",
	"KCSAN:",
	"KFENCE:",
	"UBSAN:",
	"ODEBUG:",
	"INFO: task",
	"INFO: lockdep",
	"INFO: suspicious",
	"INFO: possible",
	"INFO: trying to register non-static key",
	"INFO: rcu",
	"rcu: INFO",
	"detected stalls",
	"suspicious RCU usage",
	"possible circular locking",
	"possible recursive locking",
	"inconsistent lock state",
	"bad unlock balance",
	"held lock freed",
	"lock held when returning to user space",
	"soft lockup",
	"hard LOCKUP",
	"refcount_t: ",
	"list_add corruption",
	"list_del corruption",
	"Bad page state",
	"Bad page map",
	"Bad rss-counter",
	"Busy inodes after unmount",
	"Slab cache still has objects",
	"Objects remaining in",
	"scheduling while atomic",
	"Kernel stack is corrupted",
};

int klog_open_boot(struct klog *log)
{
	memset(log, 0, sizeof(*log));
	log->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return log->fd < 0 ? -1 : 0;
}

int klog_open(struct klog *log, unsigned int expected)
{
	if (klog_open_boot(log) < 0)
		return -1;
	log->expected = expected;
	return lseek(log->fd, 0, SEEK_END) < 0 ? -1 : 0;
}

static bool is_splat(const char *text)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(splats); i++)
		if (strstr(text, splats[i]))
			return true;
	return !strncmp(text, warning, strlen(warning));
}

/* Lines of a report below its first: registers, stacks, memory. */
static bool is_detail(const char *text)
{
	static const char *const begin[] = {
		" ",
		"CPU: ",
		"Hardware name: ",
		"Call Trace:",
		"RIP: ",
		"Code: ",
		"Mem-Info:",
		"Tasks state",
		"[ ",
		"Modules linked in",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(begin); i++)
		if (!strncmp(text, begin[i], strlen(begin[i])))
			return true;
	return !*text;
}

/*
 * Loading a module of our own logs these, and loading dm_mod where the kernel
 * has IMA; so do rate limits of any message, and a virtual machine that its
 * host did not run for a while.
 */
static bool is_harmless(const char *text)
{
	return strstr(text, ": loading out-of-tree module taints kernel") ||
	       strstr(text, "Duplicate IMA measurements will not be") ||
	       strstr(text, " callbacks suppressed") ||
	       strstr(text, "Long readout interval, skipping watchdog") ||
	       strstr(text, "module verification failed: signature");
}

/* A line of warning level: kept once, unless it belongs to an OOM kill. */
static void take_warning(struct klog *log, const char *text)
{
	unsigned int i;

	if (strstr(text, " invoked oom-killer: "))
		log->dumping = true;
	if (log->dumping || is_detail(text) || is_harmless(text))
		return;
	for (i = 0; i < log->warnings && i < KLOG_WARNINGS; i++)
		if (!strncmp(log->warning[i], text, KLOG_WARNING_TEXT - 1))
			return;
	if (i < KLOG_WARNINGS)
		snprintf(log->warning[i], KLOG_WARNING_TEXT, "%s", text);
	log->warnings++;
}

/* The counter for a line; NULL: the line is no error. */
static unsigned int *counter(struct klog *log, int level, const char *text)
{
	if (strstr(text, "emory cgroup out of memory"))
		return log->expected & KLOG_MEMCG_OOM ? &log->declared :
							&log->memcg_ooms;
	if (strstr(text, "Out of memory: Killed"))
		return &log->global_ooms;
	/*
	 * "I/O error, dev", "kernel resource error, dev", and others; the last
	 * is the loop driver's.
	 */
	if (strstr(text, " error, dev ") || strstr(text, "I/O error") ||
	    strstr(text, "rite error at byte offset"))
		return log->expected & KLOG_IO_ERROR ? &log->declared :
						       &log->io_errors;
	/* Two lines, of which the second names the file. */
	if (strstr(text, "Page cache invalidation failure on direct I/O") ||
	    (!strncmp(text, "File: ", 6) && strstr(text, " Comm: ")))
		return log->expected & KLOG_STALE_CACHE ? &log->declared :
							  &log->errors;
	if (level > LEVEL_ERR)
		return NULL;
	if ((log->expected & KLOG_DISK_GONE) &&
	    (!strncmp(text, "block nbd", 9) || !strncmp(text, "EXT4-fs ", 8) ||
	     !strncmp(text, "Aborting journal on device ", 27)))
		return &log->declared;
	/* Its own line, or the kernel's about a parameter of the module. */
	if ((log->expected & KLOG_REFUSED) && !strncmp(text, "cgloop", 6))
		return &log->declared;
	return &log->errors;
}

/* One record: "priority,sequence,time,flags;text", then more lines. */
static void take(struct klog *log, char *record)
{
	int priority = atoi(record);
	char *text = strchr(record, ';');
	unsigned int *count;

	/* Facility 0 is the kernel; the others are programs. */
	if (!text++ || (priority >> 3 && !log->programs))
		return;
	text[strcspn(text, "\n")] = '\0';
	if (is_splat(text)) {
		if (!log->splats++)
			snprintf(log->splat, sizeof(log->splat), "%s", text);
		return;
	}
	/* The report of an OOM kill ends with an error: the kill. */
	if ((priority & 7) <= LEVEL_ERR)
		log->dumping = false;
	count = counter(log, priority & 7, text);
	if (!count) {
		if ((priority & 7) == LEVEL_WARNING)
			take_warning(log, text);
		return;
	}
	++*count;
	if (count == &log->declared)
		return;
	if (!log->error[0])
		snprintf(log->error, sizeof(log->error), "%s", text);
}

void klog_read(struct klog *log)
{
	char record[8192];
	ssize_t n;

	for (;;) {
		n = read(log->fd, record, sizeof(record) - 1);
		if (n < 0 && errno == EPIPE) {
			log->lost++;
			continue;
		}
		if (n <= 0)
			return;
		record[n] = '\0';
		take(log, record);
	}
}

void klog_close(struct klog *log)
{
	close(log->fd);
}
