// SPDX-License-Identifier: GPL-2.0
// integrity: do reads through a loop device return what was written?
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "backing.h"
#include "fio.h"
#include "prng.h"
#include "scenario.h"
#include "stamp.h"
#include "target.h"

#define SIZE (4 * MIB)
#define SECTORS (SIZE / SECTOR)
#define STEPS 240
#define LOOK_EVERY 40
#define LONGEST 200 /* blocks of a step */
#define FIO_MS 30000

static struct target target = TARGET_NONE;
static struct backing backing;

/* The step that wrote each sector last; 0: it must read as zeroes. */
static uint32_t wanted[SECTORS];
static char *buf;
static struct prng chance = { .state = 1 };

static long long block_size(void)
{
	return cell_is("block", "512") ? 512 : 4096;
}

static void note(long long at, long long bytes, uint32_t step)
{
	long long s;

	for (s = at / SECTOR; s < (at + bytes) / SECTOR; s++)
		wanted[s] = step;
}

static void write_step(int fd, long long at, long long bytes, uint32_t step)
{
	note(at, bytes, step);
	stamp_fill(buf, at / SECTOR, bytes / SECTOR, step);
	pwrite_all(fd, buf, bytes, at);
}

/* With a file as backing both calls end in a hole, which reads as zeroes. */
static void zero_step(int fd, long long at, long long bytes, bool discard)
{
	uint64_t range[] = { at, bytes };

	note(at, bytes, 0);
	if (driver()->module)
		CHECK(ioctl(fd, discard ? BLKDISCARD : BLKZEROOUT, range));
	else
		CHECK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				at, bytes));
}

/* Counts the sectors that are wrong. */
static int look(int fd)
{
	pread_all(fd, buf, SIZE, 0);
	return stamp_check(buf, 0, SECTORS, wanted);
}

/* Writes, discards and zeroes ranges of random sizes at random places. */
static int run_steps(int fd)
{
	long long blocks = SIZE / block_size(), at, bytes;
	int step, kind, bad = 0;

	for (step = 1; step <= STEPS; step++) {
		at = prng(&chance, blocks);
		bytes = 1 + prng(&chance, LONGEST);
		if (bytes > blocks - at)
			bytes = blocks - at;
		at *= block_size();
		bytes *= block_size();
		kind = prng(&chance, 8);
		if (kind < 2)
			zero_step(fd, at, bytes, kind);
		else
			write_step(fd, at, bytes, step);
		if (step % LOOK_EVERY == 0)
			bad += look(fd);
	}
	return bad;
}

static int run_fio(void)
{
	char file[PATH_LEN], sizes[32];
	const char *const args[] = {
		file,	       sizes,
		"--size=4m",   driver()->module ? "--direct=1" : "--direct=0",
		"--iodepth=8", "--fsync=64",
		NULL
	};

	text_set(file, sizeof(file), "--filename=%s", target.path);
	text_set(sizes, sizeof(sizes), "--bsrange=%lld-16k", block_size());
	return fio_verify(args, FIO_MS);
}

static void setup(void)
{
	bool direct = cell_is("backing", "direct");

	backing_make(&backing, direct ? BACKING_EXT4 : BACKING_TMPFS, SIZE);
	target_make(&target, backing.file, direct ? LO_FLAGS_DIRECT_IO : 0);
	buf = zalloc_pages(SIZE);
}

static void run(void)
{
	int fd, bad, fio, direct = driver()->module ? O_DIRECT : 0;

	fd = CHECK(open(target.path, O_RDWR | direct));
	if (driver()->module)
		CHECK(ioctl(fd, LOOP_SET_BLOCK_SIZE, block_size()));
	bad = run_steps(fd);
	CHECK(close(fd));
	fio = run_fio();
	evidence("steps", STEPS, "requests");
	evidence("sectors_looked_at", SECTORS * STEPS / LOOK_EVERY, "sectors");
	evidence("sectors_wrong", bad, "sectors");
	evidence("fio_status", fio, "status");
	if (!bad && !fio)
		held();
	failed("%d sectors were not what was written, fio's verify ended "
	       "with %#x",
	       bad, fio);
}

static void cleanup(void)
{
	target_remove(&target);
	backing_remove(&backing);
}

/*
 * A driver refuses to zero a range that its backing file cannot zero.  The
 * kernel logs that as an I/O error and writes zeroes instead.
 */
SCENARIO(integrity,
	 .claim = "what is written through a loop device is what is read, "
		  "holes and odd sizes included",
	 .needs = NEEDS("driver", NEEDS_FIO, NEEDS_BACKING_EXT4),
	 .cells = CELLS("block=512 backing=buffered",
			"block=4096 backing=buffered",
			"block=512 backing=direct",
			"block=4096 backing=direct"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "corrupt" },
			      { "cgloop-single", EXPECT_TRUE, NULL },
			      { "cgloop-single-all", EXPECT_TRUE, NULL },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .expect_events = KLOG_IO_ERROR, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
