// SPDX-License-Identifier: GPL-2.0
// rmdir-in-flight: a cgroup goes while its I/O is under way.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <linux/loop.h>

#include "aio.h"
#include "dm.h"
#include "fs.h"
#include "cgroup_gone.h"
#include "throttle.h"
#include "scenario.h"
#include "target.h"

#define BLOCK 4096
#define REQUESTS 64
#define START_MS 10000
#define RELEASE_MS 20000

static struct target target = TARGET_NONE;
static char disk[PATH_LEN], above[PATH_LEN], user[PATH_LEN];
static char twin[PATH_LEN], twin_user[PATH_LEN];

/* Of the issuer, shared with it. */
struct progress {
	int submitted, done;
};

static struct progress *progress;

static void issue(void *unused)
{
	bool writing = cell_is("rw", "write");
	int fd = CHECK(open(target.path, O_RDWR | O_DIRECT));
	aio_context_t aio = aio_make(REQUESTS);
	void *buf = zalloc_pages(BLOCK);
	int i;

	(void)unused;
	for (i = 0; i < REQUESTS; i++) {
		aio_submit(aio, fd, writing, buf, BLOCK, i * BLOCK);
		progress->submitted++;
	}
	while (progress->done < REQUESTS)
		progress->done += aio_reap(aio, BLOCK);
	CHECK(close(fd));
}

static bool is_submitted(void *unused)
{
	(void)unused;
	return *(volatile int *)&progress->submitted == REQUESTS;
}

static void use_twin(void *unused)
{
	(void)unused;
	CHECK(close(CHECK(open(disk, O_RDONLY))));
}

/*
 * The limit is the parent's, since nobody could lift it when the group is
 * gone.
 */
static void setup(void)
{
	in_group(above, "above");
	in_group(user, "above/user");
	in_group(twin, "twin");
	in_group(twin_user, "twin/user");
	CHECK(cgroup_make(above, "+io"));
	CHECK(cgroup_make(user, ""));
	CHECK(cgroup_make(twin, "+io"));
	CHECK(cgroup_make(twin_user, ""));
	dm_make_disk(disk);
	target_make(&target, disk,
		    cell_is("backing", "direct") ? LO_FLAGS_DIRECT_IO : 0);
	progress = shared_memory(sizeof(*progress));
}

static void run(void)
{
	struct cgroup_gone g = { .subject = above, .twin = twin };
	char main_group[PATH_LEN], text[32];
	int status;
	pid_t pid;

	in_group(main_group, "main");
	throttle_disk(above, disk);
	pid = process_start(user, issue, NULL);
	if (!wait_until(is_submitted, NULL, START_MS))
		FAIL(0, "the issuer does not get its requests submitted");
	text_set(text, sizeof(text), "%d", pid);
	CHECK(cgroup_write(main_group, "cgroup.procs", text));
	if (progress->done)
		FAIL(0, "%d requests ended, none should", progress->done);
	CHECK(cgroup_remove(user));
	evidence("requests_in_flight", REQUESTS - progress->done, "requests");
	throttle_lift(above, disk);
	if (!process_wait(pid, &status, RELEASE_MS) || status)
		FAIL(0, "the issuer does not end when it is let go");
	evidence("requests_done", progress->done, "requests");
	/* Pages that stay keep a group, too, which is another matter. */
	fs_drop_cache(disk);
	if (process_run(twin_user, use_twin, NULL, START_MS))
		FAIL(0, "the twin failed");
	CHECK(cgroup_remove(twin_user));
	cgroup_gone_wait(&g);
	cgroup_gone_conclude(&g, "I/O that outlived the group");
}

static void cleanup(void)
{
	target_remove(&target);
	dm_remove_disk();
}

SCENARIO(rmdir_in_flight,
	 .claim = "a cgroup that is removed while its I/O through a loop "
		  "device is under way is gone when that has ended",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_RAM_DISK, "load:dm_mod"),
	 .cells = CELLS("backing=buffered rw=read", "backing=direct rw=read",
			"backing=direct rw=write"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "pin-css" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
