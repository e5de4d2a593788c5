// SPDX-License-Identifier: GPL-2.0
// inversion-flush: does a group's fsync wait for what another has under way,
// and does it make durable what the other had done?
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include <linux/loop.h>

#include "powercut.h"
#include "fs.h"
#include "throttle.h"
#include "overtake.h"
#include "scenario.h"

#define MIB (1024LL * 1024)
#define SIZE (24 * MIB)
#define BLOCK 4096
#define FSYNCS 10
/*
 * Where the pieces of a file are is written in blocks of their own, with room
 * for 340 each.
 */
#define PIECES 400
#define DONE_FROM 380
#define DONE 8
#define ISSUER_MS 20000

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN], disk[PATH_LEN];
static char a_group[PATH_LEN], b_group[PATH_LEN];
/* Of the blocks that A has done: their places on the disk. */
static long long places[DONE];

/* Every other block. */
static long long piece_at(int i)
{
	return 2LL * i * BLOCK;
}

static void make_pieces(void)
{
	int i, fd = CHECK(open(backing, O_WRONLY));
	char *block = zalloc(BLOCK);

	for (i = 0; i < PIECES; i++)
		if (CHECK(pwrite(fd, block, BLOCK, piece_at(i))) != BLOCK)
			FAIL(0, "a short write");
	CHECK(fsync(fd));
	for (i = 0; i < DONE; i++)
		places[i] = fs_bmap(fd, piece_at(DONE_FROM + i));
	CHECK(close(fd));
}

/*
 * What leaves the cache belongs to whoever dirtied the inode first; and A is to
 * be held there, not before, where the file system looks for the block.
 */
static void own_backing(void *unused)
{
	int fd = CHECK(open(backing, O_WRONLY));
	char *block = zalloc(BLOCK);

	(void)unused;
	if (CHECK(pwrite(fd, block, BLOCK, 0)) != BLOCK)
		FAIL(0, "a short write");
	CHECK(fsync(fd));
	CHECK(close(fd));
}

/*
 * Direct I/O does not hold the one who starts it, unless the file system has
 * to read first where the data is.  Mounted anew, it has to.
 */
static void setup(void)
{
	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	overtake_groups(a_group, b_group);
	fs_mount_ext4_journal(RAM_DISK, POWERCUT_BYTES, top);
	fs_make_file(backing, SIZE);
	make_pieces();
	CHECK(umount(top));
	powercut_make(disk);
	/* It must not flush by itself under way. */
	CHECK(mount(disk, top, "ext4", 0, "commit=900"));
	if (cell_is("backing", "buffered") &&
	    process_run(a_group, own_backing, NULL, ISSUER_MS))
		FAIL(0, "A cannot write to the backing file");
	target_make(&target, backing,
		    cell_is("backing", "direct") ? LO_FLAGS_DIRECT_IO : 0);
}

static void fill(char *block, int i)
{
	memset(block, 'A' + i, BLOCK);
}

/* What A gets done, and does not flush. */
static void write_done(void *unused)
{
	int i, fd = CHECK(open(target.path, O_WRONLY | O_DIRECT));
	char *block = zalloc_pages(BLOCK);

	(void)unused;
	for (i = 0; i < DONE; i++) {
		fill(block, i);
		if (CHECK(pwrite(fd, block, BLOCK, piece_at(DONE_FROM + i))) !=
		    BLOCK)
			FAIL(0, "a short write");
	}
	CHECK(close(fd));
}

/* Not before A has opened the file, which reads from the disk, too. */
static void hold(void)
{
	throttle_disk(a_group, disk);
}

/* B has what it asked for, or is stuck. */
static void lift(void)
{
	powercut_mark(1);
	throttle_lift(a_group, disk);
}

static void flush(int fd, long long at)
{
	(void)at;
	CHECK(fsync(fd));
}

/* At the mark, if the power went then. */
static void look(const struct powercut_state *m, void *lost)
{
	char block[BLOCK];
	int i;

	if (!m->marked || m->mark != 1)
		return;
	*(int *)lost = 0;
	for (i = 0; i < DONE; i++) {
		fill(block, i);
		*(int *)lost += memcmp(m->image + places[i], block, BLOCK) != 0;
	}
}

static void undo(void)
{
	target_remove(&target);
	umount2(top, MNT_DETACH);
	powercut_remove();
}

static void run(void)
{
	bool buffered = cell_is("backing", "buffered");
	struct overtake o = {
		.a_group = a_group,
		.a_path = target.path,
		.a_requests = 1,
		.a_writes = buffered,
		.a_flags = buffered ? O_DSYNC : 0,
		.b_group = b_group,
		.b_path = target.path,
		.b_requests = FSYNCS,
		.b_once = flush,
		.hold = hold,
		.lift = lift,
	};
	int lost = -1;

	if (process_run(a_group, write_done, NULL, ISSUER_MS))
		FAIL(0, "A failed");
	overtake_run(&o);
	undo();
	powercut_replay(look, &lost);
	evidence("blocks_done_before_fsync", DONE, "blocks");
	evidence("blocks_lost_by_a_cut_after", lost, "blocks");
	if (lost < 0)
		FAIL(0, "the log has no mark");
	if (o.b_done == FSYNCS && lost)
		failed("fsync left %d of %d blocks to the next power cut that "
		       "had been done before",
		       lost, DONE);
	overtake_conclude(&o);
}

static void cleanup(void)
{
	undo();
	rmdir(top);
}

SCENARIO(inversion_flush,
	 .claim = "a group's fsync of a loop device makes durable what all "
		  "have done, and does not wait for what another has under "
		  "way",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_POWERCUT, NEEDS_EXT4),
	 .cells = CELLS("backing=direct", "backing=buffered"),
	 .controls = CONTROLS({ "cgloop-single-all", EXPECT_FALSE, NULL },
			      { "cgloop-inject", EXPECT_FALSE, "drop-flush" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
