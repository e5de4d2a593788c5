// SPDX-License-Identifier: GPL-2.0
// server-gone: does all end when the server of the disk below is killed?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include <linux/loop.h>

#include "cgroup_gone.h"
#include "fs.h"
#include "nbd.h"
#include "progress.h"
#include "scenario.h"
#include "target.h"

#define DISK_BYTES (24 * MIB)
#define BYTES (4 * MIB)
#define CHUNK (64 * KIB)
#define START_MS 20000

static struct target target = TARGET_NONE;
static struct cgroup_gone test;
static struct nbd nbd;
static char store[PATH_LEN], mnt[PATH_LEN], file[PATH_LEN];

/* Of the writer, shared with it. */
struct writer {
	int dirty, go, err;
};

static struct writer *writer;

/* Has dirty pages when the server dies, and writes them back afterwards. */
static void run_writer(void *unused)
{
	int fd = CHECK(open(file, O_RDWR | O_CREAT, 0600));

	(void)unused;
	io_range(fd, true, CHUNK, 0, BYTES);
	CHECK(fsync(fd));
	io_range(fd, true, CHUNK, 0, BYTES);
	writer->dirty = 1;
	if (!wait_count(&writer->go, 1, START_MS))
		FAIL(0, "the writer may not go on within %d ms", START_MS);
	writer->err = fsync(fd) < 0 ? errno : 0;
	CHECK(close(fd));
}

static void use_nothing(void *unused)
{
	(void)unused;
}

static void unmount(void *unused)
{
	(void)unused;
	CHECK(umount2(mnt, 0));
}

static void unbind(void *unused)
{
	(void)unused;
	CHECK(driver_unbind(target.path));
}

static void setup(void)
{
	writer = shared_memory(sizeof(*writer));
	cgroup_gone_make(&test, "+memory +io");
	in_folder(store, "store");
	in_folder(mnt, "mnt");
	in_folder(file, "mnt/file");
	fs_make_file(store, DISK_BYTES);
	nbd = (struct nbd){ .file = store, .bytes = DISK_BYTES };
	nbd_start(&nbd);
	target_make(&target, NBD_DISK,
		    cell_is("io", "direct") ? LO_FLAGS_DIRECT_IO : 0);
	fs_mount_ext4(target.path, DISK_BYTES, mnt);
}

static void end(pid_t pid, const char *what)
{
	int status;

	if (!progress_end(pid, &status, what))
		failed("%s hangs: nothing answers for the disk", what);
	if (status)
		FAIL(0, "%s ended with %#x", what, status);
}

/* Nothing may be left with the driver when the file system is gone. */
static void look_for_rest(void)
{
	long long queued, in_flight;

	if (!driver_has_counters(driver()))
		return;
	queued = driver_counter(target.path, "queued");
	in_flight = driver_counter(target.path, "in_flight");
	evidence("queued", queued, "requests");
	evidence("in_flight", in_flight, "requests");
	if (queued || in_flight)
		failed("%lld requests stay with the driver", in_flight);
}

static void run(void)
{
	pid_t pid = process_start(test.subject_user, run_writer, NULL);

	if (!wait_count(&writer->dirty, 1, START_MS))
		FAIL(0, "nothing is dirty within %d ms", START_MS);
	nbd_crash(&nbd);
	writer->go = 1;
	end(pid, "the writer");
	evidence("errno", writer->err, "errno");
	end(process_start(NULL, unmount, NULL), "umount");
	look_for_rest();
	if (driver()->module)
		end(process_start(NULL, unbind, NULL), "unbinding");
	if (!writer->err)
		failed("fsync succeeds without the disk");
	run_in(test.twin_user, use_nothing, NULL);
	CHECK(cgroup_remove(test.subject_user));
	CHECK(cgroup_remove(test.twin_user));
	cgroup_gone_wait(&test);
	cgroup_gone_without(&test, &target);
	cgroup_gone_conclude(&test, "I/O to a disk without a server");
}

static void cleanup(void)
{
	fs_unmount(mnt);
	target_remove(&target);
	nbd_stop(&nbd);
	unlink(store);
}

SCENARIO(server_gone,
	 .claim = "when the server of the disk below a loop device is killed "
		  "I/O fails, and file system, device and writer's cgroup go",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_EXT4,
			NEEDS_NBD),
	 .cells = CELLS("io=direct", "io=buffered"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "pin-css" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 120, .expect_events = KLOG_IO_ERROR | KLOG_DISK_GONE,
	 .suite = SUITE_FULL, .setup = setup, .run = run, .cleanup = cleanup);
