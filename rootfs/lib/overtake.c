// SPDX-License-Identifier: GPL-2.0
// Who ends first: A, whose I/O something holds, or B?
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aio.h"
#include "overtake.h"
#include "scenario.h"

#define BLOCK 4096
/*
 * No progress in so many turns of wait_until() is stuck: about a second on an
 * idle machine.  A machine that is slow takes its turns slowly, too.
 */
#define STUCK_TURNS 400
/* Without an end in so many, A's requests are where they are held. */
#define HELD_TURNS 60
#define WATCH_MS 60000
/* For what was held, from when it is let go. */
#define RELEASE_MS 60000

/* For A to begin, and for what is to hold it. */
#define START_MS 30000

/* Of one side, in memory that its process shares with ours. */
struct progress {
	int submitted, done;
	bool ready, go; /* A's */
};

static struct progress *a, *b;
static const struct overtake *cfg;

static bool may_go(void *unused)
{
	(void)unused;
	return *(volatile bool *)&a->go;
}

static bool is_ready(void *unused)
{
	(void)unused;
	return *(volatile bool *)&a->ready;
}

static void run_a(void *unused)
{
	int fd = CHECK(open(cfg->a_path, (cfg->a_writes ? O_RDWR : O_RDONLY) |
						 O_DIRECT | cfg->a_flags));
	aio_context_t aio = aio_make(cfg->a_requests);
	void *buf = zalloc_pages(cfg->a_bytes);
	int i;

	(void)unused;
	a->ready = true;
	if (!wait_until(may_go, NULL, START_MS))
		FAIL(0, "A is not let in");
	for (i = 0; i < cfg->a_requests; i++) {
		aio_submit(aio, fd, cfg->a_writes, buf, cfg->a_bytes,
			   (long long)i * cfg->a_bytes);
		a->submitted++;
	}
	while (a->done < cfg->a_requests)
		a->done += aio_reap(aio, cfg->a_bytes);
	CHECK(close(fd));
}

static void run_b(void *unused)
{
	bool writes = cfg->b_once;
	int fd = CHECK(
		open(cfg->b_path, (writes ? O_RDWR : O_RDONLY) | O_DIRECT));
	void *buf = zalloc_pages(BLOCK);
	/* Far enough for readahead to stay apart. */
	long long at = (long long)cfg->a_requests * cfg->a_bytes + (16 << 20);

	(void)unused;
	while (b->done < cfg->b_requests) {
		if (cfg->b_once)
			cfg->b_once(fd, at);
		else if (CHECK(pread(fd, buf, BLOCK, at)) != BLOCK)
			FAIL(0, "a short read at %lld", at);
		at += BLOCK;
		b->done++;
	}
	CHECK(close(fd));
}

struct pause {
	const int *count;
	int target, last, turns, limit;
};

/* Has it all been done, or does nothing move any more? */
static bool is_over_or_stuck(void *arg)
{
	struct pause *p = arg;
	int now = *(const volatile int *)p->count;

	p->turns = now == p->last ? p->turns + 1 : 0;
	p->last = now;
	return now >= p->target || p->turns >= p->limit;
}

static void watch(const int *count, int target, int limit, const char *who)
{
	struct pause p = { .count = count, .target = target, .limit = limit };

	if (!wait_until(is_over_or_stuck, &p, WATCH_MS))
		FAIL(0, "%s goes on forever", who);
}

void overtake_watch(const int *count, int target, const char *who)
{
	watch(count, target, STUCK_TURNS, who);
}

/* What the device has under way; a disk counts nothing that io.max holds. */
static int in_flight(const char *node)
{
	char path[PATH_LEN], text[64];
	int reads, writes;

	if (!driver()->module)
		return -1;
	text_set(path, sizeof(path), "/sys/block/%s/inflight",
		 strrchr(node, '/') + 1);
	if (file_read(path, text, sizeof(text)) < 0)
		return -1;
	if (sscanf(text, "%d %d", &reads, &writes) != 2)
		FAIL(0, "%s says: %s", path, text);
	return reads + writes;
}

static long long slab_kib(void)
{
	return CHECK(file_key("/proc/meminfo", "Slab:"));
}

static void end(pid_t pid, const char *who)
{
	int status;

	if (!process_wait(pid, &status, RELEASE_MS))
		FAIL(0, "%s does not end when it is let go", who);
	if (status)
		FAIL(0, "%s ended with %#x", who, status);
}

static void prepare(struct overtake *o)
{
	if (!o->a_bytes)
		o->a_bytes = BLOCK;
	cfg = o;
	a = shared_memory(sizeof(*a));
	b = shared_memory(sizeof(*b));
}

void overtake_groups(char *a_group, char *b_group)
{
	in_group(a_group, "a");
	in_group(b_group, "b");
	CHECK(cgroup_make(a_group, ""));
	CHECK(cgroup_make(b_group, ""));
}

void overtake_run(struct overtake *o)
{
	long long before = slab_kib();
	pid_t pid_a, pid_b;

	prepare(o);
	pid_a = process_start(o->a_group, run_a, NULL);
	if (!wait_until(is_ready, NULL, START_MS))
		FAIL(0, "A does not begin");
	if (o->hold)
		o->hold();
	a->go = true;
	overtake_watch(&a->submitted, o->a_requests, "A");
	watch(&a->done, o->a_requests, HELD_TURNS, "A");
	o->a_submitted = a->submitted;
	o->slab_kib = slab_kib() - before;
	pid_b = process_start(o->b_group, run_b, NULL);
	overtake_watch(&b->done, o->b_requests, "B");
	o->b_done = b->done;
	o->a_held = o->a_requests - a->done;
	o->a_in_flight = in_flight(o->a_path);
	o->lift();
	end(pid_a, "A");
	end(pid_b, "B");

	evidence("a_requests", o->a_requests, "requests");
	evidence("a_submitted_before_b", o->a_submitted, "requests");
	evidence("a_pending_after_b", o->a_held, "requests");
	evidence("device_in_flight_after_b", o->a_in_flight, "requests");
	evidence("b_done_while_a_held", o->b_done, "requests");
	evidence("a_done_when_let_go", a->done, "requests");
	evidence("b_done_when_let_go", b->done, "requests");
	evidence("slab_growth", o->slab_kib, "KiB");
}

void overtake_conclude(const struct overtake *o)
{
	if (o->a_held != o->a_requests)
		FAIL(0, "A was not held: %d of %d requests ended",
		     o->a_requests - o->a_held, o->a_requests);
	/*
	 * A may sleep for the little that a system call takes.  Nothing counts
	 * a write that is over but for the flush behind it.
	 */
	if (!o->a_in_flight && !(o->a_flags & O_DSYNC))
		FAIL(0, "A sleeps, but its I/O was not held");
	if (o->b_done == o->b_requests)
		held();
	failed("B got %d of %d requests done while A was held, the rest when "
	       "A was let go",
	       o->b_done, o->b_requests);
}
