// SPDX-License-Identifier: GPL-2.0
// change-limits: whose properties has a queue after LOOP_CHANGE_FD?
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "disk.h"
#include "dm.h"
#include "io.h"
#include "scenario.h"
#include "target.h"

#define BYTES (8 * MIB)

static struct target target = TARGET_NONE;
static char disks[2][PATH_LEN];
static const char *const names[] = { "spins", "does-not" };

static int rotational(const char *node)
{
	char path[PATH_LEN];
	int is;

	disk_file(path, node, "queue/rotational");
	file_scan(path, 1, "%d", &is);
	return is;
}

static void set_rotational(const char *node, int is)
{
	char path[PATH_LEN];

	disk_file(path, node, "queue/rotational");
	file_put(path, "%d", is);
}

/* Two disks that differ in this alone. */
static void setup(void)
{
	struct dm_piece piece = { .below = RAM_DISK, .bytes = BYTES };
	int i;

	for (i = 0; i < 2; i++) {
		piece.from = i * BYTES;
		dm_make(names[i], &piece, disks[i]);
		set_rotational(disks[i], !i);
	}
	target.number = CHECK(driver_reserve(driver(), target.path));
	CHECK(driver_bind(target.path, disks[0], LO_FLAGS_READ_ONLY));
}

static void run(void)
{
	int fd, file, before, after;

	before = rotational(target.path);
	fd = CHECK(open(target.path, O_RDONLY | O_CLOEXEC));
	file = CHECK(open(disks[1], O_RDONLY | O_CLOEXEC));
	CHECK(ioctl(fd, LOOP_CHANGE_FD, file));
	CHECK(close(file));
	CHECK(close(fd));
	after = rotational(target.path);
	evidence("rotational_before", before, "disks");
	evidence("rotational_after", after, "disks");
	if (!rotational(disks[0]) || rotational(disks[1]))
		FAIL(0, "the disks do not differ");
	if (!before)
		failed("the device says nothing of either disk");
	if (after)
		failed("the device takes another disk for the first one");
	held();
}

static void cleanup(void)
{
	int i;

	target_remove(&target);
	for (i = 0; i < 2; i++)
		if (*disks[i])
			dm_remove(names[i]);
}

SCENARIO(change_limits,
	 .claim = "a loop device says of its backing what is true of the one "
		  "that LOOP_CHANGE_FD has put in its place",
	 .needs = NEEDS("driver", NEEDS_RAM_DISK, "load:dm_mod"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "keep-limits" },
			      { "cgloop-single", EXPECT_TRUE, NULL }),
	 .timeout_s = 30, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
