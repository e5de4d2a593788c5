// SPDX-License-Identifier: GPL-2.0
// memory-only-cgroup: does a limit hold where io is not enabled beside it?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs.h"
#include "scenario.h"
#include "target.h"
#include "writer.h"

#define MIB (1024LL * 1024)
#define LIMIT "32M"
#define TOTAL (96 * MIB)
#define CAPACITY (128 * MIB)

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN];
static char above[PATH_LEN], child[PATH_LEN];

static void setup(void)
{
	in_folder(top, "tmpfs");
	in_folder(backing, "tmpfs/backing");
	in_group(above, "above");
	in_group(child, "above/child");
	CHECK(mkdir(top, 0700));
	CHECK(mount("tmpfs", top, "tmpfs", 0, "size=256M"));
	fs_make_file(backing, CAPACITY);
	CHECK(cgroup_make(above, variant_is("io-enabled") ? "+memory +io" :
							    "+memory"));
	CHECK(cgroup_make(child, ""));
	/* Absent where the kernel cannot swap. */
	if (cgroup_write(child, "memory.swap.max", "0") < 0 && errno != ENOENT)
		FAIL(errno, "memory.swap.max");
	CHECK(cgroup_write(child, "memory.max", LIMIT));
	target_make(&target, backing, 0);
}

static void run(void)
{
	/* Without a device there is no way around the page cache. */
	struct writer w = {
		.group = child,
		.path = target.path,
		.flags = O_WRONLY | (driver()->module ? O_DIRECT : 0),
		.total = TOTAL,
		.last_kill = 1,
	};
	long long shmem, kills;

	shmem = CHECK(cgroup_key(child, "memory.stat", "shmem"));
	if (shmem)
		FAIL(0, "%lld bytes in a new group", shmem);
	writer_run(&w);
	kills = CHECK(writer_kills(child));
	evidence("oom_kill", kills, "events");
	evidence("writer_status", w.status, "exit status");
	evidence("bytes_written", w.bytes, "bytes");
	evidence("shmem_child",
		 CHECK(cgroup_key(child, "memory.stat", "shmem")), "bytes");
	evidence("shmem_with_parent",
		 CHECK(cgroup_key(above, "memory.stat", "shmem")), "bytes");
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
	umount2(top, MNT_DETACH);
	rmdir(top);
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
