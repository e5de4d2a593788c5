// SPDX-License-Identifier: GPL-2.0
// planted-css: a driver that touches a cgroup which is gone.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "scenario.h"
#include "target.h"

#define BLOCK 4096
#define ISSUER_MS 20000
#define GONE_MS 20000

static char node[PATH_LEN], above[PATH_LEN], user[PATH_LEN], other[PATH_LEN];
static int number = -1;

static void read_once(void *unused)
{
	int fd = CHECK(open(node, O_RDONLY | O_DIRECT));

	(void)unused;
	if (CHECK(pread(fd, zalloc_pages(BLOCK), BLOCK, 0)) != BLOCK)
		FAIL(0, "a short read");
	CHECK(close(fd));
}

static bool is_gone(void *unused)
{
	(void)unused;
	return !CHECK(cgroup_key(above, "cgroup.stat", "nr_dying_descendants"));
}

/* Of two reads the first is by a group that is gone when the second ends. */
static void run(void)
{
	struct driver *inject = driver_find("cgloop-inject");
	bool off = variant_is("off");

	evidence("planted", !off, "faults");
	if (off)
		failed("the fault is off");
	in_group(above, "above");
	in_group(user, "above/user");
	in_group(other, "main");
	CHECK(cgroup_make(above, "+io"));
	CHECK(cgroup_make(user, ""));
	CHECK(driver_load(inject, "touch-css"));
	number = CHECK(driver_reserve(inject, node));
	CHECK(driver_bind(node, RAM_DISK, 0));
	if (process_run(user, read_once, NULL, ISSUER_MS))
		FAIL(0, "the first reader failed");
	CHECK(cgroup_remove(user));
	if (!wait_until(is_gone, NULL, GONE_MS))
		FAIL(0, "the group stays");
	if (process_run(other, read_once, NULL, ISSUER_MS))
		FAIL(0, "the second reader failed");
	held();
}

static void cleanup(void)
{
	if (number >= 0)
		CHECK(driver_remove(driver_find("cgloop-inject"), number));
}

/* What a debug kernel has and no other has is failslab's folder. */
SCENARIO(planted_css,
	 .claim = "a use of a group's state after it was freed: splat",
	 .needs = NEEDS("cgroup:io", "module:cgloop_inject",
			"/sys/kernel/debug/failslab", NEEDS_RAM_DISK),
	 .controls = CONTROLS({ "none", CLAIM_FALSE, "off" }), .timeout_s = 60,
	 .suite = SUITE_PLANTED, .run = run, .cleanup = cleanup);
