// SPDX-License-Identifier: GPL-2.0
// worker-enomem: who pays when there is no memory for a worker?
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs.h"
#include "scenario.h"
#include "target.h"

#define MIB (1024LL * 1024)
#define CHUNK (64 * 1024)
#define ISSUER_MS 20000
/* More than two periods of the kernel's own flushing of statistics. */
#define SETTLE_MS 5000

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN], issuer[PATH_LEN];

/* A counter may lag by a quarter of this: two times 64 pages a CPU. */
static long long total(void)
{
	long long bytes = sysconf(_SC_NPROCESSORS_ONLN) * 2 * MIB;

	return bytes < 4 * MIB ? 4 * MIB : bytes;
}

static void issue(void *unused)
{
	int fd = CHECK(open(target.path, O_WRONLY | O_DIRECT));
	void *buf = zalloc_pages(CHUNK);
	long long at;

	(void)unused;
	for (at = 0; at < total(); at += CHUNK)
		if (CHECK(pwrite(fd, buf, CHUNK, at)) != CHUNK)
			FAIL(0, "a short write at %lld", at);
	CHECK(close(fd));
}

static void setup(void)
{
	in_folder(top, "tmpfs");
	in_folder(backing, "tmpfs/backing");
	in_group(issuer, "issuer");
	CHECK(cgroup_make(issuer, ""));
	CHECK(mkdir(top, 0700));
	CHECK(mount("tmpfs", top, "tmpfs", 0, NULL));
	fs_make_file(backing, total());
	target_make(&target, backing, 0);
}

/* Requests that went without a worker, by the driver's own count. */
static long long fallbacks(void)
{
	char path[PATH_LEN];

	text_set(path, sizeof(path), "/sys/kernel/debug/cgloop/%s",
		 strrchr(target.path, '/') + 1);
	return CHECK(file_key(path, "fallbacks"));
}

struct settle {
	long long root, mine; /* root's includes all groups */
};

/* All of it is somewhere, and two readings are the same. */
static bool is_settled(void *arg)
{
	struct settle *s = arg, last = *s;

	s->root = CHECK(cgroup_key("", "memory.stat", "shmem"));
	s->mine = CHECK(cgroup_key(issuer, "memory.stat", "shmem"));
	return !memcmp(&last, s, sizeof(last)) && s->root >= total() * 3 / 4;
}

static void run(void)
{
	struct settle s = { 0 };

	if (process_run(issuer, issue, NULL, ISSUER_MS))
		FAIL(0, "the issuer failed");
	wait_until(is_settled, &s, SETTLE_MS);
	evidence("bytes_moved", total(), "bytes");
	evidence("charged_issuer", s.mine, "bytes");
	evidence("without_a_worker", fallbacks(), "requests");
	if (driver_has_faults(driver()) && !fallbacks())
		FAIL(0, "a worker was made all the same");
	if (!driver_has_faults(driver()) && fallbacks())
		FAIL(0, "a worker could not be made, though nothing hinders");
	if (s.mine >= total() * 3 / 4)
		held();
	failed("%lld of %lld bytes are charged to the issuer", s.mine, total());
}

static void cleanup(void)
{
	target_remove(&target);
	umount2(top, MNT_DETACH);
	rmdir(top);
}

/* No other driver can be told to fail there, so there is no other subject. */
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
