/* SPDX-License-Identifier: GPL-2.0 */
/* Events from tracefs, in an instance of their own: one at a time. */
#ifndef CB_TRACE_H
#define CB_TRACE_H

#include <stdbool.h>

#define TRACE_EVENTS "/sys/kernel/tracing/events"
/* A need: the kernel has events, and among them those of this group. */
#define NEEDS_TRACE(group) TRACE_EVENTS "/" group

struct trace_event {
	int pid; /* of the task that did it */
	const char *name; /* without its group */
	const char *text; /* "key=value ..." or what the event says */
};

/*
 * Begins to record events, "group/name" each, up to a NULL; those of one task
 * alone, or of all where pid is 0.
 */
void trace_start(int pid, const char *const *events);
/*
 * Ends that, and calls each() for every event, the oldest first.  Events that
 * found no room are an error.
 */
void trace_end(void (*each)(const struct trace_event *e, void *arg), void *arg);
/* Puts a text among the events, as one named "tracing_mark_write". */
__attribute__((format(printf, 1, 2))) void trace_mark(const char *fmt, ...);
/* Forgets all of it; where nothing was begun, nothing happens. */
void trace_remove(void);
/*
 * Does the event's gfp_flags allow for what __GFP_IO, __GFP_FS stand for?
 * what is "IO" or "FS".
 */
bool trace_gfp(const struct trace_event *e, const char *what);

#endif
