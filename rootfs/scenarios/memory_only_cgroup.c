// SPDX-License-Identifier: GPL-2.0
// memory-only-cgroup: does a limit hold where io is not enabled beside it?
#include <fcntl.h>

#include "backing.h"
#include "charge.h"
#include "scenario.h"
#include "target.h"
#include "writer.h"

#define LIMIT "32M"
#define TOTAL (96 * MIB)
#define CAPACITY (128 * MIB)

static struct target target = TARGET_NONE;
static struct backing backing;
static char above[PATH_LEN], child[PATH_LEN];

static void setup(void)
{
	backing_make(&backing, BACKING_TMPFS, CAPACITY);
	make_group(above, "above",
		   variant_is("io-enabled") ? "+memory +io" : "+memory");
	make_group(child, "above/child", "");
	cgroup_limit_memory(child, LIMIT);
	target_make(&target, backing.file, 0);
}

static void run(void)
{
	/* Without a device all writes go through the page cache. */
	struct writer w = {
		.group = child,
		.path = target.path,
		.flags = O_WRONLY | (driver()->module ? O_DIRECT : 0),
		.total = TOTAL,
		.last_kill = 1,
	};
	long long kills;

	if (charged(child, "shmem"))
		FAIL(0, "a new group is charged for shmem");
	writer_run(&w);
	kills = CHECK(writer_kills(child));
	evidence("oom_kill", kills, "events");
	evidence("writer_status", w.status, "exit status");
	evidence("bytes_written", w.bytes, "bytes");
	evidence("shmem_child", charged(child, "shmem"), "bytes");
	evidence("shmem_with_parent", charged(above, "shmem"), "bytes");
	if (kills == 1 && w.status == WRITER_KILLED)
		held();
	if (!kills && !w.status && w.bytes == TOTAL)
		failed("wrote 96 MiB in a group of " LIMIT
		       ", and nothing was killed");
	FAIL(0, "neither an OOM kill nor a bypass");
}

static void cleanup(void)
{
	target_remove(&target);
	backing_remove(&backing);
}

SCENARIO(memory_only_cgroup,
	 .claim = "a writer in a cgroup with memory, but without io, is held "
		  "to its memory limit through the loop device too",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver"),
	 .controls = CONTROLS({ "cgloop-single", EXPECT_FALSE, NULL },
			      { "cgloop", EXPECT_TRUE, "io-enabled" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .expect_events = KLOG_MEMCG_OOM | KLOG_IO_ERROR,
	 .suite = SUITE_FULL, .setup = setup, .run = run, .cleanup = cleanup);
