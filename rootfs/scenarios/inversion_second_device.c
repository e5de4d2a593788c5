// SPDX-License-Identifier: GPL-2.0
// inversion-second-device: the same on a device that is not the first.
#include <unistd.h>

#include "dm.h"
#include "fs.h"
#include "throttle.h"
#include "overtake.h"
#include "scenario.h"
#include "target.h"

#define READS 100
#define FIRST_SIZE (1024 * 1024)

static struct target first = TARGET_NONE, second = TARGET_NONE;
static char disk[PATH_LEN], a_group[PATH_LEN], b_group[PATH_LEN],
	file[PATH_LEN];

static void setup(void)
{
	in_folder(file, "first");
	overtake_groups(a_group, b_group);
	fs_make_file(file, FIRST_SIZE);
	dm_make_disk(disk);
	target_make(&first, file, 0);
	target_make(&second, disk, 0);
}

static void lift(void)
{
	throttle_lift(a_group, disk);
}

static void run(void)
{
	struct overtake o = {
		.a_group = a_group,
		.a_path = second.path,
		.a_requests = 1,
		.b_group = b_group,
		.b_path = second.path,
		.b_requests = READS,
		.lift = lift,
	};

	evidence("device", second.number, "number");
	if (driver()->module && second.number < 1)
		FAIL(0, "%s is the first device", second.path);
	throttle_disk(a_group, disk);
	overtake_run(&o);
	overtake_conclude(&o);
}

static void cleanup(void)
{
	target_remove(&second);
	target_remove(&first);
	dm_remove_disk();
	unlink(file);
}

/*
 * A driver that gives the device's number where a work queue takes its bound
 * on parallel work has one worker at a time on device 1.
 */
SCENARIO(inversion_second_device,
	 .claim = "a group's reads go on while another group's are throttled, "
		  "on the second loop device as well",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK, "load:dm_mod"),
	 .controls = CONTROLS({ "cgloop-single-all", EXPECT_FALSE, NULL },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
