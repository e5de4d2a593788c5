// SPDX-License-Identifier: GPL-2.0
// overwrite-throttled: how much may be dirty below a loop device?
#include <fcntl.h>
#include <unistd.h>

#include "dirty.h"
#include "disk.h"
#include "dm.h"
#include "progress.h"
#include "scenario.h"
#include "target.h"
#include "throttle.h"

/* Bytes that the writer may dirty, and that it would. */
#define LIMIT (8 * MIB)
#define CACHED (48 * MIB)
#define CHUNK (64 * KIB)
/* The kernel lets a writer go on for a little now and then. */
#define PAUSE_TURNS 30
#define WATCH_MS 60000
#define READY_MS 20000

static struct target target = TARGET_NONE;
static char disk[PATH_LEN], group[PATH_LEN];

/* Of the writer, shared with it. */
struct written {
	int ready, go, chunks;
};

static struct written *written;

/* Overwrites what the disk has in its page cache. */
static void run_writer(void *unused)
{
	int fd = CHECK(
		open(target.path, O_RDWR | (driver()->module ? O_DIRECT : 0)));
	char *buf = zalloc_pages(CHUNK);
	int i;

	(void)unused;
	io_range(fd, false, CHUNK, 0, CACHED);
	written->ready = 1;
	if (!wait_count(&written->go, 1, READY_MS))
		FAIL(0, "the writer may not write within %d ms", READY_MS);
	for (i = 0; i < CACHED / CHUNK; i++) {
		pwrite_all(fd, buf, CHUNK, i * CHUNK);
		written->chunks++;
	}
	CHECK(close(fd));
}

/*
 * While too much is dirty a worker pauses for a tick before each folio, no
 * longer.  Only if each folio is a page does that look like a standstill.
 * Newer kernels with huge pages have larger folios in a disk's page cache:
 * readahead makes them, so it is off.
 */
static void use_small_folios(void)
{
	char file[PATH_LEN];

	disk_file(file, disk, "queue/read_ahead_kb");
	file_put(file, "0");
}

static void setup(void)
{
	written = shared_memory(sizeof(*written));
	make_group(group, "writer", "");
	dm_make_disk(disk);
	use_small_folios();
	target_make(&target, disk, 0);
}

/* Nothing of the group's can be written back, so it has to be slowed down. */
static void run(void)
{
	int chunks, status;
	pid_t pid;

	sync();
	dirty_limit(LIMIT);
	pid = process_start(group, run_writer, NULL);
	if (!wait_count(&written->ready, 1, READY_MS))
		FAIL(0, "the writer has not begun within %d ms", READY_MS);
	throttle_disk(group, disk);
	written->go = 1;
	progress_count(&written->chunks, CACHED / CHUNK, PAUSE_TURNS, WATCH_MS,
		       "the writer");
	chunks = written->chunks;
	evidence("dirty_limit", LIMIT, "bytes");
	evidence("written", chunks * CHUNK, "bytes");
	evidence("dirty", dirty_bytes(), "bytes");
	throttle_lift(group, disk);
	dirty_unlimit();
	if (!progress_end(pid, &status, "the writer"))
		failed("the writer hangs, though nothing is held any more");
	if (status)
		FAIL(0, "the writer ended with %#x", status);
	if (chunks == CACHED / CHUNK)
		failed("all of %lld bytes were written, and %lld may be dirty",
		       CACHED, LIMIT);
	held();
}

static void cleanup(void)
{
	target_remove(&target);
	if (*disk)
		dm_remove_disk();
}

SCENARIO(overwrite_throttled,
	 .claim = "who overwrites what the backing of a loop device has in its "
		  "page cache is slowed down when too much is dirty",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_RAM_DISK,
			"load:dm_mod"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "cache-anyway" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 120, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
