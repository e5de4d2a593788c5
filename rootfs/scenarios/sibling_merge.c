// SPDX-License-Identifier: GPL-2.0
// sibling-merge: two groups write adjacent blocks; does each pay its own?
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aio.h"
#include "fs.h"
#include "scenario.h"
#include "target.h"

#define MIB (1024LL * 1024)
#define BLOCK 4096
#define DEPTH 64
#define ISSUER_MS 20000
/* More than two periods of the kernel's own flushing of statistics. */
#define SETTLE_MS 5000

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN], above[PATH_LEN];
static char groups[2][PATH_LEN];

/*
 * Of each group.  A counter may lag behind by what the CPUs have not flushed:
 * less than twice 64 pages a CPU, which is a quarter of this.
 */
static long long share(void)
{
	long long bytes = sysconf(_SC_NPROCESSORS_ONLN) * 2 * MIB;

	return bytes < 4 * MIB ? 4 * MIB : bytes;
}

/*
 * Every other block, many at once: what the two have under way lies side by
 * side, and nothing that the block layer looks at tells them apart.
 */
static void issue(void *number)
{
	int direct = driver()->module ? O_DIRECT : 0;
	int fd = CHECK(open(target.path, O_WRONLY | direct));
	long long at = *(int *)number * BLOCK;
	aio_context_t aio = aio_make(DEPTH);
	void *buf = zalloc_pages(BLOCK);
	int under_way = 0;

	for (; at < 2 * share(); at += 2 * BLOCK) {
		if (under_way == DEPTH)
			under_way -= aio_reap(aio, BLOCK);
		aio_submit(aio, fd, true, buf, BLOCK, at);
		under_way++;
	}
	while (under_way)
		under_way -= aio_reap(aio, BLOCK);
	CHECK(close(fd));
}

static void setup(void)
{
	in_folder(top, "tmpfs");
	in_folder(backing, "tmpfs/backing");
	in_group(above, "above");
	in_group(groups[0], "above/a");
	in_group(groups[1], "above/b");
	CHECK(cgroup_make(above, "+memory"));
	CHECK(cgroup_make(groups[0], ""));
	CHECK(cgroup_make(groups[1], ""));
	CHECK(mkdir(top, 0700));
	CHECK(mount("tmpfs", top, "tmpfs", 0, NULL));
	fs_make_file(backing, 2 * share());
	target_make(&target, backing, 0);
}

struct shares {
	long long a, b, above; /* above includes both */
};

static void read_shares(struct shares *s)
{
	s->above = CHECK(cgroup_key(above, "memory.stat", "shmem"));
	s->a = CHECK(cgroup_key(groups[0], "memory.stat", "shmem"));
	s->b = CHECK(cgroup_key(groups[1], "memory.stat", "shmem"));
}

/* All that was written is in memory, and two readings are the same. */
static bool is_settled(void *arg)
{
	struct shares *s = arg, last = *s;

	read_shares(s);
	return !memcmp(&last, s, sizeof(last)) &&
	       s->above >= 2 * share() * 7 / 8;
}

static bool is_near(long long bytes, long long wanted)
{
	return bytes > wanted - share() / 4 && bytes < wanted + share() / 4;
}

static void run(void)
{
	int numbers[] = { 0, 1 }, status, i;
	struct shares s = { 0 };
	pid_t pids[2];

	for (i = 0; i < 2; i++)
		pids[i] = process_start(groups[i], issue, &numbers[i]);
	for (i = 0; i < 2; i++)
		if (!process_wait(pids[i], &status, ISSUER_MS) || status)
			FAIL(0, "an issuer failed");
	wait_until(is_settled, &s, SETTLE_MS);
	evidence("bytes_moved_each", share(), "bytes");
	evidence("charged_a", s.a, "bytes");
	evidence("charged_b", s.b, "bytes");
	evidence("charged_above", s.above - s.a - s.b, "bytes");
	if (!is_near(s.above, 2 * share()))
		FAIL(0, "the bytes are in nobody's memory");
	if (is_near(s.a, share()) && is_near(s.b, share()))
		held();
	failed("of %lld KiB that each wrote, %lld are one's, %lld the other's",
	       share() / 1024, s.a / 1024, s.b / 1024);
}

static void cleanup(void)
{
	target_remove(&target);
	umount2(top, MNT_DETACH);
	rmdir(top);
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
