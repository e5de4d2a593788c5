// SPDX-License-Identifier: GPL-2.0
// driver-events: are cgloop's events, counters and file modes right?
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/loop.h>

#include "backing.h"
#include "disk.h"
#include "scenario.h"
#include "target.h"
#include "trace.h"

#define SIZE (4 * MIB)
#define REQUESTS 64

static struct target target = TARGET_NONE;
static struct backing backing;
static char issuer[PATH_LEN];

/* The last event of a request. */
enum stage {
	UNSEEN,
	SUBMITTED,
	STARTED,
	COMPLETED,
};

struct seen {
	unsigned long long group; /* the issuer's inode number */
	enum stage stages[REQUESTS];
	int events, out_of_order, strange, others;
	char first_wrong[PATH_LEN];
};

/*
 * cgloop starts a request inline only if that cannot block.  So the file must
 * be on the disk when it is read.  For a worker it is a hole: to fill it takes
 * memory.
 */
static void setup(void)
{
	bool is_inline = cell_is("way", "inline");

	make_group(issuer, "issuer", "");
	backing_make(&backing, is_inline ? BACKING_EXT4 : BACKING_TMPFS, SIZE);
	if (is_inline) {
		fs_fill(backing.file, SIZE);
		fs_drop_cache(backing.file);
	}
	target_make(&target, backing.file, is_inline ? LO_FLAGS_DIRECT_IO : 0);
}

/* A read of a hole is no copy either, but has nothing to be charged. */
static bool writes(void)
{
	return cell_is("way", "worker");
}

static void issue(void *unused)
{
	int fd = CHECK(open(target.path, O_RDWR | O_DIRECT));

	(void)unused;
	io_range(fd, writes(), BLOCK, 0, REQUESTS * BLOCK);
	CHECK(close(fd));
}

static enum stage stage_of(const char *name)
{
	if (!strcmp(name, "cgloop_submit"))
		return SUBMITTED;
	return strcmp(name, "cgloop_start") ? COMPLETED : STARTED;
}

/* An inline request that would block is handed to a worker: a second start. */
static bool may_follow(enum stage before, enum stage now)
{
	return now == before + 1 || (now == STARTED && before == STARTED);
}

static void take(const struct trace_event *e, void *arg)
{
	unsigned long long sector, memcg, blkcg;
	enum stage now = stage_of(e->name);
	struct seen *s = arg;
	unsigned int op, bytes;

	s->events++;
	if (sscanf(e->text, "%*u,%*u op %u %llu + %u memcg %llu blkcg %llu",
		   &op, &sector, &bytes, &memcg, &blkcg) != 5 ||
	    op != writes() || bytes != BLOCK ||
	    sector >= REQUESTS * BLOCK / 512) {
		s->strange++;
	} else if (!may_follow(s->stages[sector * 512 / BLOCK], now)) {
		s->out_of_order++;
	} else {
		s->stages[sector * 512 / BLOCK] = now;
		s->others += memcg != s->group || blkcg != s->group;
		return;
	}
	if (!s->first_wrong[0])
		text_set(s->first_wrong, sizeof(s->first_wrong),
			 "%.32s: %.160s", e->name, e->text);
}

static int writable;

static int look_at_mode(const char *path, const struct stat *st, int type,
			struct FTW *unused)
{
	(void)path;
	(void)unused;
	writable += type == FTW_F && (st->st_mode & 022);
	return 0;
}

static void count_writable(const char *fmt, const char *name)
{
	char path[PATH_LEN];

	text_set(path, sizeof(path), fmt, name);
	CHECK(nftw(path, look_at_mode, 8, FTW_PHYS));
}

static void look_at_modes(void)
{
	const char *name = disk_name(target.path);

	count_writable("/sys/kernel/debug/cgloop%s", "");
	count_writable("/sys/block/%s/cgloop", name);
	count_writable("/sys/block/%s/loop", name);
	count_writable("/sys/module/%s/parameters", driver()->module);
}

static void start_trace(void)
{
	static const char *const events[] = { "cgloop/cgloop_submit",
					      "cgloop/cgloop_start",
					      "cgloop/cgloop_complete", NULL };

	trace_start(0, events);
}

static void conclude(const struct seen *s, int ended, long long bytes,
		     long long inlined)
{
	if (s->strange)
		FAIL(0, "an event is none of the issuer's requests: %s",
		     s->first_wrong);
	if (s->out_of_order || ended != REQUESTS)
		failed("%d of %d requests were followed to their end; %s",
		       ended, REQUESTS, s->first_wrong);
	if (s->others || bytes != REQUESTS * BLOCK)
		failed("%d of %d events name somebody else than the issuer, "
		       "and its counters have %lld bytes",
		       s->others, s->events, bytes);
	if (inlined != (cell_is("way", "inline") ? REQUESTS : 0))
		FAIL(0, "%lld of %d requests were started inline", inlined,
		     REQUESTS);
	if (writable)
		failed("%d files may be written by others than root", writable);
	held();
}

static void run(void)
{
	long long inlined;
	struct driver_worker worker;
	struct seen s = { 0 };
	int i, ended = 0;

	s.group = cgroup_inode(issuer);
	start_trace();
	run_in(issuer, issue, NULL);
	trace_end(take, &s);
	for (i = 0; i < REQUESTS; i++)
		ended += s.stages[i] == COMPLETED;
	driver_worker(target.path, s.group, s.group, &worker);
	look_at_modes();
	inlined = driver_counter(target.path, "inline");
	evidence("events", s.events, "events");
	evidence("requests_seen_to_end", ended, "requests");
	evidence("events_out_of_order", s.out_of_order, "events");
	evidence("events_of_others", s.others, "events");
	evidence("inline", inlined, "requests");
	evidence("issuer_bios", worker.bios, "bios");
	evidence("issuer_bytes", worker.bytes, "bytes");
	evidence("writable_by_others", writable, "files");
	conclude(&s, ended, worker.bytes, inlined);
}

static void cleanup(void)
{
	trace_remove();
	target_remove(&target);
	backing_remove(&backing);
}

SCENARIO(driver_events,
	 .claim = "cgloop's events follow each request in order, and they and "
		  "its counters name the issuer; only root may write to it",
	 .drivers = "cgloop",
	 .needs = NEEDS("driver", "cgroup:memory", "cgroup:io",
			NEEDS_BACKING_EXT4, NEEDS_TRACE("block")),
	 .cells = CELLS("way=worker", "way=inline"),
	 .controls = CONTROLS({ "cgloop-single", EXPECT_FALSE, NULL }),
	 .timeout_s = 30, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
