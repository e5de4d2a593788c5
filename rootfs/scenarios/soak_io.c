// SPDX-License-Identifier: GPL-2.0
// soak-io: requests of all kinds, while devices and cgroups come and go.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "aio.h"
#include "disk.h"
#include "fs.h"
#include "prng.h"
#include "scenario.h"
#include "soak.h"
#include "stamp.h"
#include "target.h"

#define IN_BLOCK (BLOCK / SECTOR)
#define ISSUERS 4
/* Each issuer has a part of the device to itself. */
#define PART_SECTORS 1024
#define PARTS (ISSUERS * PART_SECTORS * (long long)SECTOR)
/* The device begins here in its backing, which may get this much longer. */
#define OFFSET MIB
#define TAIL_BLOCKS 64
/* Requests of an issuer in a round. */
#define ROUND 400
#define LONGEST 64 /* sectors */
#define BURST 8
#define CONTROL_REQUESTS 20000
#define OPEN_MS 60000
#define SOAK_MS (SOAK_S * 1000)

enum backing {
	TMPFS,
	EXT4,
	DISK,
	DEVICES,
};

struct device {
	enum backing kind;
	char backing[PATH_LEN], node[PATH_LEN];
	int number, fd;
	bool read_only;
	struct prng prng;
};

struct issuer {
	const struct device *device;
	char group[PATH_LEN];
	struct prng prng;
	int id; /* of all devices' */
	long long at; /* its part's place on the device */
	uint32_t *steps; /* which one wrote each sector */
	int cached, direct, durable; /* descriptors */
	aio_context_t aio;
	char *buf;
};

/* Shared by all processes. */
struct shared {
	int stop; /* some part has failed */
	uint32_t step[DEVICES];
	int open[DEVICES]; /* issuers that have their device open */
	long long requests, checked, wrong, binds, changes, refused, groups;
	long long done[DEVICES];
	uint32_t steps[DEVICES * ISSUERS][PART_SECTORS];
	char first_wrong[PATH_LEN];
};

static struct shared *shared;
static struct device devices[DEVICES];
static char tmpfs[PATH_LEN], ext4[PATH_LEN];

static long long all(void)
{
	return soak_share(soak.requests, CONTROL_REQUESTS);
}

static bool goes_on(void)
{
	return !READ_ONCE(shared->stop);
}

/* --- an issuer */

/* Some sectors of the issuer's part, in whole units. */
static int pick(struct issuer *is, int unit, int *sectors)
{
	int first = prng(&is->prng, PART_SECTORS / unit) * unit;

	*sectors = (1 + prng(&is->prng, LONGEST / unit)) * unit;
	if (*sectors > PART_SECTORS - first)
		*sectors = PART_SECTORS - first;
	return first;
}

static long long place(const struct issuer *is, int sector)
{
	return is->at + sector * (long long)SECTOR;
}

static uint32_t stamp_place(const struct issuer *is, int sector)
{
	return is->id * PART_SECTORS + sector;
}

static uint32_t next_step(const struct issuer *is)
{
	return __atomic_add_fetch(&shared->step[is->device->kind], 1,
				  __ATOMIC_RELAXED);
}

static void note(struct issuer *is, int first, int sectors, uint32_t step)
{
	int i;

	for (i = first; i < first + sectors; i++)
		is->steps[i] = step;
}

/* Notes the first wrong sector, and how it was read: that helps to find why. */
static void check(struct issuer *is, const char *how, int first, int sectors)
{
	int i, wrong = stamp_check(is->buf, stamp_place(is, first), sectors,
				   is->steps + first);
	uint32_t *words;

	soak_count(&shared->checked, sectors);
	if (!wrong)
		return;
	shared->stop = 1;
	if (__atomic_fetch_add(&shared->wrong, wrong, __ATOMIC_RELAXED))
		return;
	for (i = 0;
	     !stamp_check(is->buf + i * SECTOR, stamp_place(is, first) + i, 1,
			  is->steps + first + i);)
		i++;
	words = (uint32_t *)(is->buf + i * SECTOR);
	text_set(shared->first_wrong, sizeof(shared->first_wrong),
		 "%s of %d at %lld on %s: sector %d (%u) is from step %u of "
		 "sector %u, not from step %u",
		 how, sectors, place(is, first), is->device->node, i,
		 stamp_place(is, first + i), words[1], words[0],
		 is->steps[first + i]);
}

static int read_step(struct issuer *is)
{
	bool direct = prng(&is->prng, 2);
	int sectors, first = pick(is, direct ? IN_BLOCK : 1, &sectors);

	pread_all(direct ? is->direct : is->cached, is->buf, sectors * SECTOR,
		  place(is, first));
	check(is, direct ? "a direct read" : "a cached read", first, sectors);
	return 1;
}

static int write_step(struct issuer *is)
{
	const int fds[] = { is->cached, is->direct, is->durable };
	int kind = prng(&is->prng, ARRAY_SIZE(fds)), sectors, first;
	uint32_t step = next_step(is);

	first = pick(is, kind ? IN_BLOCK : 1, &sectors);
	stamp_fill(is->buf, stamp_place(is, first), sectors, step);
	pwrite_all(fds[kind], is->buf, sectors * SECTOR, place(is, first));
	note(is, first, sectors, step);
	return 1;
}

/* Some backings cannot discard, and none can while its pages are in use. */
static int zero_step(struct issuer *is)
{
	int sectors, first = pick(is, IN_BLOCK, &sectors);
	uint64_t range[] = { place(is, first), sectors * SECTOR };

	if (!ioctl(is->cached, prng(&is->prng, 2) ? BLKDISCARD : BLKZEROOUT,
		   range))
		note(is, first, sectors, 0);
	else if (errno != EOPNOTSUPP)
		FAIL(errno, "zeroing at %lld", place(is, first));
	return 1;
}

static int flush_step(struct issuer *is)
{
	CHECK(fsync(is->cached));
	return 1;
}

/* Several adjacent requests at once, all reads or all writes. */
static int burst_step(struct issuer *is)
{
	bool writing = !is->device->read_only && prng(&is->prng, 2);
	int first = prng(&is->prng, PART_SECTORS / IN_BLOCK - BURST + 1);
	uint32_t step = next_step(is);
	int i, done = 0;

	first *= IN_BLOCK;
	if (writing)
		stamp_fill(is->buf, stamp_place(is, first), BURST * IN_BLOCK,
			   step);
	for (i = 0; i < BURST; i++)
		aio_submit(is->aio, is->direct, writing, is->buf + i * BLOCK,
			   BLOCK, place(is, first + i * IN_BLOCK));
	while (done < BURST)
		done += aio_reap(is->aio, BLOCK);
	if (writing)
		note(is, first, BURST * IN_BLOCK, step);
	else
		check(is, "a burst", first, BURST * IN_BLOCK);
	return BURST;
}

/* Picked at random; for a read-only device among the first READING. */
static int (*const kinds[])(struct issuer *is) = {
	burst_step, read_step,	read_step,  read_step,	flush_step,
	zero_step,  write_step, write_step, write_step,
};

#define READING 5

/* Moves the issuer to another group and removes the old one during its I/O. */
static void move(struct issuer *is)
{
	char group[PATH_LEN];

	text_set(group, sizeof(group), "%s.2", is->group);
	CHECK(cgroup_make(group, ""));
	CHECK(cgroup_join(group));
	CHECK(cgroup_remove(is->group));
	text_set(is->group, sizeof(is->group), "%s", group);
	soak_count(&shared->groups, 1);
}

static void issue(void *arg)
{
	struct issuer *is = arg;
	int access = is->device->read_only ? O_RDONLY : O_RDWR, done = 0;
	int leave = prng(&is->prng, 2 * ROUND);

	is->cached = CHECK(open(is->device->node, access));
	is->direct = CHECK(open(is->device->node, access | O_DIRECT));
	is->durable =
		CHECK(open(is->device->node, access | O_DIRECT | O_DSYNC));
	/* Readahead would cache sectors that others are about to write. */
	if (posix_fadvise(is->cached, 0, 0, POSIX_FADV_RANDOM))
		FAIL(0, "posix_fadvise: the kernel may read ahead");
	__atomic_fetch_add(&shared->open[is->device->kind], 1,
			   __ATOMIC_RELEASE);
	is->aio = aio_make(BURST);
	is->buf = mmap(NULL, LONGEST * SECTOR, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (is->buf == MAP_FAILED)
		FAIL(errno, "a buffer");
	while (done < ROUND && goes_on()) {
		done += kinds[prng(&is->prng, is->device->read_only ?
						      READING :
						      ARRAY_SIZE(kinds))](is);
		if (leave && done >= leave) {
			leave = 0;
			move(is);
		}
	}
	aio_end(is->aio);
	soak_count(&shared->requests, done);
	soak_count(&shared->done[is->device->kind], done);
}

/* --- changes of a device during its I/O */

/* Checks the outcome of a change: one of two errnos, 0 for success. */
static void expect(const char *what, long ret, int err, int other)
{
	int got = ret < 0 ? errno : 0;

	if (got != err && got != other)
		FAIL(got, "%s", what);
	soak_count(&shared->changes, 1);
	soak_count(&shared->refused, !!got);
}

static int open_backing(struct device *d)
{
	return CHECK(
		open(d->backing, O_RDWR | (prng(&d->prng, 2) ? O_DIRECT : 0)));
}

/* Changes the length of the part of the file that nobody uses. */
static void resize(struct device *d)
{
	if (d->kind != DISK)
		CHECK(truncate(d->backing,
			       OFFSET + PARTS +
				       prng(&d->prng, TAIL_BLOCKS) * BLOCK));
	expect("capacity", ioctl(d->fd, LOOP_SET_CAPACITY), 0, 0);
}

/* EAGAIN: pages were cached again before the device could change. */
static void limit(struct device *d)
{
	struct loop_info64 info = { .lo_offset = OFFSET };

	if (prng(&d->prng, 2))
		info.lo_sizelimit = PARTS + prng(&d->prng, TAIL_BLOCKS) * BLOCK;
	expect("status", ioctl(d->fd, LOOP_SET_STATUS64, &info), 0, EAGAIN);
}

static void change_file(struct device *d)
{
	int err = d->read_only ? 0 : EINVAL, file = open_backing(d);

	expect("other file", ioctl(d->fd, LOOP_CHANGE_FD, file), err, err);
	CHECK(close(file));
}

/* The modes cannot change while a file is bound. */
static void set_mode(struct device *d, const char *name, const char *mode,
		     int err)
{
	char file[64], path[PATH_LEN];

	text_set(file, sizeof(file), "cgloop/%s", name);
	disk_file(path, d->node, file);
	expect(path, file_write(path, mode), err, err);
}

static void set_modes(struct device *d, int err)
{
	static const char *const workers[] = { "cgroup", "cmd", "single" };
	static const char *const charges[] = { "all", "blkcg", "none" };

	set_mode(d, "workers", workers[prng(&d->prng, 3)], err);
	set_mode(d, "charge", charges[prng(&d->prng, 3)], err);
}

static void look(struct device *d)
{
	static const char *const files[] = {
		"/sys/block/%s/loop/backing_file",
		"/sys/block/%s/loop/sizelimit",
		"/sys/kernel/debug/cgloop/%s",
		"/sys/kernel/debug/cgloop/%s-workers",
	};
	char path[PATH_LEN], text[8192];

	text_set(path, sizeof(path), files[prng(&d->prng, ARRAY_SIZE(files))],
		 disk_name(d->node));
	expect(path, file_read(path, text, sizeof(text)), 0, 0);
}

static void change(struct device *d)
{
	struct loop_info64 info;

	switch (prng(&d->prng, 9)) {
	case 0:
		return resize(d);
	case 1:
		return limit(d);
	case 2:
		return change_file(d);
	case 3:
		return set_modes(d, EBUSY);
	case 4:
		return look(d);
	case 5:
		return expect("direct",
			      ioctl(d->fd, LOOP_SET_DIRECT_IO,
				    (long)prng(&d->prng, 2)),
			      0, EINVAL);
	case 6:
		return expect("block size",
			      ioctl(d->fd, LOOP_SET_BLOCK_SIZE,
				    512L << prng(&d->prng, 4)),
			      0, 0);
	case 7:
		return expect("status", ioctl(d->fd, LOOP_GET_STATUS64, &info),
			      0, 0);
	default:
		return expect("flush", ioctl(d->fd, BLKFLSBUF), 0, 0);
	}
}

/* --- a device from binding to unbinding */

static void bind_device(struct device *d)
{
	struct loop_config config = { .info.lo_offset = OFFSET };

	set_modes(d, 0);
	d->read_only = !prng(&d->prng, 8);
	if (d->read_only)
		config.info.lo_flags |= LO_FLAGS_READ_ONLY;
	if (prng(&d->prng, 2))
		config.info.lo_flags |= LO_FLAGS_DIRECT_IO;
	if (!prng(&d->prng, 4))
		config.info.lo_flags |= LO_FLAGS_AUTOCLEAR;
	if (!prng(&d->prng, 8))
		config.info.lo_flags |= LO_FLAGS_PARTSCAN;
	if (prng(&d->prng, 2))
		config.block_size = 512 << prng(&d->prng, 4);
	d->fd = CHECK(open(d->node, O_RDWR));
	config.fd = open_backing(d);
	CHECK(ioctl(d->fd, LOOP_CONFIGURE, &config));
	CHECK(close(config.fd));
	soak_count(&shared->binds, 1);
}

static void start_issuers(struct device *d, const char *group, pid_t *pids)
{
	struct issuer is = { .device = d };
	int i;

	shared->open[d->kind] = 0;
	for (i = 0; i < ISSUERS; i++) {
		is.id = d->kind * ISSUERS + i;
		is.at = i * PARTS / ISSUERS;
		is.steps = shared->steps[is.id];
		is.prng.state = prng_bits(&d->prng);
		text_set(is.group, sizeof(is.group), "%s/%d", group, i);
		CHECK(cgroup_make(is.group, ""));
		soak_count(&shared->groups, 1);
		pids[i] = process_start(is.group, issue, &is);
	}
}

/*
 * Wait for all issuers even when the soak is to stop.  A device whose only user
 * tells it to go is unbound at once, and a late issuer would not find it.
 */
static bool all_open(void *arg)
{
	struct device *d = arg;

	return __atomic_load_n(&shared->open[d->kind], __ATOMIC_ACQUIRE) ==
	       ISSUERS;
}

/*
 * Changes the device until every issuer has ended.  The last change may be an
 * unbind, which takes effect at the last user's close.
 */
static void change_meanwhile(struct device *d, const pid_t *pids)
{
	int status, i = 0, changes = prng(&d->prng, 20);

	if (!wait_until(all_open, d, OPEN_MS))
		FAIL(0, "an issuer has not opened %s within %d ms", d->node,
		     OPEN_MS);
	while (i < ISSUERS) {
		if (changes) {
			change(d);
			if (!--changes)
				expect("unbind", ioctl(d->fd, LOOP_CLR_FD), 0,
				       0);
		}
		if (process_wait(pids[i], &status, changes ? 1 : SOAK_MS)) {
			i++;
			if (status)
				FAIL(0, "an issuer ended with %#x", status);
		}
	}
}

static void unbind(struct device *d)
{
	/* ENXIO: it is unbound already. */
	expect("unbind", ioctl(d->fd, LOOP_CLR_FD), 0, ENXIO);
	CHECK(close(d->fd));
	if (driver_bound(d->node))
		FAIL(0, "%s stays bound", d->node);
}

static void run_device(void *arg)
{
	struct device *d = arg;
	char group[PATH_LEN], name[32];
	pid_t pids[ISSUERS];
	long long done;
	int round = 0;

	text_set(name, sizeof(name), "device%d", d->kind);
	in_group(group, name);
	while (goes_on() && shared->done[d->kind] < all() / DEVICES) {
		/* Siblings that share their parent's io group, and others. */
		CHECK(cgroup_make(group,
				  round++ % 2 ? "+memory" : "+memory +io"));
		bind_device(d);
		done = shared->done[d->kind];
		start_issuers(d, group, pids);
		change_meanwhile(d, pids);
		unbind(d);
		if (cgroup_empty(group) || cgroup_remove(group) < 0)
			FAIL(errno, "a group stays");
		if (shared->done[d->kind] < done + ISSUERS * ROUND)
			shared->stop = 1;
	}
}

/* --- all of it */

/* An earlier entry may have written to the disk. */
static void make_zero(const char *disk)
{
	uint64_t range[] = { OFFSET, PARTS };
	int fd = CHECK(open(disk, O_RDWR));

	CHECK(ioctl(fd, BLKZEROOUT, range));
	CHECK(close(fd));
}

static void make_device(enum backing kind, const char *backing)
{
	struct device *d = &devices[kind];

	d->kind = kind;
	d->prng.state = soak.seed + kind;
	text_set(d->backing, sizeof(d->backing), "%s", backing);
	if (kind == DISK)
		make_zero(backing);
	else
		fs_make_file(backing, OFFSET + PARTS);
	d->number = CHECK(driver_reserve(driver(), d->node));
	/* An unbound device would be reserved a second time. */
	CHECK(driver_bind(d->node, d->backing, 0));
}

static void setup(void)
{
	char path[PATH_LEN];
	int i;

	for (i = 0; i < DEVICES; i++)
		devices[i].number = -1;
	shared = shared_memory(sizeof(*shared));
	in_folder(tmpfs, "tmpfs");
	in_folder(ext4, "ext4");
	fs_mount_tmpfs(tmpfs, 0);
	fs_mount_ext4_journal(RAM_DISK, 64 * MIB, ext4);
	in_folder(path, "tmpfs/backing");
	make_device(TMPFS, path);
	in_folder(path, "ext4/backing");
	make_device(EXT4, path);
	make_device(DISK, SOAK_DISK);
	/* So that workers come and go, too. */
	text_set(path, sizeof(path), "/sys/module/%s/parameters/idle_secs",
		 driver()->module);
	file_put(path, "1");
}

/* Requests that the device was given, by the block layer's count. */
static long long device_requests(const struct device *d)
{
	long long reads, writes, discards;
	char path[PATH_LEN];

	disk_file(path, d->node, "stat");
	file_scan(path, 3, "%lld %*s %*s %*s %lld %*s %*s %*s %*s %*s %*s %lld",
		  &reads, &writes, &discards);
	return reads + writes + discards;
}

static void show(long long given, long long left)
{
	evidence("seed", soak.seed, "number");
	evidence("requests", shared->requests, "requests");
	evidence("device_requests", given, "requests");
	evidence("binds", shared->binds, "binds");
	evidence("changes", shared->changes, "calls");
	evidence("changes_refused", shared->refused, "calls");
	evidence("cgroups", shared->groups, "cgroups");
	evidence("sectors_checked", shared->checked, "sectors");
	evidence("sectors_wrong", shared->wrong, "sectors");
	evidence("cgroups_left", left, "cgroups");
}

/* Removes everything that may keep a group, but for a lost reference. */
static void undo(void)
{
	int i, number;

	for (i = 0; i < DEVICES; i++) {
		number = devices[i].number;
		devices[i].number = -1;
		if (number >= 0)
			CHECK(driver_remove(driver(), number));
	}
	fs_unmount(tmpfs);
	fs_unmount(ext4);
}

static void run(void)
{
	pid_t pids[DEVICES];
	int i, status;
	long long given = 0, left;

	for (i = 0; i < DEVICES; i++) {
		CHECK(driver_unbind(devices[i].node));
		pids[i] = process_start(NULL, run_device, &devices[i]);
	}
	for (i = 0; i < DEVICES; i++) {
		status = soak_wait(pids[i], &shared->requests, all(),
				   "requests");
		if (status)
			FAIL(0, "a device's process ended with %#x", status);
		given += device_requests(&devices[i]);
	}
	undo();
	left = soak_groups_left();
	show(given, left);
	if (shared->wrong)
		failed("%lld of %lld sectors were not what was written; %s",
		       shared->wrong, shared->checked, shared->first_wrong);
	if (left)
		failed("%lld removed cgroups stay", left);
	if (shared->requests < all())
		FAIL(0, "%lld of %lld requests are done", shared->requests,
		     all());
	held();
}

static void cleanup(void)
{
	undo();
}

/*
 * A driver refuses to zero a range that its backing file cannot zero.  The
 * kernel logs that as an I/O error and writes zeroes instead.
 */
SCENARIO(soak_io,
	 .claim = "millions of requests of all kinds, from cgroups that come "
		  "and go, through devices that come, change and go, lose "
		  "nothing and leave nothing behind",
	 .drivers = "cgloop",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver", NEEDS_RAM_DISK,
			NEEDS_EXT4, NEEDS_SOAK_DISK),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "corrupt" },
			      { "cgloop-inject", EXPECT_FALSE,
				"leak-on-error" }),
	 .timeout_s = SOAK_S, .expect_events = KLOG_IO_ERROR,
	 .suite = SUITE_SOAK, .setup = setup, .run = run, .cleanup = cleanup);
