// SPDX-License-Identifier: GPL-2.0
// rmdir-in-flight: a cgroup is removed while its I/O is in flight.
#include <fcntl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "aio.h"
#include "cgroup_gone.h"
#include "dm.h"
#include "fs.h"
#include "scenario.h"
#include "target.h"
#include "throttle.h"

#define REQUESTS 64
#define START_MS 10000
#define RELEASE_MS 20000

static struct target target = TARGET_NONE;
static struct cgroup_gone test;
static char disk[PATH_LEN];

/* Of the issuer, shared with it. */
struct issued {
	int submitted, done;
};

static struct issued *issued;

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
		issued->submitted++;
	}
	while (issued->done < REQUESTS)
		issued->done += aio_reap(aio, BLOCK);
	CHECK(close(fd));
}

static void use_twin(void *unused)
{
	(void)unused;
	CHECK(close(CHECK(open(disk, O_RDONLY))));
}

static void setup(void)
{
	cgroup_gone_make(&test, "+io");
	dm_make_disk(disk);
	target_make(&target, disk,
		    cell_is("backing", "direct") ? LO_FLAGS_DIRECT_IO : 0);
	issued = shared_memory(sizeof(*issued));
}

/* Moves the issuer away, so that its group can be removed. */
static void empty_user(pid_t issuer)
{
	char main_group[PATH_LEN], text[32];

	in_group(main_group, "main");
	text_set(text, sizeof(text), "%d", issuer);
	CHECK(cgroup_write(main_group, "cgroup.procs", text));
}

static void run(void)
{
	pid_t pid;

	/* On the parent: a removed group's own limit could not be lifted. */
	throttle_disk(test.subject, disk);
	pid = process_start(test.subject_user, issue, NULL);
	if (!wait_count(&issued->submitted, REQUESTS, START_MS))
		FAIL(0, "%d of %d requests submitted in %d ms",
		     issued->submitted, REQUESTS, START_MS);
	empty_user(pid);
	if (issued->done)
		FAIL(0, "%d requests ended, none should", issued->done);
	CHECK(cgroup_remove(test.subject_user));
	evidence("requests_in_flight", REQUESTS - issued->done, "requests");
	throttle_lift(test.subject, disk);
	process_end(pid, RELEASE_MS, "the issuer, which is no longer held,");
	evidence("requests_done", issued->done, "requests");
	/* Cached pages keep a group, too, which is another claim. */
	fs_drop_cache(disk);
	run_in(test.twin_user, use_twin, NULL);
	CHECK(cgroup_remove(test.twin_user));
	cgroup_gone_wait(&test);
	cgroup_gone_without(&test, &target);
	cgroup_gone_conclude(&test, "I/O that outlived the group");
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
