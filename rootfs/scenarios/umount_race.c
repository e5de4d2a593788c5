// SPDX-License-Identifier: GPL-2.0
// umount-race: a file system is unmounted while inodes of a removed cgroup
// switch to another owner.
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/membarrier.h>

#include "disk.h"
#include "dm.h"
#include "fs.h"
#include "scenario.h"
#include "slab.h"
#include "target.h"
#include "trace.h"

#define DISK_BYTES (16 * MIB)
/* Each has a file system and a group of its own. */
#define WORKERS 8
#define ROUNDS 50
/* Of a control. */
#define FEW 5
/* The kernel switches about 115 at a time: this is more than one batch. */
#define INODES 120
#define WORKER_MS 280000
#define CACHE "ext4_inode_cache"

static struct worker {
	char name[16], disk[PATH_LEN], mnt[PATH_LEN], group[PATH_LEN];
	/* "MAJOR:MINOR:" of the disk, as events name it. */
	char bdi[PATH_LEN];
	/* While the events are read: it unmounts; a switch was seen since. */
	bool unmounting, switched;
} workers[WORKERS];

static int rounds_switched, switches;
/* Inodes in use before the race, with none of the file systems mounted. */
static long long inodes_before;

static const char *const events[] = { "writeback/inode_switch_wbs", NULL };

static int rounds(void)
{
	return playing()->variant ? FEW : ROUNDS;
}

/* An inode belongs to the group that dirties it; new times do that. */
static void touch_all(const struct worker *w)
{
	char path[PATH_LEN];
	int i;

	for (i = 0; i < INODES; i++) {
		text_set(path, sizeof(path), "%s/%d", w->mnt, i);
		CHECK(utimensat(AT_FDCWD, path, NULL, 0));
	}
}

static void sync_disk(const struct worker *w)
{
	int fd = CHECK(open(w->mnt, O_RDONLY | O_CLOEXEC));

	CHECK(syncfs(fd));
	CHECK(close(fd));
}

/*
 * One grace period after a group's removal the kernel looks for its inodes, and
 * switches them another grace period later.  The unmount should come in
 * between; every fourth round it comes at once.
 */
static void wait_for_switch(int round)
{
	if (round % 4)
		CHECK(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
}

/* The kernel switches only clean inodes of a removed group: hence the sync. */
static void race(void *arg)
{
	char main_group[PATH_LEN];
	struct worker *w = arg;
	int i;

	in_group(main_group, "main");
	for (i = 0; i < rounds(); i++) {
		CHECK(mount(w->disk, w->mnt, "ext4", MS_NOATIME, NULL));
		CHECK(cgroup_make(w->group, ""));
		CHECK(cgroup_join(w->group));
		touch_all(w);
		CHECK(cgroup_join(main_group));
		sync_disk(w);
		CHECK(cgroup_remove(w->group));
		wait_for_switch(i);
		trace_mark("unmounts %s", w->bdi);
		CHECK(umount2(w->mnt, 0));
		trace_mark("unmounted %s", w->bdi);
	}
}

static void make_files(const struct worker *w)
{
	char path[PATH_LEN];
	int i;

	for (i = 0; i < INODES; i++) {
		text_set(path, sizeof(path), "%s/%d", w->mnt, i);
		CHECK(mknod(path, S_IFREG | 0600, 0));
	}
}

static void make_worker(int i)
{
	struct worker *w = &workers[i];
	struct dm_piece piece = { .below = RAM_DISK,
				  .bytes = DISK_BYTES,
				  .from = i * DISK_BYTES };
	char name[16];

	text_set(name, sizeof(name), "mnt%d", i);
	in_folder(w->mnt, name);
	text_set(name, sizeof(name), "user%d", i);
	in_group(w->group, name);
	text_set(w->name, sizeof(w->name), "umount%d", i);
	dm_make(w->name, &piece, w->disk);
	disk_number(w->bdi, w->disk);
	strcat(w->bdi, ":");
	fs_mount_ext4(w->disk, DISK_BYTES, w->mnt);
	make_files(w);
	CHECK(umount2(w->mnt, 0));
}

static void setup(void)
{
	int i;

	for (i = 0; i < WORKERS; i++)
		make_worker(i);
	inodes_before = slab_wait(CACHE, 0);
}

static void take_mark(struct worker *w, const char *text)
{
	if (!strncmp(text, "unmounts ", 9)) {
		w->unmounting = true;
		w->switched = false;
		return;
	}
	w->unmounting = false;
	rounds_switched += w->switched;
}

static void take(const struct trace_event *e, void *unused)
{
	bool mark = strcmp(e->name, "inode_switch_wbs");
	int i;

	(void)unused;
	switches += !mark;
	for (i = 0; i < WORKERS; i++) {
		if (!strstr(e->text, workers[i].bdi))
			continue;
		if (mark)
			take_mark(&workers[i], e->text);
		else if (workers[i].unmounting)
			workers[i].switched = true;
	}
}

/* The log is read with programs = true, so it counts this line as well. */
static void plant(void)
{
	file_put("/dev/kmsg",
		 "<1>VFS: Busy inodes after unmount of none (planted)\n");
}

/* The control's: a file that is open when its file system is unmounted. */
static int kept = -1;

static void keep_inode(void)
{
	struct worker *w = &workers[0];
	char path[PATH_LEN];

	CHECK(mount(w->disk, w->mnt, "ext4", 0, NULL));
	text_set(path, sizeof(path), "%s/0", w->mnt);
	kept = CHECK(open(path, O_RDONLY | O_CLOEXEC));
	CHECK(umount2(w->mnt, MNT_DETACH));
}

static void run(void)
{
	pid_t pids[WORKERS];
	long long left;
	struct klog log;
	int i;

	CHECK(klog_open(&log, 0));
	log.programs = true;
	trace_start(0, events);
	for (i = 0; i < WORKERS; i++)
		pids[i] = process_start(NULL, race, &workers[i]);
	for (i = 0; i < WORKERS; i++)
		process_end(pids[i], WORKER_MS, workers[i].name);
	trace_end(take, NULL);
	if (variant_is("planted-line"))
		plant();
	if (variant_is("kept-inode"))
		keep_inode();
	left = slab_wait(CACHE, inodes_before);
	klog_read(&log);
	klog_close(&log);
	evidence("rounds", rounds() * WORKERS, "rounds");
	evidence("rounds_with_a_switch_in_flight", rounds_switched, "rounds");
	evidence("inodes_switched", switches, "inodes");
	evidence("inodes_left", left, "inodes");
	evidence("reports_of_the_kernel", log.splats, "lines");
	if (log.splats)
		failed("%s", log.splat);
	if (left)
		failed("%lld inodes stay when all is unmounted", left);
	if (!rounds_switched)
		FAIL(0, "no switch was in flight during any unmount");
	held();
}

static void cleanup(void)
{
	int i;

	if (kept >= 0)
		CHECK(close(kept));
	trace_remove();
	for (i = 0; i < WORKERS; i++) {
		fs_unmount(workers[i].mnt);
		dm_remove(workers[i].name);
	}
}

/*
 * A sound kernel leaves no inode behind, so a control has either half of what
 * is judged: the kernel's report, or an inode that outlives the unmounting.
 * The mutants umount-* have the fault itself, and end in a panic.
 */
SCENARIO(umount_race,
	 .claim = "unmounting while inodes of a removed cgroup change hands "
		  "leaves no inode behind, and touches none that is gone",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", NEEDS_RAM_DISK,
			NEEDS_EXT4, "load:dm_mod", NEEDS_TRACE("writeback"),
			NEEDS_SLAB_OBJECTS),
	 .controls = CONTROLS({ "none", EXPECT_FALSE, "planted-line" },
			      { "none", EXPECT_FALSE, "kept-inode" }),
	 .timeout_s = 300, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
