// SPDX-License-Identifier: GPL-2.0
// ioprio: does the issuer's I/O priority reach the disk below a loop device?
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/ioprio.h>
#include <linux/loop.h>

#include "aio.h"
#include "scenario.h"
#include "target.h"

#define SCHEDULER SLOW_DISK_SYS "/queue/scheduler"
#define OWNED "/sys/kernel/debug/block/nullb0/sched/owned_by_driver"
#define READS 6
#define FLUSHES 6
/* Further than readahead reaches: no read finds its block in the cache. */
#define APART (8 * MIB)
#define ISSUER_MS 20000

static struct target target = TARGET_NONE;
static char issuer[PATH_LEN];
static int disk = -1;

/* The most requests of each class that the disk was seen to have at once. */
struct seen {
	pid_t pid;
	int status;
	int rt, be, idle;
};

static void be_of_class(int class)
{
	CHECK(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		      IOPRIO_PRIO_VALUE(class, 0)));
}

/* Each flush comes right behind a write of the class idle. */
static void issue_flushes(int fd)
{
	aio_context_t aio = aio_make(1);
	void *buf = zalloc_pages(BLOCK);
	int i;

	for (i = 0; i < FLUSHES; i++) {
		be_of_class(IOPRIO_CLASS_IDLE);
		aio_submit(aio, fd, true, buf, BLOCK, i * APART);
		be_of_class(IOPRIO_CLASS_RT);
		CHECK(fsync(fd));
		aio_reap(aio, BLOCK);
		CHECK(fsync(fd));
	}
}

static void issue(void *unused)
{
	bool flush = cell_is("io", "flush");
	/* Without a driver it is the disk's own cache that is flushed. */
	int fd = CHECK(
		open(target.path,
		     O_RDWR | (flush && !driver()->module ? 0 : O_DIRECT)));
	void *buf = zalloc_pages(BLOCK);
	int i;

	(void)unused;
	be_of_class(IOPRIO_CLASS_RT);
	if (flush)
		issue_flushes(fd);
	for (i = 0; !flush && i < READS; i++)
		pread_all(fd, buf, BLOCK, i * APART);
	CHECK(close(fd));
}

/* Reads the scheduler's count of requests that the disk has, by class. */
static bool look(void *arg)
{
	struct seen *s = arg;
	int rt, be, idle;

	file_scan(OWNED, 3, "%d %d %d", &rt, &be, &idle);
	s->rt = rt > s->rt ? rt : s->rt;
	s->be = be > s->be ? be : s->be;
	s->idle = idle > s->idle ? idle : s->idle;
	return process_wait(s->pid, &s->status, 0);
}

/*
 * cgloop sends a direct read on to the disk, past the file, unless the disk's
 * page cache has the block.  The cache stays while the disk is open.
 */
static void fill_cache(void)
{
	void *buf = zalloc_pages(BLOCK);
	int i;

	disk = CHECK(open(SLOW_DISK, O_RDONLY));
	for (i = 0; i < READS; i++)
		pread_all(disk, buf, BLOCK, i * APART);
}

static void setup(void)
{
	make_group(issuer, "issuer", "");
	CHECK(file_write(SCHEDULER, "mq-deadline"));
	target_make(&target, SLOW_DISK,
		    cell_is("io", "buffered") || cell_is("io", "flush") ?
			    0 :
			    LO_FLAGS_DIRECT_IO);
	if (cell_is("io", "direct-if-cached"))
		fill_cache();
}

static void run(void)
{
	struct seen s = { .pid = process_start(issuer, issue, NULL) };

	if (!wait_until(look, &s, ISSUER_MS) || s.status)
		FAIL(0, "the issuer has not ended well within %d ms",
		     ISSUER_MS);
	evidence("requests_real_time", s.rt, "requests");
	evidence("requests_best_effort", s.be, "requests");
	evidence("requests_idle", s.idle, "requests");
	if (s.rt && !s.be && !s.idle)
		held();
	if (!s.rt && s.be)
		failed("real-time I/O reached the disk as best-effort");
	if (s.idle && cell_is("io", "flush"))
		failed("a flush went by the priority of an earlier request");
	FAIL(0, "no request was seen on the disk, or several kinds");
}

static void cleanup(void)
{
	target_remove(&target);
	if (disk >= 0)
		CHECK(close(disk));
}

SCENARIO(ioprio,
	 .claim = "the issuer's I/O priority reaches the disk below a loop "
		  "device",
	 .needs = NEEDS("cgroup:io", "driver", NEEDS_SLOW_DISK),
	 .cells = CELLS("io=direct", "io=direct-if-cached", "io=buffered",
			"io=flush"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "drop-ioprio" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
