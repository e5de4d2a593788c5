// SPDX-License-Identifier: GPL-2.0
// reclaim-progress: memory is freed by writing to a loop device, which takes
// memory.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/loop.h>

#include "dm.h"
#include "fs.h"
#include "scenario.h"
#include "target.h"

#define MIB (1024LL * 1024)
#define CHUNK (64 * 1024)
/* What is written, and what the writer may have of memory. */
#define TOTAL (24 * MIB)
#define LIMIT "16M"
#define FS_BYTES (TOTAL + 16 * MIB)
/*
 * Nothing moves in so many turns of wait_until(): that is stuck.  About three
 * seconds on an idle machine.
 */
#define STUCK_TURNS 1200
#define WATCH_MS 60000
#define RELEASE_MS 20000
#define FAULTS "/sys/module/cgloop_inject/parameters/inject"

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN], inner[PATH_LEN], file[PATH_LEN];
static char disk[PATH_LEN], writer[PATH_LEN];

/* The writer's, shared with it. */
struct progress {
	int written, synced, wrong; /* chunks; calls; chunks */
};

static struct progress *progress;

/* Not before the writer: what makes the file system would be stuck, too. */
static void switch_faults(bool on)
{
	if (driver_has_faults(driver()))
		file_put(FAULTS, "%s\n", on ? "reclaim-waits" : "");
}

static void setup(void)
{
	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	in_folder(inner, "inner");
	in_folder(file, "inner/file");
	in_group(writer, "writer");
	CHECK(cgroup_make(writer, ""));
	CHECK(cgroup_write(writer, "memory.max", LIMIT));
	progress = shared_memory(sizeof(*progress));
	dm_make_disk(disk);
	switch_faults(false);
	if (!driver()->module) {
		fs_mount_ext4_journal(disk, FS_BYTES, inner);
		return;
	}
	fs_mount_ext4_journal(disk, FS_BYTES + 16 * MIB, top);
	fs_make_file(backing, FS_BYTES);
	target_make(&target, backing, LO_FLAGS_DIRECT_IO);
	fs_mount_ext4_journal(target.path, FS_BYTES, inner);
}

static void fill(char *buf, uint32_t chunk)
{
	uint32_t *words = (uint32_t *)buf;
	size_t i;

	for (i = 0; i < CHUNK / sizeof(*words); i++)
		words[i] = chunk + i;
}

/* More than fits into memory, and then all of it to the disk. */
static void run_writer(void *unused)
{
	int fd = CHECK(open(file, O_RDWR | O_CREAT, 0600)), i;
	char *out = zalloc_pages(CHUNK), *in = zalloc_pages(CHUNK);

	(void)unused;
	for (i = 0; i < TOTAL / CHUNK; i++) {
		fill(out, i);
		if (CHECK(write(fd, out, CHUNK)) != CHUNK)
			FAIL(0, "a short write");
		progress->written++;
	}
	CHECK(fsync(fd));
	progress->synced++;
	for (i = 0; i < TOTAL / CHUNK; i++) {
		fill(out, i);
		if (CHECK(pread(fd, in, CHUNK, i * CHUNK)) != CHUNK)
			FAIL(0, "a short read");
		progress->wrong += memcmp(in, out, CHUNK) != 0;
	}
	CHECK(close(fd));
}

/* Sectors that the disk below all has been written. */
static long long sectors(void)
{
	char path[PATH_LEN], text[256];
	long long n;

	text_set(path, sizeof(path), "/sys/block/%s/stat",
		 strrchr(disk, '/') + 1);
	CHECK(file_read(path, text, sizeof(text)));
	if (sscanf(text, "%*d %*d %*d %*d %*d %*d %lld", &n) != 1)
		FAIL(0, "%s says: %s", path, text);
	return n;
}

struct watch {
	pid_t pid;
	bool over;
	int status, turns;
	long long last;
};

static bool is_over_or_stuck(void *arg)
{
	const volatile struct progress *p = progress;
	long long now = p->written + p->synced + sectors();
	struct watch *w = arg;

	w->turns = now == w->last ? w->turns + 1 : 0;
	w->last = now;
	w->over = process_wait(w->pid, &w->status, 0);
	return w->over || w->turns >= STUCK_TURNS;
}

static void show(long long before)
{
	evidence("bytes_dirtied", progress->written * (long long)CHUNK,
		 "bytes");
	evidence("bytes_to_the_disk", (sectors() - before) * 512, "bytes");
	evidence("limit_reached",
		 CHECK(cgroup_key(writer, "memory.events", "max")), "times");
	evidence("oom_kill",
		 CHECK(cgroup_key(writer, "memory.events", "oom_kill")),
		 "events");
	evidence("chunks_wrong", progress->wrong, "chunks");
}

static void run(void)
{
	long long before = sectors();
	struct watch w = { 0 };
	bool stuck;
	int written;

	if (driver_has_faults(driver()))
		holds(FAULTS, "\n");
	switch_faults(true);
	w.pid = process_start(writer, run_writer, NULL);
	if (!wait_until(is_over_or_stuck, &w, WATCH_MS))
		FAIL(0, "the writer goes on forever");
	stuck = !w.over;
	written = progress->written;
	evidence("stuck_after", stuck ? written * (long long)CHUNK : -1,
		 "bytes");
	/* What is stuck for good is no finding, but a dead machine. */
	switch_faults(false);
	if (stuck && !process_wait(w.pid, &w.status, RELEASE_MS))
		failed("nothing moves any more after %d of %lld chunks",
		       written, TOTAL / CHUNK);
	show(before);
	if (WIFSIGNALED(w.status))
		failed("the writer was ended by signal %d", WTERMSIG(w.status));
	if (w.status)
		FAIL(0, "the writer ended with %#x", w.status);
	if (!cgroup_key(writer, "memory.events", "max"))
		FAIL(0, "there was memory enough");
	if (stuck)
		failed("nothing moved after %d of %lld chunks until the "
		       "workers were let go",
		       written, TOTAL / CHUNK);
	if (progress->wrong)
		failed("%d chunks are not what was written", progress->wrong);
	held();
}

static void cleanup(void)
{
	umount2(inner, MNT_DETACH);
	rmdir(inner);
	target_remove(&target);
	umount2(top, MNT_DETACH);
	rmdir(top);
	dm_remove_disk();
}

/*
 * Direct I/O alone.  The worker for a buffered device is throttled against the
 * disk below, which may have more dirty pages than the writer's group may have
 * memory: whether that one is killed then is a race with the flusher.
 */
SCENARIO(reclaim_progress,
	 .claim = "a file system on a loop device makes progress when memory "
		  "is only to be had by writing to it",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_RAM_DISK,
			"load:dm_mod", NEEDS_EXT4),
	 .cells = CELLS("io=direct"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"reclaim-waits" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 120, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
