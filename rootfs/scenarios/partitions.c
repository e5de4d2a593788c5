// SPDX-License-Identifier: GPL-2.0
// partitions: they come and go with what is bound, and stay while in use.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/loop.h>

#include "fs.h"
#include "io.h"
#include "progress.h"
#include "scenario.h"
#include "uevent.h"

#define SIZE (24 * MIB)
/* The table's first entry: its type, first sector and number of sectors. */
#define TABLE 446
#define FIRST (MIB / SECTOR)
#define SECTORS (16 * MIB / SECTOR)
/* The kernel makes and removes the nodes of partitions by a thread. */
#define TURNS 1000

static char node[PATH_LEN], part[PATH_LEN], backing[PATH_LEN], mnt[PATH_LEN];
static int number = -1, uevents = -1;
static bool mounted;

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void put_le32(char *at, unsigned int value)
{
	int i;

	for (i = 0; i < 4; i++)
		at[i] = value >> (8 * i);
}

static void make_table(void)
{
	char sector[SECTOR] = { 0 }, *entry = sector + TABLE;
	int fd;

	entry[4] = 0x83;
	put_le32(entry + 8, FIRST);
	put_le32(entry + 12, SECTORS);
	sector[510] = 0x55;
	sector[511] = (char)0xaa;
	fs_make_file(backing, SIZE);
	fd = CHECK(open(backing, O_WRONLY));
	CHECK(write(fd, sector, sizeof(sector)));
	CHECK(close(fd));
}

static void setup(void)
{
	in_folder(backing, "backing");
	in_folder(mnt, "mnt");
	make_table();
	number = CHECK(driver_reserve(driver(), node));
	text_set(part, sizeof(part), "%sp1", node);
	uevents = uevent_open();
}

/* How often the partition has come or gone since the last look. */
static int count(const char *action)
{
	struct uevent e;
	int n = 0;

	while (uevent_next(uevents, &e))
		n += !strcmp(e.name, name_of(part)) &&
		     !strcmp(e.action, action);
	return n;
}

static bool is_there(void *unused)
{
	(void)unused;
	return access(part, F_OK) == 0;
}

static bool is_gone(void *unused)
{
	return !is_there(unused);
}

static bool comes(void)
{
	return progress_until(is_there, NULL, TURNS, "the partition");
}

static bool goes(void)
{
	return progress_until(is_gone, NULL, TURNS, "the partition");
}

static long long sectors(void)
{
	char path[PATH_LEN], text[64];

	text_set(path, sizeof(path), "/sys/block/%s/%s/size", name_of(node),
		 name_of(part));
	return file_read(path, text, sizeof(text)) < 0 ? -1 : atoll(text);
}

/* Returns the fault of a binding whose partition is not in use, or NULL. */
static const char *come_and_go(void)
{
	int added, removed;
	long long size;
	bool there;

	count("add");
	CHECK(driver_bind(node, backing,
			  variant_is("no-scan") ? 0 : LO_FLAGS_PARTSCAN));
	there = comes();
	evidence("came", there, "partitions");
	if (!there)
		return "the partition did not come";
	added = count("add");
	size = sectors();
	CHECK(driver_unbind(node));
	if (!goes())
		return "the partition did not go";
	removed = count("remove");
	evidence("added", added, "events");
	evidence("sectors", size, "sectors");
	evidence("removed", removed, "events");
	if (added != 1 || removed != 1)
		return "there was not one event each";
	return size == SECTORS ? NULL : "the partition had a wrong size";
}

/* Asks for the partitions when the file is bound already. */
static void scan_later(void)
{
	struct loop_info64 info;
	int fd = CHECK(open(node, O_RDWR | O_CLOEXEC));

	CHECK(ioctl(fd, LOOP_GET_STATUS64, &info));
	info.lo_flags |= LO_FLAGS_PARTSCAN;
	CHECK(ioctl(fd, LOOP_SET_STATUS64, &info));
	CHECK(close(fd));
}

/* The same with a file system on the partition. */
static const char *stay_in_use(void)
{
	char file[PATH_LEN];
	int fd, err = 0;

	CHECK(driver_bind(node, backing, 0));
	scan_later();
	if (!comes())
		return "the partition did not come again";
	fs_mount_ext4(part, 12 * MIB, mnt);
	mounted = true;
	fd = CHECK(open(node, O_RDWR));
	if (ioctl(fd, LOOP_SET_BLOCK_SIZE, 4096) < 0)
		err = errno;
	CHECK(ioctl(fd, LOOP_CLR_FD));
	CHECK(close(fd));
	evidence("errno_of_block_size", err, "errno");
	in_folder(file, "mnt/file");
	fs_make_file(file, 0);
	fs_fill(file, MIB);
	fs_drop_cache(file);
	CHECK(umount(mnt));
	mounted = false;
	if (err != EBUSY)
		return "its block size was changed under a mounted partition";
	if (!goes())
		return "the partition did not go with its last user";
	return driver_bound(node) ? "it stays bound" : NULL;
}

static void run(void)
{
	const char *wrong = come_and_go();

	wrong = wrong ?: stay_in_use();
	if (wrong)
		failed("a device with a partition: %s", wrong);
	held();
}

static void cleanup(void)
{
	if (mounted)
		umount2(mnt, MNT_DETACH);
	if (uevents >= 0)
		CHECK(close(uevents));
	if (number >= 0)
		CHECK(driver_remove(driver(), number));
	rmdir(mnt);
	unlink(backing);
}

SCENARIO(partitions,
	 .claim = "a loop device's partitions come and go with what is bound, "
		  "once each, and keep it as it is while they are mounted",
	 .needs = NEEDS("driver", NEEDS_EXT4),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "no-claim" },
			      { "cgloop", EXPECT_FALSE, "no-scan" }),
	 .timeout_s = 60, .expect_events = KLOG_IO_ERROR, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
