// SPDX-License-Identifier: GPL-2.0
// reconfigure-under-throttle: does a change of a device hold up other groups?
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "aio.h"
#include "dm.h"
#include "io.h"
#include "overtake.h"
#include "scenario.h"
#include "target.h"
#include "throttle.h"

#define A_READS 16
#define B_READS 32
#define B_PLACE (64 * MIB)
#define START_MS 10000
#define RELEASE_MS 20000

static struct overtake test;
static struct target target = TARGET_NONE;
static char disk[PATH_LEN];

struct shared {
	int a_submitted, a_done, b_done, changed;
};

static struct shared *shared;

static void run_a(void *unused)
{
	int i, fd = CHECK(open(target.path, O_RDONLY | O_DIRECT));
	aio_context_t aio = aio_make(A_READS);
	char *buf = zalloc_pages(BLOCK);

	(void)unused;
	for (i = 0; i < A_READS; i++) {
		aio_submit(aio, fd, false, buf, BLOCK, i * BLOCK);
		shared->a_submitted++;
	}
	while (shared->a_done < A_READS)
		shared->a_done += aio_reap(aio, BLOCK);
	CHECK(close(fd));
}

/* B also opens the device, which must not be held up, either. */
static void run_b(void *unused)
{
	int fd = CHECK(open(target.path, O_RDONLY | O_DIRECT));
	char *buf = zalloc_pages(BLOCK);
	long long at = B_PLACE;

	(void)unused;
	for (; shared->b_done < B_READS; shared->b_done++, at += BLOCK)
		pread_all(fd, buf, BLOCK, at);
	CHECK(close(fd));
}

/* In another group than A's, which is throttled. */
static void run_changer(void *unused)
{
	struct loop_info64 info = { .lo_offset = BLOCK };
	int fd = CHECK(open(target.path, O_RDWR)), file;

	(void)unused;
	if (cell_is("change", "direct")) {
		CHECK(ioctl(fd, LOOP_SET_DIRECT_IO, 0L));
	} else if (cell_is("change", "block-size")) {
		CHECK(ioctl(fd, LOOP_SET_BLOCK_SIZE, BLOCK));
	} else if (cell_is("change", "offset")) {
		CHECK(ioctl(fd, LOOP_SET_STATUS64, &info));
	} else {
		file = CHECK(open(disk, O_RDONLY));
		CHECK(ioctl(fd, LOOP_CHANGE_FD, file));
		CHECK(close(file));
	}
	shared->changed = 1;
	CHECK(close(fd));
}

static void setup(void)
{
	unsigned int flags = LO_FLAGS_DIRECT_IO;

	overtake_groups(&test);
	shared = shared_memory(sizeof(*shared));
	dm_make_disk(disk);
	if (cell_is("change", "file"))
		flags |= LO_FLAGS_READ_ONLY;
	target_make(&target, disk, flags);
}

static void run(void)
{
	pid_t a, b, changer;
	int b_done, a_done;

	throttle_disk(test.a_group, disk);
	a = process_start(test.a_group, run_a, NULL);
	if (!wait_count(&shared->a_submitted, A_READS, START_MS))
		FAIL(0, "A has not begun within %d ms", START_MS);
	changer = process_start(test.b_group, run_changer, NULL);
	overtake_watch(&shared->changed, 1, "the change");
	evidence("changed_while_a_held", shared->changed, "calls");
	b = process_start(test.b_group, run_b, NULL);
	overtake_watch(&shared->b_done, B_READS, "B");
	b_done = shared->b_done;
	a_done = shared->a_done;
	throttle_lift(test.a_group, disk);
	process_end(a, RELEASE_MS, "A, which is no longer held,");
	process_end(changer, RELEASE_MS, "the changer");
	process_end(b, RELEASE_MS, "B");
	evidence("a_done_while_held", a_done, "requests");
	evidence("b_done_while_a_held", b_done, "requests");
	if (a_done)
		FAIL(0, "A was not held");
	if (b_done == B_READS)
		held();
	failed("B got %d of %d reads done while a change of the device waited "
	       "for A's",
	       b_done, B_READS);
}

static void cleanup(void)
{
	target_remove(&target);
	dm_remove_disk();
}

SCENARIO(reconfigure_under_throttle,
	 .claim = "a change of a loop device while one group is throttled "
		  "does not hold up another",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK, "load:dm_mod"),
	 .cells = CELLS("change=direct", "change=block-size", "change=offset",
			"change=file"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "stall-all" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
