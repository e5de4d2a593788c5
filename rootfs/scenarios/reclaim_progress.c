// SPDX-License-Identifier: GPL-2.0
// reclaim-progress: the kernel frees memory by writing to a loop device, which
// itself needs memory to write.
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/loop.h>

#include "disk.h"
#include "dm.h"
#include "fs.h"
#include "progress.h"
#include "scenario.h"
#include "target.h"

#define CHUNK (64 * KIB)
/* The writer dirties more than its memory limit. */
#define TOTAL (24 * MIB)
#define LIMIT "16M"
#define FS_BYTES (TOTAL + 16 * MIB)
/* Turns of progress_wait(): about three seconds on an idle machine. */
#define STUCK_TURNS 1200
#define WATCH_MS 60000
#define RELEASE_MS 20000

static struct target target = TARGET_NONE;
static char outer[PATH_LEN], backing[PATH_LEN], inner[PATH_LEN], file[PATH_LEN];
static char disk[PATH_LEN], writer[PATH_LEN];

/* Of the writer, shared with it. */
struct written {
	int chunks, syncs, wrong; /* wrong: chunks that were read differently */
};

static struct written *written;

/* Off while the file system is made, which would be stuck as well. */
static void switch_faults(bool on)
{
	if (driver_has_faults(driver()))
		file_put(DRIVER_FAULTS, "%s\n", on ? "reclaim-waits" : "");
}

static void setup(void)
{
	in_folder(outer, "mnt");
	in_folder(backing, "mnt/backing");
	in_folder(inner, "inner");
	in_folder(file, "inner/file");
	make_group(writer, "writer", "");
	CHECK(cgroup_write(writer, "memory.max", LIMIT));
	written = shared_memory(sizeof(*written));
	dm_make_disk(disk);
	switch_faults(false);
	if (!driver()->module) {
		fs_mount_ext4_journal(disk, FS_BYTES, inner);
		return;
	}
	fs_mount_ext4_journal(disk, FS_BYTES + 16 * MIB, outer);
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

/* Writes all of the file, has it on the disk, and reads it back. */
static void run_writer(void *unused)
{
	int fd = CHECK(open(file, O_RDWR | O_CREAT, 0600)), i;
	char *out = zalloc_pages(CHUNK), *in = zalloc_pages(CHUNK);

	(void)unused;
	for (i = 0; i < TOTAL / CHUNK; i++) {
		fill(out, i);
		write_all(fd, out, CHUNK);
		written->chunks++;
	}
	CHECK(fsync(fd));
	written->syncs++;
	for (i = 0; i < TOTAL / CHUNK; i++) {
		fill(out, i);
		pread_all(fd, in, CHUNK, i * CHUNK);
		written->wrong += memcmp(in, out, CHUNK) != 0;
	}
	CHECK(close(fd));
}

/* Sectors written to the disk below everything. */
static long long sectors(void)
{
	char path[PATH_LEN];
	long long n;

	disk_file(path, disk, "stat");
	file_scan(path, 1, "%*d %*d %*d %*d %*d %*d %lld", &n);
	return n;
}

struct ending {
	pid_t pid;
	int status;
};

static bool has_ended(void *arg, long long *at)
{
	struct ending *e = arg;

	*at = READ_ONCE(written->chunks) + READ_ONCE(written->syncs) +
	      sectors();
	return process_wait(e->pid, &e->status, 0);
}

static void show(long long before)
{
	evidence("bytes_dirtied", written->chunks * CHUNK, "bytes");
	evidence("bytes_to_the_disk", (sectors() - before) * SECTOR, "bytes");
	evidence("limit_reached",
		 CHECK(cgroup_key(writer, "memory.events", "max")), "times");
	evidence("oom_kill",
		 CHECK(cgroup_key(writer, "memory.events", "oom_kill")),
		 "events");
	evidence("chunks_wrong", written->wrong, "chunks");
}

static void run(void)
{
	long long before = sectors();
	struct ending writing = { 0 };
	bool stuck;
	int chunks;

	if (driver_has_faults(driver()))
		holds(DRIVER_FAULTS, "\n");
	switch_faults(true);
	writing.pid = process_start(writer, run_writer, NULL);
	stuck = !progress_wait(has_ended, &writing, STUCK_TURNS, WATCH_MS,
			       "the writer");
	chunks = written->chunks;
	evidence("stuck_after", stuck ? chunks * CHUNK : -1, "bytes");
	/* A control must not leave a machine that is stuck for good. */
	switch_faults(false);
	if (stuck &&
	    !process_wait(writing.pid, &writing.status, RELEASE_MS * patience))
		failed("nothing moves any more after %d of %lld chunks", chunks,
		       TOTAL / CHUNK);
	show(before);
	if (WIFSIGNALED(writing.status))
		failed("the writer was ended by signal %d",
		       WTERMSIG(writing.status));
	if (writing.status)
		FAIL(0, "the writer ended with %#x", writing.status);
	if (!cgroup_key(writer, "memory.events", "max"))
		FAIL(0, "there was memory enough");
	if (stuck)
		failed("nothing moved after %d of %lld chunks until the "
		       "workers were let go",
		       chunks, TOTAL / CHUNK);
	if (written->wrong)
		failed("%d chunks are not what was written", written->wrong);
	held();
}

static void cleanup(void)
{
	fs_unmount(inner);
	target_remove(&target);
	fs_unmount(outer);
	dm_remove_disk();
}

/*
 * There is no cell for a buffered device.  Its worker is throttled against the
 * disk below, which may have more dirty pages than the writer's group may have
 * memory.  Whether the OOM killer ends the writer then depends on how fast the
 * flusher is.
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
