// SPDX-License-Identifier: GPL-2.0
// worker-enomem: who is charged when there is no memory for a worker?
#include <fcntl.h>
#include <unistd.h>

#include "backing.h"
#include "charge.h"
#include "scenario.h"
#include "target.h"

#define CHUNK (64 * KIB)

static struct target target = TARGET_NONE;
static struct backing backing;
static char issuer[PATH_LEN];

static long long total(void)
{
	return charge_measurable(4 * MIB);
}

static void issue(void *unused)
{
	int fd = CHECK(open(target.path, O_WRONLY | O_DIRECT));

	(void)unused;
	io_range(fd, true, CHUNK, 0, total());
	CHECK(close(fd));
}

static void setup(void)
{
	make_group(issuer, "issuer", "");
	backing_make(&backing, BACKING_TMPFS, total());
	target_make(&target, backing.file, 0);
}

struct reading {
	long long all, issuer;
};

static void read_charges(void *reading)
{
	struct reading *r = reading;

	r->all = charged("", "shmem");
	r->issuer = charged(issuer, "shmem");
}

static bool is_complete(const void *reading)
{
	return ((const struct reading *)reading)->all >= total() * 3 / 4;
}

static void run(void)
{
	struct reading now = { 0 };
	long long fallbacks;

	run_in(issuer, issue, NULL);
	charge_settle(read_charges, is_complete, &now, sizeof(now));
	fallbacks = driver_counter(target.path, "fallbacks");
	evidence("bytes_moved", total(), "bytes");
	evidence("charged_issuer", now.issuer, "bytes");
	evidence("without_a_worker", fallbacks, "requests");
	if (driver_has_faults(driver()) && !fallbacks)
		FAIL(0, "a worker was made all the same");
	if (!driver_has_faults(driver()) && fallbacks)
		FAIL(0, "a worker could not be made, though nothing hinders");
	if (now.issuer >= total() * 3 / 4)
		held();
	failed("%lld of %lld bytes are charged to the issuer", now.issuer,
	       total());
}

static void cleanup(void)
{
	target_remove(&target);
	backing_remove(&backing);
}

/* Only cgloop has a fault for this, so there is no other subject. */
SCENARIO(worker_enomem,
	 .claim = "when no worker can be made, I/O ends all the same, and is "
		  "charged to its issuer",
	 .drivers = "cgloop",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"fail-worker-root" },
			      { "cgloop-inject", EXPECT_TRUE, "fail-worker" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
