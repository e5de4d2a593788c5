// SPDX-License-Identifier: GPL-2.0
// swap-charge: who pays for the memory that swapping out takes below?
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "charge.h"
#include "fs.h"
#include "io.h"
#include "process.h"
#include "scenario.h"
#include "swap.h"
#include "target.h"

#define OWNED (48 * MIB)
#define TO_SWAP (24 * MIB)
#define CAPACITY (96 * MIB)
#define STEP "4M"
#define STEPS 64
#define OWNER_MS 120000

static struct target target = TARGET_NONE;
static char top[PATH_LEN], backing[PATH_LEN], group[PATH_LEN];
static int owned, over;

/* Pages of zeroes would do without any I/O on newer kernels. */
static void own_memory(void *unused)
{
	char *memory = zalloc_pages(OWNED);

	(void)unused;
	memset(memory, 's', OWNED);
	step_allow(owned);
	step_wait(over, OWNER_MS);
}

/* The pages of a tmpfs could be swapped out themselves, to where they are. */
static void mount_ramfs(void)
{
	CHECK(mkdir(top, 0700));
	CHECK(mount("ramfs", top, "ramfs", 0, NULL));
}

static void setup(void)
{
	in_folder(top, "ramfs");
	in_folder(backing, "ramfs/backing");
	make_group(group, "owner", "");
	owned = step_make();
	over = step_make();
	if (driver()->module) {
		mount_ramfs();
		fs_make_file(backing, CAPACITY);
	} else {
		text_set(backing, sizeof(backing), "%s", RAM_DISK);
	}
	target_make(&target, backing, 0);
	swap_start(target.path, CAPACITY / BLOCK);
}

static long long swapped_out(void)
{
	char file[PATH_LEN];
	long long bytes;

	text_set(file, sizeof(file), CGROUP_ROOT "/%s/memory.swap.current",
		 group);
	file_scan(file, 1, "%lld", &bytes);
	return bytes;
}

struct reading {
	long long group, all;
};

static void read_charges(void *out)
{
	struct reading *r = out;

	r->group = charged(group, "unevictable");
	r->all = charged("", "unevictable");
}

static bool is_complete(const void *reading)
{
	const struct reading *r = reading;

	return !driver()->module || r->all >= TO_SWAP;
}

/*
 * The first look at a page finds it used, and makes it active.  Active pages
 * are looked at again if memory.stat says that they are the most; and the
 * kernel adds that up every two seconds, or when it is read.  So at a limit a
 * fast machine would kill before it swaps.
 */
static void swap_out(void)
{
	int i;

	for (i = 0; i < STEPS && swapped_out() < TO_SWAP; i++) {
		cgroup_write(group, "memory.reclaim", STEP);
		charged(group, "active_anon");
	}
}

static void run(void)
{
	struct reading r = { 0 };
	long long swapped;
	pid_t pid = process_start(group, own_memory, NULL);

	step_wait(owned, OWNER_MS);
	swap_out();
	swapped = swapped_out();
	evidence("swapped_out", swapped, "bytes");
	if (swapped < TO_SWAP)
		FAIL(0, "only %lld bytes were swapped out", swapped);
	charge_settle(read_charges, is_complete, &r, sizeof(r));
	evidence("memory_group", r.group, "bytes");
	evidence("memory_all", r.all, "bytes");
	step_allow(over);
	process_end(pid, OWNER_MS, "the owner of the memory");
	if (!is_complete(&r))
		FAIL(0, "what is swapped out is not in the memory below");
	if (r.group >= TO_SWAP / 2)
		failed("%lld bytes were swapped out, and %lld charged for it",
		       swapped, r.group);
	held();
}

static void cleanup(void)
{
	swap_stop(target.path);
	target_remove(&target);
	fs_unmount(top);
}

SCENARIO(swap_charge,
	 .claim = "a group that swaps to a loop device in memory does not pay "
		  "for the memory which that takes below",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_RAM_DISK,
			CGROUP_ROOT "/memory.reclaim"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "charge-swap" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 120, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
