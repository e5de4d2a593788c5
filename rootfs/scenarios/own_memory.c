// SPDX-License-Identifier: GPL-2.0
// own-memory: does the driver's memory for requests get their issuer killed?
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/loop.h>

#include "aio.h"
#include "dm.h"
#include "fs.h"
#include "io.h"
#include "overtake.h"
#include "progress.h"
#include "scenario.h"
#include "target.h"
#include "throttle.h"

#define READS 2048
#define SIZE (32 * MIB)
#define TOUCHED (16 * MIB)
#define START_MS 20000

static struct overtake test;
static struct target target = TARGET_NONE;
static char disk[PATH_LEN];
static char top[PATH_LEN], backing[PATH_LEN];

struct shared {
	int ready, go, submitted, done;
};

static struct shared *shared;

/* Its own memory is charged before the limit is set. */
static void run_a(void *unused)
{
	int i, fd = CHECK(open(target.path, O_RDONLY | O_DIRECT));
	aio_context_t aio = aio_make(READS);
	char *buf = zalloc_pages(TOUCHED);

	(void)unused;
	memset(buf, 1, TOUCHED);
	shared->ready = 1;
	if (!wait_count(&shared->go, 1, START_MS))
		FAIL(0, "A may not submit within %d ms", START_MS);
	for (i = 0; i < READS; i++) {
		aio_submit(aio, fd, false, buf, BLOCK, i * BLOCK);
		shared->submitted++;
	}
	while (shared->done < READS)
		shared->done += aio_reap(aio, BLOCK);
}

/* Limits the group to its usage: nothing more can be charged. */
static void limit(void)
{
	char file[PATH_LEN], text[64];

	text_set(file, sizeof(file), CGROUP_ROOT "/%s/memory.current",
		 test.a_group);
	CHECK(file_read(file, text, sizeof(text)));
	cgroup_limit_memory(test.a_group, text);
	evidence("limit", atoll(text), "bytes");
}

static void setup(void)
{
	overtake_groups(&test);
	shared = shared_memory(sizeof(*shared));
	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	dm_make_disk(disk);
	fs_mount_ext4(disk, SIZE + 8 * MIB, top);
	fs_make_file(backing, 0);
	fs_fill(backing, SIZE);
	target_make(&target, backing, LO_FLAGS_DIRECT_IO);
}

static void run(void)
{
	long long kills, full;
	int status, submitted;
	pid_t a;

	throttle_disk(test.a_group, disk);
	a = process_start(test.a_group, run_a, NULL);
	if (!wait_count(&shared->ready, 1, START_MS))
		FAIL(0, "A has not begun within %d ms", START_MS);
	limit();
	shared->go = 1;
	overtake_watch(&shared->submitted, READS, "A");
	submitted = shared->submitted;
	throttle_lift(test.a_group, disk);
	if (!progress_end(a, &status, "A"))
		failed("A hangs, though nothing is held any more");
	kills = CHECK(cgroup_key(test.a_group, "memory.events", "oom_kill"));
	full = CHECK(cgroup_key(test.a_group, "memory.events", "max"));
	evidence("submitted_while_held", submitted, "requests");
	evidence("done", shared->done, "requests");
	evidence("at_the_limit", full, "events");
	evidence("oom_kill", kills, "events");
	if (!kills && !status && shared->done == READS)
		held();
	failed("A was killed (%lld kills, status %#x) for the memory of %d "
	       "requests",
	       kills, status, submitted);
}

static void cleanup(void)
{
	cgroup_write(test.a_group, "memory.max", "max");
	target_remove(&target);
	fs_unmount(top);
	dm_remove_disk();
}

SCENARIO(own_memory,
	 .claim = "a task at its memory limit is not killed for what a loop "
		  "device needs to hold its requests",
	 .needs = NEEDS("cgroup:memory", "kmem", "cgroup:io", "driver",
			NEEDS_RAM_DISK, NEEDS_EXT4, "load:dm_mod"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "oom" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .expect_events = KLOG_MEMCG_OOM | KLOG_IO_ERROR,
	 .suite = SUITE_FULL, .setup = setup, .run = run, .cleanup = cleanup);
