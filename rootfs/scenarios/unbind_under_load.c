// SPDX-License-Identifier: GPL-2.0
// unbind-under-load: a device is changed and unbound while I/O runs or is held.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "aio.h"
#include "dm.h"
#include "module.h"
#include "overtake.h"
#include "progress.h"
#include "scenario.h"
#include "throttle.h"

#define READS 16
/* B writes here, far behind A's reads. */
#define PLACE (64 * MIB)
#define BLOCKS 16
#define START_MS 10000
/* For a process to end, once nothing is held any more. */
#define GONE_TURNS 1500
/* Calls of the changer. */
#define CHANGES 15

/* Its groups, disk and device only: A and B are this scenario's own. */
static struct overtake test;

/* Shared by the four processes. */
struct shared {
	int a_submitted, a_done;
	int rounds, wrong; /* B's */
	int changes, refused, sizes_wrong; /* the changer's */
	int stop;
};

static struct shared *shared;

/* A: reads that are held until the changer is done. */
static void run_a(void *unused)
{
	int i, fd = CHECK(open(test.target.path, O_RDONLY | O_DIRECT));
	aio_context_t aio = aio_make(READS);
	char *buf = zalloc_pages(BLOCK);

	(void)unused;
	for (i = 0; i < READS; i++) {
		aio_submit(aio, fd, false, buf, BLOCK, i * BLOCK);
		shared->a_submitted++;
	}
	while (shared->a_done < READS)
		shared->a_done += aio_reap(aio, BLOCK);
	CHECK(close(fd));
}

/* B: writes and reads back, other bytes in each round. */
static void run_b(void *unused)
{
	int i, fd = CHECK(open(test.target.path, O_RDWR | O_DIRECT));
	char *out = zalloc_pages(BLOCK), *in = zalloc_pages(BLOCK);

	(void)unused;
	while (!READ_ONCE(shared->stop)) {
		for (i = 0; i < BLOCKS; i++) {
			memset(out, shared->rounds + i, BLOCK);
			pwrite_all(fd, out, BLOCK, PLACE + i * BLOCK);
		}
		for (i = 0; i < BLOCKS; i++) {
			memset(out, shared->rounds + i, BLOCK);
			pread_all(fd, in, BLOCK, PLACE + i * BLOCK);
			shared->wrong += memcmp(in, out, BLOCK) != 0;
		}
		shared->rounds++;
	}
	CHECK(close(fd));
}

/* Checks the outcome of a change: one of two errnos, 0 for success. */
static void expect(const char *what, long ret, int err, int other)
{
	int got = ret < 0 ? errno : 0;

	shared->changes++;
	if (got != err && got != other)
		FAIL(got, "%s", what);
	shared->refused += !!got;
}

static void change(int fd, int file)
{
	struct loop_info64 info = { 0 };

	expect("capacity", ioctl(fd, LOOP_SET_CAPACITY), 0, 0);
	expect("status", ioctl(fd, LOOP_SET_STATUS64, &info), 0, 0);
	expect("direct", ioctl(fd, LOOP_SET_DIRECT_IO, 1L), 0, EINVAL);
	expect("buffered", ioctl(fd, LOOP_SET_DIRECT_IO, 0L), 0, 0);
	/* The backing of a device that is open for writing cannot change. */
	expect("other file", ioctl(fd, LOOP_CHANGE_FD, file), EINVAL, EINVAL);
}

/* Changes the size of the disk below, which the device must follow. */
static void resize(int fd, long long bytes)
{
	struct dm_piece piece = { .below = RAM_DISK, .bytes = bytes };
	long long size;

	dm_change("disk", &piece);
	expect("new capacity", ioctl(fd, LOOP_SET_CAPACITY), 0, 0);
	CHECK(ioctl(fd, BLKGETSIZE64, &size));
	shared->sizes_wrong += size != bytes;
}

/* Removing and unloading must be refused while the device is in use. */
static void run_changer(void *unused)
{
	int fd = CHECK(open(test.target.path, O_RDWR));
	int file = CHECK(open(test.disk, O_RDWR)), control;
	char path[PATH_LEN];

	(void)unused;
	text_set(path, sizeof(path), "/dev/%s-control", driver()->device);
	control = CHECK(open(path, O_RDWR));
	expect("remove", ioctl(control, LOOP_CTL_REMOVE, test.target.number),
	       EBUSY, EBUSY);
	CHECK(close(control));
	/* ENOENT where the driver is built in. */
	expect("unload",
	       syscall(SYS_delete_module, driver()->module, O_NONBLOCK),
	       EWOULDBLOCK, ENOENT);
	change(fd, file);
	resize(fd, RAM_DISK_BYTES / 2);
	change(fd, file);
	resize(fd, RAM_DISK_BYTES);
	/* Now the device is unbound at its last user's close. */
	expect("unbind", ioctl(fd, LOOP_CLR_FD), 0, 0);
	CHECK(close(file));
	CHECK(close(fd));
}

static void setup(void)
{
	shared = shared_memory(sizeof(*shared));
	overtake_setup(&test);
}

static void end(pid_t pid, const char *who)
{
	int status;

	if (!progress_end(pid, &status, who))
		failed("%s hangs, though nothing is held any more", who);
	if (status)
		FAIL(0, "%s ended with %#x", who, status);
}

static bool is_unbound(void *unused)
{
	(void)unused;
	return !driver_bound(test.target.path);
}

/* A driver without a bound device can be unloaded, unless it is built in. */
static bool is_unloaded(void *unused)
{
	(void)unused;
	if (module_find(driver()->module) == MODULE_BUILTIN)
		return true;
	if (syscall(SYS_delete_module, driver()->module, O_NONBLOCK))
		return false;
	test.target.number = -1;
	return true;
}

static void show(int changes_before)
{
	evidence("changes", shared->changes, "calls");
	evidence("changes_while_a_held", changes_before, "calls");
	evidence("changes_refused", shared->refused, "calls");
	evidence("sizes_wrong", shared->sizes_wrong, "calls");
	evidence("a_done", shared->a_done, "requests");
	evidence("b_rounds", shared->rounds, "rounds");
	evidence("b_blocks_wrong", shared->wrong, "blocks");
}

static void run(void)
{
	pid_t a, b, changer;
	int before;

	throttle_disk(test.a_group, test.disk);
	a = process_start(test.a_group, run_a, NULL);
	b = process_start(test.b_group, run_b, NULL);
	if (!wait_count(&shared->a_submitted, READS, START_MS) ||
	    !wait_count(&shared->rounds, 1, START_MS))
		FAIL(0, "A or B has not begun within %d ms", START_MS);
	changer = process_start(test.b_group, run_changer, NULL);
	overtake_watch(&shared->changes, CHANGES, "the changer");
	before = shared->changes;
	if (shared->a_done)
		FAIL(0, "A was not held");
	throttle_lift(test.a_group, test.disk);
	end(changer, "the changer");
	end(a, "A");
	shared->stop = 1;
	end(b, "B");
	show(before);
	if (shared->wrong)
		failed("%d blocks were not read as they were written",
		       shared->wrong);
	if (!progress_until(is_unbound, NULL, GONE_TURNS, "the device"))
		failed("the device stays bound");
	if (shared->sizes_wrong)
		failed("%d times the device did not follow its disk's size",
		       shared->sizes_wrong);
	if (!progress_until(is_unloaded, NULL, GONE_TURNS, "the driver"))
		failed("the driver stays loaded");
	held();
}

static void cleanup(void)
{
	overtake_cleanup(&test);
}

SCENARIO(unbind_under_load,
	 .claim = "a loop device that is changed, resized and unbound while "
		  "I/O runs and is held loses nothing, hangs nobody for good, "
		  "and lets its driver go",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK, "load:dm_mod"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "corrupt" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
