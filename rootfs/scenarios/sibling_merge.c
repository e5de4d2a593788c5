// SPDX-License-Identifier: GPL-2.0
// sibling-merge: two groups write adjacent blocks; is each charged for its own?
#include <fcntl.h>
#include <unistd.h>

#include "aio.h"
#include "backing.h"
#include "charge.h"
#include "scenario.h"
#include "target.h"

#define DEPTH 64
#define ISSUER_MS 20000

static struct target target = TARGET_NONE;
static struct backing backing;
static char above[PATH_LEN], groups[2][PATH_LEN];

/* Of each group. */
static long long share(void)
{
	return charge_measurable(4 * MIB);
}

/*
 * Every other block, many at once.  The requests of the two groups are adjacent
 * and alike in everything that the block layer compares before it merges them.
 */
static void issue(void *number)
{
	int direct = driver()->module ? O_DIRECT : 0;
	int fd = CHECK(open(target.path, O_WRONLY | direct));
	long long at = *(int *)number * BLOCK;
	aio_context_t aio = aio_make(DEPTH);
	void *buf = zalloc_pages(BLOCK);
	int in_flight = 0;

	for (; at < 2 * share(); at += 2 * BLOCK) {
		if (in_flight == DEPTH)
			in_flight -= aio_reap(aio, BLOCK);
		aio_submit(aio, fd, true, buf, BLOCK, at);
		in_flight++;
	}
	while (in_flight)
		in_flight -= aio_reap(aio, BLOCK);
	CHECK(close(fd));
}

static void setup(void)
{
	make_group(above, "above", "+memory");
	make_group(groups[0], "above/a", "");
	make_group(groups[1], "above/b", "");
	backing_make(&backing, BACKING_TMPFS, 2 * share());
	target_make(&target, backing.file, 0);
}

struct shares {
	long long a, b, above; /* above includes both */
};

static void read_shares(void *shares)
{
	struct shares *s = shares;

	s->above = charged(above, "shmem");
	s->a = charged(groups[0], "shmem");
	s->b = charged(groups[1], "shmem");
}

static bool is_complete(const void *shares)
{
	const struct shares *s = shares;

	return s->above >= 2 * share() * 7 / 8;
}

static bool is_near(long long bytes, long long wanted)
{
	return bytes > wanted - share() / 4 && bytes < wanted + share() / 4;
}

static void run(void)
{
	int numbers[] = { 0, 1 }, i;
	struct shares s = { 0 };
	pid_t pids[2];

	for (i = 0; i < 2; i++)
		pids[i] = process_start(groups[i], issue, &numbers[i]);
	for (i = 0; i < 2; i++)
		process_end(pids[i], ISSUER_MS, "an issuer");
	charge_settle(read_shares, is_complete, &s, sizeof(s));
	evidence("bytes_moved_each", share(), "bytes");
	evidence("charged_a", s.a, "bytes");
	evidence("charged_b", s.b, "bytes");
	evidence("charged_above", s.above - s.a - s.b, "bytes");
	if (!is_near(s.above, 2 * share()))
		FAIL(0, "of %lld bytes %lld are charged to the groups",
		     2 * share(), s.above);
	if (is_near(s.a, share()) && is_near(s.b, share()))
		held();
	failed("of %lld KiB that each wrote, %lld are one's, %lld the other's",
	       share() / KIB, s.a / KIB, s.b / KIB);
}

static void cleanup(void)
{
	target_remove(&target);
	backing_remove(&backing);
}

SCENARIO(sibling_merge,
	 .claim = "two groups that have memory but not io are each charged "
		  "their own, though their requests could merge",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"charge-first-bio" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
