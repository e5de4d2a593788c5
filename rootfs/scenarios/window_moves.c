// SPDX-License-Identifier: GPL-2.0
// window-moves: is a place ever reached that no window of a device contains?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/loop.h>

#include "backing.h"
#include "scenario.h"
#include "target.h"

/*
 * Two windows that end where the file does, or before. The writer's place is in
 * the first one alone; with the second one's offset it would be behind the end.
 */
#define SIZE (48 * MIB)
#define FIRST_LIMIT (32 * MIB)
#define SECOND_OFFSET (40 * MIB)
#define PLACE (16 * MIB)
#define MOVES 40
#define WRITER_MS 30000
#define START_MS 10000

static struct target target = TARGET_NONE;
static struct backing backing;

/* Of the writer, shared with it. */
struct writes {
	int stop, tries, done, refused;
};

static struct writes *writes;

static void run_writer(void *unused)
{
	int fd = CHECK(open(target.path, O_RDWR | O_DIRECT));
	char *buf = zalloc_pages(BLOCK);

	(void)unused;
	memset(buf, 'w', BLOCK);
	while (!READ_ONCE(writes->stop)) {
		if (pwrite(fd, buf, BLOCK, PLACE) == BLOCK)
			writes->done++;
		else
			writes->refused++;
		writes->tries++;
	}
	CHECK(close(fd));
}

static void move(int fd, int to)
{
	struct loop_info64 info = {
		.lo_offset = to ? SECOND_OFFSET : 0,
		.lo_sizelimit = to ? 0 : FIRST_LIMIT,
	};

	CHECK(ioctl(fd, LOOP_SET_STATUS64, &info));
	/* One may have been under way. */
	if (!wait_count(&writes->tries, writes->tries + 2, START_MS))
		FAIL(0, "no write ended within %d ms", START_MS);
}

static void setup(void)
{
	writes = shared_memory(sizeof(*writes));
	backing_make(&backing, BACKING_TMPFS, SIZE);
	target_make(&target, backing.file, 0);
}

static long long file_size(void)
{
	struct stat s;

	CHECK(stat(backing.file, &s));
	return s.st_size;
}

static void run(void)
{
	int fd = CHECK(open(target.path, O_RDWR | O_CLOEXEC)), i;
	pid_t writer;

	writer = process_start(NULL, run_writer, NULL);
	move(fd, 0);
	for (i = 0; i < MOVES && file_size() == SIZE; i++)
		move(fd, (i + 1) % 2);
	writes->stop = 1;
	process_end(writer, WRITER_MS, "the writer");
	CHECK(close(fd));
	evidence("moves", i, "calls");
	evidence("writes", writes->done, "writes");
	evidence("writes_refused", writes->refused, "writes");
	evidence("file_grew", file_size() - SIZE, "bytes");
	if (file_size() != SIZE)
		failed("a write went by the new offset and the old size, and "
		       "%lld bytes behind the end of the file",
		       file_size() - SIZE);
	if (!writes->refused)
		FAIL(0, "no write came while the second window was there");
	held();
}

static void cleanup(void)
{
	target_remove(&target);
	backing_remove(&backing);
}

SCENARIO(window_moves,
	 .claim = "a write through a loop device whose offset and limit are "
		  "changed goes by both the old ones or both the new ones",
	 .needs = NEEDS("driver"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "half-move" },
			      { "cgloop-single", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .expect_events = KLOG_IO_ERROR, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
