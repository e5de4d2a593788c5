/* SPDX-License-Identifier: GPL-2.0 */
/* Events from tracefs, in an instance of their own.  One trace at a time. */
#ifndef CB_TRACE_H
#define CB_TRACE_H

#include <stdbool.h>

#define TRACE_EVENTS "/sys/kernel/tracing/events"
/* The kernel has this group of events. */
#define NEEDS_TRACE(group) TRACE_EVENTS "/" group

struct trace_event {
	int pid; /* of the task */
	const char *name; /* without its group */
	const char *text; /* "key=value ...", or as the event prints itself */
};

/*
 * Begins to record events, "group/name" each, up to a NULL.  pid: of one task
 * only, or 0 for all.
 */
void trace_start(int pid, const char *const *events);
/*
 * Ends recording, and calls each() for every event, the oldest first.  A buffer
 * that overflowed is an error.
 */
void trace_end(void (*each)(const struct trace_event *e, void *arg), void *arg);
/* Adds a text to the events, as one named "tracing_mark_write". */
__attribute__((format(printf, 1, 2))) void trace_mark(const char *fmt, ...);
/* Drops all events; where nothing was begun, nothing happens. */
void trace_remove(void);
/* Do the event's gfp_flags include __GFP_<what>?  what: "IO" or "FS". */
bool trace_gfp(const struct trace_event *e, const char *what);

#endif
