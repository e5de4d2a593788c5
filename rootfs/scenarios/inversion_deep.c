// SPDX-License-Identifier: GPL-2.0
// inversion-deep: the same with more throttled requests than there are tags.
#include <string.h>
#include <unistd.h>

#include "dm.h"
#include "throttle.h"
#include "overtake.h"
#include "scenario.h"
#include "target.h"

#define READS 100
/* What a driver has tags for in any case. */
#define SHALLOW 64
/*
 * Of the kernel's objects for a request that waits, the system call's and the
 * driver's together.  Without a driver it is half a KiB.
 */
#define REQUEST_KIB 4
#define KEPT 8

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

static int depth(void)
{
	if (variant_is("shallow"))
		return SHALLOW;
	if (cell_is("requests", "200"))
		return 200;
	return cell_is("requests", "1000") ? 1000 : 20000;
}

/* cgloop's own count of all this; each CPU may keep a few to itself. */
static void check_maximum(int requests)
{
	long long max, slack = KEPT * sysconf(_SC_NPROCESSORS_ONLN);
	char path[PATH_LEN];

	if (strcmp(driver()->device, "cgloop"))
		return;
	text_set(path, sizeof(path), "/sys/kernel/debug/cgloop/%s",
		 target.path + strlen("/dev/"));
	max = CHECK(file_key(path, "max_in_flight"));
	evidence("max_in_flight", max, "requests");
	if (max < requests - slack || max > requests + 1 + slack)
		FAIL(0, "%d requests were held, cgloop says %lld at most",
		     requests, max);
}

static void run(void)
{
	struct overtake o = {
		.a_group = a_group,
		.a_path = target.path,
		.a_requests = depth(),
		.b_group = b_group,
		.b_path = target.path,
		.b_requests = READS,
		.lift = lift,
	};

	throttle_disk(a_group, disk);
	overtake_run(&o);
	check_maximum(o.a_requests);
	if (o.slab_kib > 1024 + (long long)o.a_requests * REQUEST_KIB)
		failed("%d requests that wait took %lld KiB of the kernel's",
		       o.a_requests, o.slab_kib);
	overtake_conclude(&o);
}

static void cleanup(void)
{
	target_remove(&target);
	dm_remove_disk();
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
