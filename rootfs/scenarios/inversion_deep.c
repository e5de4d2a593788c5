// SPDX-License-Identifier: GPL-2.0
// inversion-deep: the same with more throttled requests than there are tags.
#include <unistd.h>

#include "overtake.h"
#include "scenario.h"

/* Every driver has tags for this many. */
#define SHALLOW 64
/*
 * The most that the kernel may allocate per waiting request, for the system
 * call and for the driver together.  Without a driver it is half a KiB.
 */
#define REQUEST_KIB 4
/* For what does not grow with the requests. */
#define FIXED_KIB 1024
/* Counts that a CPU may keep to itself. */
#define KEPT 8

static struct overtake test = { .b_requests = 100 };

static void setup(void)
{
	overtake_setup(&test);
}

static int depth(void)
{
	if (variant_is("shallow"))
		return SHALLOW;
	if (cell_is("requests", "200"))
		return 200;
	return cell_is("requests", "1000") ? 1000 : 20000;
}

/* cgloop counts the requests in flight, too: both counts must agree. */
static void check_maximum(int requests)
{
	long long max, slack = KEPT * sysconf(_SC_NPROCESSORS_ONLN);

	if (!driver_has_counters(driver()))
		return;
	max = driver_counter(test.target.path, "max_in_flight");
	evidence("max_in_flight", max, "requests");
	if (max < requests - slack || max > requests + 1 + slack)
		FAIL(0, "%d requests were held, cgloop counts %lld at most",
		     requests, max);
}

static void run(void)
{
	test.a_requests = depth();
	overtake_run(&test);
	check_maximum(test.a_requests);
	if (test.slab_kib > FIXED_KIB + (long long)depth() * REQUEST_KIB)
		failed("%d requests that wait took %lld KiB of the kernel's",
		       test.a_requests, test.slab_kib);
	overtake_conclude(&test);
}

static void cleanup(void)
{
	overtake_cleanup(&test);
}

SCENARIO(inversion_deep,
	 .claim = "a group's reads go on, in bounded memory, while another "
		  "group holds many requests on the same loop device",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK, "load:dm_mod"),
	 .cells = CELLS("requests=200", "requests=1000", "requests=20000"),
	 .controls = CONTROLS({ "cgloop-single-all", EXPECT_FALSE, NULL },
			      { "cgloop", EXPECT_TRUE, "shallow" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 180, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
