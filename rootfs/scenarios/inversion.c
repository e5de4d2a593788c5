// SPDX-License-Identifier: GPL-2.0
// inversion: does one group's throttled I/O hold another group's?
#include "dm.h"
#include "throttle.h"
#include "overtake.h"
#include "scenario.h"
#include "target.h"

#define READS 100

static struct target target = TARGET_NONE;
static char disk[PATH_LEN], a_group[PATH_LEN], b_group[PATH_LEN];

static void setup(void)
{
	overtake_groups(a_group, b_group);
	dm_make_disk(disk);
	target_make(&target, disk, 0);
}

static void lift(void)
{
	throttle_lift(a_group, disk);
}

static void run(void)
{
	struct overtake o = {
		.a_group = a_group,
		.a_path = target.path,
		.a_requests = 1,
		.b_group = b_group,
		.b_path = target.path,
		.b_requests = READS,
		.lift = lift,
	};

	throttle_disk(a_group, disk);
	overtake_run(&o);
	overtake_conclude(&o);
}

static void cleanup(void)
{
	target_remove(&target);
	dm_remove_disk();
}

SCENARIO(inversion,
	 .claim = "a group's reads through the loop device go on while "
		  "another group's are throttled on the disk below",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK, "load:dm_mod"),
	 .controls = CONTROLS({ "cgloop-single-all", EXPECT_FALSE, NULL },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
