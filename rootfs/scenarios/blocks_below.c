// SPDX-License-Identifier: GPL-2.0
// blocks-below: is direct I/O used just where it fits the blocks of the disk?
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/loop.h>

#include "disk.h"
#include "fs.h"
#include "prng.h"
#include "scenario.h"
#include "target.h"

#define SIZE (2 * MIB)
#define DISK (32 * MIB)

/* A disk with blocks of 4096 bytes, and a device on a file on it. */
static struct target lower = TARGET_NONE, target = TARGET_NONE;
static char image[PATH_LEN], mnt[PATH_LEN], file[PATH_LEN];

/* How it is bound, and whether I/O on the file has to be direct then. */
static const struct way {
	const char *name;
	uint32_t block_size; /* 0: the driver's choice */
	uint64_t offset;
	int direct, logical;
	uint32_t later; /* a block size that is set when it is bound; 0: none */
} ways[] = {
	{ "512", 512, 0, 0, 512, 0 },
	{ "any", 0, 0, 1, 4096, 0 },
	{ "4096", 4096, 0, 1, 4096, 0 },
	{ "4096_at_512", 4096, 512, 0, 4096, 0 },
	{ "4096_at_4096", 4096, 4096, 1, 4096, 0 },
	{ "512_later", 4096, 0, 0, 512, 512 },
};

static int wrong, bytes_wrong;
static char first_wrong[PATH_LEN];

static void bind_to(const char *node, const char *path,
		    const struct loop_config *like)
{
	struct loop_config config = *like;
	int fd = CHECK(open(node, O_RDWR | O_CLOEXEC));

	config.fd = CHECK(open(path, O_RDWR | O_CLOEXEC));
	CHECK(ioctl(fd, LOOP_CONFIGURE, &config));
	CHECK(close(config.fd));
	CHECK(close(fd));
}

static void fill(void)
{
	struct prng numbers = { .state = 1 };
	char *buf = zalloc_pages(SIZE);
	int i, fd = CHECK(open(file, O_RDWR | O_CREAT, 0600));

	for (i = 0; i < SIZE; i++)
		buf[i] = prng_bits(&numbers);
	pwrite_all(fd, buf, SIZE, 0);
	CHECK(fsync(fd));
	CHECK(close(fd));
}

static void setup(void)
{
	struct loop_config config = { .block_size = BLOCK };

	in_folder(image, "image");
	in_folder(mnt, "mnt");
	in_folder(file, "mnt/file");
	fs_make_file(image, DISK);
	lower.number = CHECK(driver_reserve(driver(), lower.path));
	bind_to(lower.path, image, &config);
	fs_mount_ext4(lower.path, DISK, mnt);
	fill();
	target.number = CHECK(driver_reserve(driver(), target.path));
}

static int number_in(const char *name)
{
	char path[PATH_LEN];
	int n;

	disk_file(path, target.path, name);
	file_scan(path, 1, "%d", &n);
	return n;
}

/* Reads all of the device, and compares it with the file. */
static int compare(uint64_t offset)
{
	char *is = zalloc_pages(SIZE), *should = zalloc_pages(SIZE);
	int fd = CHECK(open(file, O_RDONLY)), i, n = 0;
	size_t bytes = (SIZE - offset) / BLOCK * BLOCK;

	pread_all(fd, should, bytes, offset);
	CHECK(close(fd));
	fd = CHECK(open(target.path, O_RDONLY | O_DIRECT));
	pread_all(fd, is, bytes, 0);
	CHECK(close(fd));
	for (i = 0; i < (int)bytes; i++)
		n += is[i] != should[i];
	return n;
}

static void set_blocks(uint32_t size)
{
	int fd = CHECK(open(target.path, O_RDWR | O_CLOEXEC));

	CHECK(ioctl(fd, LOOP_SET_BLOCK_SIZE, size));
	CHECK(close(fd));
}

static void try(const struct way *w)
{
	struct loop_config config = { .block_size = w->block_size };
	char name[PATH_LEN];
	int direct, logical;

	config.info.lo_offset = w->offset;
	config.info.lo_flags = LO_FLAGS_DIRECT_IO;
	bind_to(target.path, file, &config);
	if (w->later)
		set_blocks(w->later);
	direct = number_in("loop/dio");
	logical = number_in("queue/logical_block_size");
	bytes_wrong += compare(w->offset);
	CHECK(driver_unbind(target.path));
	text_set(name, sizeof(name), "direct_%s", w->name);
	evidence(name, direct, "devices");
	if (direct == w->direct && logical == w->logical)
		return;
	if (!wrong++)
		text_set(first_wrong, sizeof(first_wrong),
			 "%s: direct %d, blocks of %d", w->name, direct,
			 logical);
}

static void run(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		try(&ways[i]);
	evidence("ways_wrong", wrong, "ways");
	evidence("bytes_wrong", bytes_wrong, "bytes");
	if (bytes_wrong)
		failed("%d bytes were not read as they are in the file",
		       bytes_wrong);
	if (wrong)
		failed("%d ways of binding; the first: %s", wrong, first_wrong);
	held();
}

static void cleanup(void)
{
	target_remove(&target);
	fs_unmount(mnt);
	target_remove(&lower);
	unlink(image);
}

SCENARIO(blocks_below,
	 .claim = "I/O on the backing file is direct just where each block of "
		  "the loop device is whole blocks of the disk below, and "
		  "reads right in any case",
	 .needs = NEEDS("driver", NEEDS_EXT4),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"direct-anyway" },
			      { "cgloop-single", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .expect_events = KLOG_IO_ERROR, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
