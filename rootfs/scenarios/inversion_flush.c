// SPDX-License-Identifier: GPL-2.0
// inversion-flush: does a group's fsync wait for what another has under way,
// and does it make durable what the other had done?
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include <linux/loop.h>

#include "fs.h"
#include "overtake.h"
#include "powercut.h"
#include "scenario.h"

#define SIZE (24 * MIB)
#define FSYNCS 10
/*
 * Extents of the file.  One block of the extent tree describes up to 340, so
 * the last ones are described by another block than the first.
 */
#define PIECES 400
#define DONE_FROM 380
#define DONE 8

static void flush(int fd, long long at);
static void mark(void);

static struct overtake test = {
	.a_requests = 1,
	.b_requests = FSYNCS,
	.b_once = flush,
	.before_release = mark,
	.target = TARGET_NONE,
};

static char mnt[PATH_LEN], backing[PATH_LEN];
/* Places on the disk of the blocks that A has written. */
static long long places[DONE];

/* Every other block. */
static long long piece_at(int i)
{
	return 2LL * i * BLOCK;
}

static void make_pieces(void)
{
	int i, fd = CHECK(open(backing, O_WRONLY));
	char block[BLOCK] = { 0 };

	for (i = 0; i < PIECES; i++)
		pwrite_all(fd, block, BLOCK, piece_at(i));
	CHECK(fsync(fd));
	for (i = 0; i < DONE; i++)
		places[i] = fs_bmap(fd, piece_at(DONE_FROM + i));
	CHECK(close(fd));
}

/*
 * Writeback is charged to the group that dirtied the inode first.  That must be
 * A's, so that A is held in writeback and not earlier, where the file system
 * looks up the block.
 */
static void own_backing(void *unused)
{
	int fd = CHECK(open(backing, O_WRONLY));
	char block[BLOCK] = { 0 };

	(void)unused;
	pwrite_all(fd, block, BLOCK, 0);
	CHECK(fsync(fd));
	CHECK(close(fd));
}

/*
 * A direct request blocks its submitter only if the file system must first read
 * the extent tree.  After a new mount it must.
 */
static void setup(void)
{
	bool buffered = cell_is("backing", "buffered");

	test.a_writes = buffered;
	test.a_flags = buffered ? O_DSYNC : 0;
	in_folder(mnt, "mnt");
	in_folder(backing, "mnt/backing");
	overtake_groups(&test);
	fs_mount_ext4_journal(RAM_DISK, POWERCUT_BYTES, mnt);
	fs_make_file(backing, SIZE);
	make_pieces();
	CHECK(umount(mnt));
	powercut_make(test.disk);
	/* No commit of the journal may flush the disk meanwhile. */
	CHECK(mount(test.disk, mnt, "ext4", 0, "commit=900"));
	if (buffered)
		run_in(test.a_group, own_backing, NULL);
	target_make(&test.target, backing, buffered ? 0 : LO_FLAGS_DIRECT_IO);
}

static void fill(char *block, int i)
{
	memset(block, 'A' + i, BLOCK);
}

/* A writes these to their end, and does not flush them. */
static void write_done(void *unused)
{
	int i, fd = CHECK(open(test.target.path, O_WRONLY | O_DIRECT));
	char *block = zalloc_pages(BLOCK);

	(void)unused;
	for (i = 0; i < DONE; i++) {
		fill(block, i);
		pwrite_all(fd, block, BLOCK, piece_at(DONE_FROM + i));
	}
	CHECK(close(fd));
}

/* All of B's fsync calls have returned by now, or B is stuck. */
static void mark(void)
{
	powercut_mark(1);
}

static void flush(int fd, long long at)
{
	(void)at;
	CHECK(fsync(fd));
}

/* Counts the blocks that a power cut at the mark would lose. */
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
	target_remove(&test.target);
	fs_unmount(mnt);
	powercut_remove();
}

static void run(void)
{
	int lost = -1;

	run_in(test.a_group, write_done, NULL);
	overtake_run(&test);
	undo();
	powercut_replay(look, &lost);
	evidence("blocks_done_before_fsync", DONE, "blocks");
	evidence("blocks_lost_by_a_cut_after", lost, "blocks");
	if (lost < 0)
		FAIL(0, "the log has no mark");
	if (test.b_done == FSYNCS && lost)
		failed("a power cut after fsync loses %d of %d blocks that "
		       "were written before it",
		       lost, DONE);
	overtake_conclude(&test);
}

static void cleanup(void)
{
	undo();
}

SCENARIO(inversion_flush,
	 .claim = "a group's fsync of a loop device makes durable what all "
		  "have done, and does not wait for what another has under "
		  "way",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_POWERCUT, NEEDS_EXT4),
	 .cells = CELLS("backing=direct", "backing=buffered"),
	 .controls = CONTROLS({ "cgloop-single-all", EXPECT_FALSE, NULL },
			      { "cgloop-inject", EXPECT_FALSE, "drop-flush" },
			      { "cgloop-inject", EXPECT_FALSE, "old-flush" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
