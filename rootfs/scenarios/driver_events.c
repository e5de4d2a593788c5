// SPDX-License-Identifier: GPL-2.0
// driver-events: what cgloop says of its requests, and who may write to it.
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/loop.h>

#include "fs.h"
#include "scenario.h"
#include "target.h"
#include "trace.h"

#define MIB (1024LL * 1024)
#define SIZE (4 * MIB)
#define BLOCK 4096
#define READS 64
#define ISSUER_MS 20000

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN], issuer[PATH_LEN];

/* How far a request has come, by its events. */
enum stage {
	UNSEEN,
	SUBMITTED,
	STARTED,
	COMPLETED,
};

struct seen {
	unsigned long long group; /* the issuer's inode number */
	enum stage stages[READS];
	int events, out_of_order, strange, others;
	char first_wrong[PATH_LEN];
};

/* What is read must be on the disk: only then need nobody wait for it. */
static void fill(void)
{
	int fd = CHECK(open(backing, O_RDWR | O_CREAT, 0600));
	char *block = zalloc(MIB);
	long long at;

	for (at = 0; at < SIZE; at += MIB)
		if (CHECK(pwrite(fd, block, MIB, at)) != MIB)
			FAIL(0, "a short write");
	CHECK(fsync(fd));
	CHECK(close(fd));
	fs_drop_cache(backing);
}

static void setup(void)
{
	bool is_inline = cell_is("way", "inline");

	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	in_group(issuer, "issuer");
	CHECK(cgroup_make(issuer, ""));
	if (is_inline) {
		fs_mount_ext4(RAM_DISK, SIZE + 8 * MIB, top);
	} else {
		CHECK(mkdir(top, 0700));
		CHECK(mount("tmpfs", top, "tmpfs", 0, NULL));
	}
	fill();
	target_make(&target, backing, is_inline ? LO_FLAGS_DIRECT_IO : 0);
}

static void issue(void *unused)
{
	int i, fd = CHECK(open(target.path, O_RDONLY | O_DIRECT));
	char *buf = zalloc_pages(BLOCK);

	(void)unused;
	for (i = 0; i < READS; i++)
		if (CHECK(pread(fd, buf, BLOCK, i * BLOCK)) != BLOCK)
			FAIL(0, "a short read");
	CHECK(close(fd));
}

static enum stage stage_of(const char *name)
{
	if (!strcmp(name, "cgloop_submit"))
		return SUBMITTED;
	return strcmp(name, "cgloop_start") ? COMPLETED : STARTED;
}

/* One that is handed over after all has been started twice. */
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
	    op || bytes != BLOCK || sector >= READS * BLOCK / 512) {
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

/* The issuer's line in the device's books. */
static void read_stats(unsigned long long group, long long *bios,
		       long long *bytes)
{
	unsigned long long memcg, blkcg;
	char path[PATH_LEN], text[4096], *line;

	*bios = 0;
	*bytes = 0;
	text_set(path, sizeof(path), "/sys/kernel/debug/cgloop/%s-workers",
		 target.path + strlen("/dev/"));
	CHECK(file_read(path, text, sizeof(text)));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (sscanf(line, "%llu %llu %*u %*u %*u %lld %lld", &memcg,
			   &blkcg, bios, bytes) == 4 &&
		    memcg == group && blkcg == group)
			return;
	*bios = 0;
	*bytes = 0;
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
	const char *name = target.path + strlen("/dev/");

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
	if (s->strange || s->out_of_order || ended != READS)
		FAIL(0, "%d of %d requests in order; %s", ended, READS,
		     s->first_wrong);
	if (s->others || bytes != READS * BLOCK)
		failed("%d of %d events name somebody else than the issuer, "
		       "and its books have %lld bytes",
		       s->others, s->events, bytes);
	if (inlined != (cell_is("way", "inline") ? READS : 0))
		FAIL(0, "the requests did not go the way they were to go");
	if (writable)
		failed("%d files may be written by others than root", writable);
	held();
}

static void run(void)
{
	long long bios, bytes, inlined;
	char path[PATH_LEN];
	struct seen s = { 0 };
	struct stat st;
	int i, ended = 0;

	text_set(path, sizeof(path), CGROUP_ROOT "/%s", issuer);
	CHECK(stat(path, &st));
	s.group = st.st_ino;
	start_trace();
	if (process_run(issuer, issue, NULL, ISSUER_MS))
		FAIL(0, "the issuer failed");
	trace_end(take, &s);
	for (i = 0; i < READS; i++)
		ended += s.stages[i] == COMPLETED;
	read_stats(s.group, &bios, &bytes);
	look_at_modes();
	text_set(path, sizeof(path), "/sys/kernel/debug/cgloop/%s",
		 target.path + strlen("/dev/"));
	inlined = CHECK(file_key(path, "inline"));
	evidence("events", s.events, "events");
	evidence("requests_seen_to_end", ended, "requests");
	evidence("events_out_of_order", s.out_of_order, "events");
	evidence("events_of_others", s.others, "events");
	evidence("inline", inlined, "requests");
	evidence("issuer_bios", bios, "bios");
	evidence("issuer_bytes", bytes, "bytes");
	evidence("writable_by_others", writable, "files");
	conclude(&s, ended, bytes, inlined);
}

static void cleanup(void)
{
	trace_remove();
	target_remove(&target);
	umount2(top, MNT_DETACH);
	rmdir(top);
}

SCENARIO(driver_events,
	 .claim = "cgloop's events follow each request in order, and they and "
		  "its counters name the issuer; only root may write to it",
	 .drivers = "cgloop",
	 .needs = NEEDS("driver", "cgroup:memory", "cgroup:io", NEEDS_RAM_DISK,
			NEEDS_EXT4, NEEDS_TRACE("block")),
	 .cells = CELLS("way=worker", "way=inline"),
	 .controls = CONTROLS({ "cgloop-single", EXPECT_FALSE, NULL }),
	 .timeout_s = 30, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
