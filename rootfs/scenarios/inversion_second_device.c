// SPDX-License-Identifier: GPL-2.0
// inversion-second-device: the same on a device that is not the first.
#include <unistd.h>

#include "fs.h"
#include "overtake.h"
#include "scenario.h"

static struct overtake test = { .a_requests = 1, .b_requests = 100 };
static struct target first = TARGET_NONE;
static char file[PATH_LEN];

static void setup(void)
{
	in_folder(file, "first");
	fs_make_file(file, MIB);
	target_make(&first, file, 0);
	overtake_setup(&test);
}

static void run(void)
{
	evidence("device", test.target.number, "number");
	if (driver()->module && test.target.number < 1)
		FAIL(0, "%s is the first device", test.target.path);
	overtake_run(&test);
	overtake_conclude(&test);
}

static void cleanup(void)
{
	overtake_cleanup(&test);
	target_remove(&first);
	unlink(file);
}

/*
 * A driver that passes the device's number to alloc_workqueue() as the limit of
 * parallel work has one worker at a time on device 1.
 */
SCENARIO(inversion_second_device,
	 .claim = "a group's reads go on while another group's are throttled, "
		  "on the second loop device as well",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK, "load:dm_mod"),
	 .controls = CONTROLS({ "cgloop-single-all", EXPECT_FALSE, NULL },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
