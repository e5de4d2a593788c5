// SPDX-License-Identifier: GPL-2.0
// swap-through-loop: can a group at its limit swap to a loop device?
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "io.h"
#include "scenario.h"
#include "swap.h"
#include "target.h"

#define LIMIT "32M"
#define TOUCHED (64 * MIB)
#define CAPACITY (128 * MIB)
#define ROUNDS 2
#define TOUCH_MS 150000

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN], group[PATH_LEN];

/* Of the task, which may be killed. */
struct seen {
	int wrong;
	long long swapped; /* bytes of the group in swap, with all touched */
};

static struct seen *seen;

/* Twice as much as the limit, all of it written and read back. */
static void touch(void *unused)
{
	unsigned char *memory = zalloc_pages(TOUCHED);
	char file[PATH_LEN];
	long long at;
	int round;

	(void)unused;
	text_set(file, sizeof(file), CGROUP_ROOT "/%s/memory.swap.current",
		 group);
	for (round = 1; round <= ROUNDS; round++) {
		for (at = 0; at < TOUCHED; at += BLOCK)
			memory[at] = round + at / BLOCK;
		file_scan(file, 1, "%lld", &seen->swapped);
		for (at = 0; at < TOUCHED; at += BLOCK)
			seen->wrong += memory[at] !=
				       (unsigned char)(round + at / BLOCK);
	}
}

static void setup(void)
{
	in_folder(top, "tmpfs");
	in_folder(backing, "tmpfs/backing");
	in_group(group, "swapper");
	seen = shared_memory(sizeof(*seen));
	CHECK(cgroup_make(group, ""));
	if (driver()->module) {
		fs_mount_tmpfs(top, CAPACITY + MIB);
		fs_make_file(backing, CAPACITY);
	} else {
		text_set(backing, sizeof(backing), "%s", RAM_DISK);
	}
	target_make(&target, backing, 0);
	swap_start(target.path, CAPACITY / BLOCK);
	CHECK(cgroup_write(group, "memory.max", LIMIT));
}

static void run(void)
{
	long long kills;
	int status;

	status = process_run(group, touch, NULL, TOUCH_MS);
	kills = CHECK(cgroup_key(group, "memory.events", "oom_kill"));
	evidence("swapped_out", seen->swapped, "bytes");
	evidence("pages_wrong", seen->wrong, "pages");
	evidence("oom_kill", kills, "events");
	evidence("shmem", CHECK(cgroup_key(group, "memory.stat", "shmem")),
		 "bytes");
	if (seen->wrong)
		failed("%d pages came back with something else", seen->wrong);
	if (kills || status)
		failed("a task that had to swap was killed");
	if (seen->swapped < TOUCHED / 4)
		FAIL(0, "only %lld bytes were swapped out", seen->swapped);
	held();
}

static void cleanup(void)
{
	swap_stop(target.path);
	target_remove(&target);
	fs_unmount(top);
}

SCENARIO(swap_through_loop,
	 .claim = "a group at its memory limit swaps to a loop device on tmpfs "
		  "as it does to a disk",
	 .drivers = "cgloop",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_RAM_DISK),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "charge-swap" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 180, .expect_events = KLOG_MEMCG_OOM | KLOG_IO_ERROR,
	 .suite = SUITE_FULL, .setup = setup, .run = run, .cleanup = cleanup);
