// SPDX-License-Identifier: GPL-2.0
// inversion: does one group's throttled I/O hold back another group's?
#include "overtake.h"
#include "scenario.h"

static struct overtake test = { .a_requests = 1, .b_requests = 100 };

static void setup(void)
{
	overtake_setup(&test);
}

static void run(void)
{
	overtake_run(&test);
	overtake_conclude(&test);
}

static void cleanup(void)
{
	overtake_cleanup(&test);
}

SCENARIO(inversion,
	 .claim = "a group's reads through the loop device go on while "
		  "another group's are throttled on the disk below",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK, "load:dm_mod"),
	 .controls = CONTROLS({ "cgloop-single-all", EXPECT_FALSE, NULL },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
