// SPDX-License-Identifier: GPL-2.0
// power-cut: do writes that were flushed through a loop device survive?
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/loop.h>

#include "aio.h"
#include "dm.h"
#include "fs.h"
#include "powercut.h"
#include "scenario.h"

/* The device has a file system, and behind it blocks that are written raw. */
#define FS_BYTES (10 * MIB)
#define RING 48
#define SIZE (FS_BYTES + RING * BLOCK)
#define PLACES (SIZE / BLOCK)
#define STEPS 32
#define FILES 8
#define FILE_BLOCKS 2
#define WRITES (STEPS * 3)
/* Place on the RAM disk of the copy that is mounted as after a power cut. */
#define SCRATCH_AT (512 * MIB)

static struct target target = TARGET_NONE;
static char outer[PATH_LEN], backing[PATH_LEN], inner[PATH_LEN];
static char disk[PATH_LEN], scratch[PATH_LEN];
static char *block;
/* The place on the disk of each block of the device. */
static long long places[PLACES];

/* The n-th raw write, from 1: its block, and the step that acknowledged it. */
static struct {
	int at, step;
} writes[WRITES + 1];
static int written;

/* Sums over all states of the disk. */
struct seen {
	int states, flushes, mounts;
	int lost, first_lost; /* blocks; the step after which */
	int stray; /* blocks that hold what was never written there */
	int files_lost;
};

/*
 * Writes every block, so that no place on the disk is allocated or freed later.
 * The raw blocks become zeroes: an earlier run may have written them.
 */
static void fill_and_find(const char *path)
{
	int fd = CHECK(open(path, O_RDWR)), i;
	char *fs = zalloc_pages(SIZE);

	pread_all(fd, fs, FS_BYTES, 0);
	pwrite_all(fd, fs, SIZE, 0);
	CHECK(fsync(fd));
	for (i = 0; i < PLACES; i++)
		places[i] = cell_is("on", "file") ? fs_bmap(fd, i * BLOCK) :
						    i * BLOCK;
	CHECK(close(fd));
	munmap(fs, SIZE);
}

static void setup(void)
{
	struct dm_piece piece = { .below = RAM_DISK,
				  .bytes = FS_BYTES,
				  .from = SCRATCH_AT };
	bool file = cell_is("on", "file");

	in_folder(outer, "mnt");
	in_folder(backing, "mnt/backing");
	in_folder(inner, "inner");
	CHECK(mkdir(inner, 0700));
	block = zalloc_pages(BLOCK);
	if (file) {
		fs_mount_ext4_journal(RAM_DISK, POWERCUT_BYTES, outer);
		fs_make_file(backing, SIZE);
	}
	fs_make_ext4_journal(file ? backing : RAM_DISK, FS_BYTES);
	fill_and_find(file ? backing : RAM_DISK);
	if (file)
		CHECK(umount(outer));
	powercut_make(disk);
	dm_make("scratch", &piece, scratch);
	if (file)
		CHECK(mount(disk, outer, "ext4", 0, "commit=900"));
	target_make(&target, file ? backing : disk,
		    cell_is("io", "direct") ? LO_FLAGS_DIRECT_IO : 0);
}

/* The block holds the number, over and over. */
static void fill(uint32_t number)
{
	uint32_t *words = (uint32_t *)block;
	size_t i;

	for (i = 0; i < BLOCK / sizeof(*words); i++)
		words[i] = number;
}

/* Fills the block for the next raw write, and returns where it goes. */
static long long prepare_write(void)
{
	int at = written++ % RING;

	writes[written].at = at;
	fill(written);
	return FS_BYTES + at * BLOCK;
}

static void write_plainly(int fd)
{
	long long at = prepare_write();

	pwrite_all(fd, block, BLOCK, at);
}

/* One write with FUA and no flush: an asynchronous one with O_DSYNC. */
static void write_fua(int fd)
{
	aio_context_t aio = aio_make(1);

	aio_submit(aio, fd, true, block, BLOCK, prepare_write());
	aio_reap(aio, BLOCK);
	aio_end(aio);
}

/*
 * Odd steps: two writes and a flush, which acknowledges all writes so far.
 * Even steps: a write, and a write with FUA, which acknowledges itself alone.
 */
static void write_steps(void)
{
	int fd = CHECK(open(target.path, O_RDWR | O_DIRECT)), step, i;
	int fua = CHECK(open(target.path, O_RDWR | O_DIRECT | O_DSYNC));

	for (step = 1; step <= STEPS; step++) {
		write_plainly(fd);
		if (step % 2) {
			write_plainly(fd);
			CHECK(fsync(fd));
			for (i = written; i && !writes[i].step; i--)
				writes[i].step = step;
		} else {
			write_fua(fua);
			writes[written].step = step;
		}
		powercut_mark(step);
	}
	CHECK(close(fd));
	CHECK(close(fua));
}

static void file_name(char *path, int number)
{
	text_set(path, PATH_LEN, "%s/file%d", inner, number);
}

/* Writes files to the file system on the device, with an fsync each. */
static void write_files(void)
{
	char path[PATH_LEN];
	int number, fd, i;

	CHECK(mount(target.path, inner, "ext4", 0, NULL));
	for (number = 1; number <= FILES; number++) {
		file_name(path, number);
		fd = CHECK(open(path, O_WRONLY | O_CREAT | O_EXCL, 0600));
		fill(number);
		for (i = 0; i < FILE_BLOCKS; i++)
			write_all(fd, block, BLOCK);
		CHECK(fsync(fd));
		CHECK(close(fd));
		powercut_mark(STEPS + number);
	}
	CHECK(umount(inner));
}

/*
 * A block must hold the last write to it that was acknowledged, or a later one.
 */
static void look_at_blocks(const struct powercut_state *m, struct seen *s)
{
	int last[RING] = { 0 }, at, i;
	const uint32_t *words;
	uint32_t found;

	for (i = 1; i <= written; i++)
		if (writes[i].step && writes[i].step <= m->mark)
			last[writes[i].at] = i;
	for (at = 0; at < RING; at++) {
		words = (const uint32_t *)(m->image +
					   places[FS_BYTES / BLOCK + at]);
		found = words[0];
		for (i = 1; i < BLOCK / 4 && words[i] == found; i++)
			;
		if (i < BLOCK / 4 || found > WRITES ||
		    (found && writes[found].at != at)) {
			s->stray++;
		} else if ((int)found < last[at]) {
			s->lost++;
			if (!s->first_lost)
				s->first_lost = m->mark;
		}
	}
}

static bool file_is_right(int number)
{
	char path[PATH_LEN], found[BLOCK];
	int fd, i, right = 0;

	file_name(path, number);
	fill(number);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	for (i = 0; i < FILE_BLOCKS; i++)
		right += read(fd, found, BLOCK) == BLOCK &&
			 !memcmp(found, block, BLOCK);
	CHECK(close(fd));
	return right == FILE_BLOCKS;
}

/* Copies the device's file system of that state, extent by extent. */
static void restore(const struct powercut_state *m)
{
	int fd = CHECK(open(scratch, O_WRONLY | O_DIRECT)), i, n;

	for (i = 0; i < FS_BYTES / BLOCK; i += n) {
		for (n = 1; i + n < FS_BYTES / BLOCK; n++)
			if (places[i + n] != places[i] + n * BLOCK)
				break;
		pwrite_all(fd, m->image + places[i], n * BLOCK, i * BLOCK);
	}
	CHECK(close(fd));
}

/* Mounts it as after a cut: the journal is replayed, and the files appear. */
static void look_at_files(const struct powercut_state *m, struct seen *s)
{
	int i;

	restore(m);
	CHECK(mount(scratch, inner, "ext4", 0, NULL));
	s->mounts++;
	for (i = 1; i <= m->mark - STEPS; i++)
		s->files_lost += !file_is_right(i);
	CHECK(umount(inner));
}

static void look(const struct powercut_state *m, void *arg)
{
	struct seen *s = arg;

	s->states++;
	s->flushes += m->flushed;
	look_at_blocks(m, s);
	if (!s->lost && (m->flushed || m->marked) && m->mark >= STEPS)
		look_at_files(m, s);
}

static void undo(void)
{
	umount2(inner, MNT_DETACH);
	target_remove(&target);
	fs_unmount(outer);
	powercut_remove();
}

static void run(void)
{
	bool disk_there = driver()->module || cell_is("on", "disk");
	struct seen s = { 0 };

	write_steps();
	if (disk_there)
		write_files();
	undo();
	powercut_replay(look, &s);
	evidence("acknowledgements", STEPS + disk_there * FILES, "marks");
	evidence("moments", s.states, "states");
	evidence("flushes", s.flushes, "states");
	evidence("mounts", s.mounts, "states");
	evidence("blocks_lost", s.lost, "blocks");
	evidence("blocks_stray", s.stray, "blocks");
	evidence("files_lost", s.files_lost, "files");
	if (disk_there && !s.lost && s.mounts < FILES)
		FAIL(0, "only %d states had a file system to look at",
		     s.mounts);
	if (s.lost)
		failed("a cut after step %d and later loses blocks that were "
		       "flushed or written FUA, %d in all",
		       s.first_lost, s.lost);
	if (s.stray)
		failed("%d blocks hold what was never written there", s.stray);
	if (s.files_lost)
		failed("after a cut %d files that were synced are not there",
		       s.files_lost);
	held();
}

static void cleanup(void)
{
	undo();
	dm_remove("scratch");
	rmdir(inner);
}

SCENARIO(power_cut,
	 .claim = "what was flushed through a loop device, or written FUA, "
		  "survives a power cut at any moment",
	 .needs = NEEDS("driver", NEEDS_POWERCUT, NEEDS_EXT4),
	 .cells = CELLS("on=disk io=direct", "on=file io=direct",
			"on=file io=buffered"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "drop-flush" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
