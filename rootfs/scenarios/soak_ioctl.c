// SPDX-License-Identifier: GPL-2.0
// soak-ioctl: random calls and attributes with random values, while I/O runs.
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "fs.h"
#include "prng.h"
#include "scenario.h"
#include "soak.h"

#define SIZE (4 * MIB)
/* Devices that there may be at once; a call that adds more is undone. */
#define DEVICES 6
#define CALLERS 3
/* Calls of one process. */
#define ROUND 200
/* Enough for some I/O to fail below the driver; 4000 led to none or three. */
#define CONTROL_CALLS 16000
#define ROUND_MS 300000
#define GONE_MS 20000
#define IO_BYTES 16384
/* The ranges of numbers of loop devices' and of all block devices' calls. */
#define LOOP_CALLS 0x4C00
#define BLOCK_CALLS 0x1200
/* Stands for the use of an attribute among the numbers of calls. */
#define ATTRIBUTE 0

/* The kind of argument that a call expects; it may get another. */
enum kind {
	NOTHING,
	FILE_ARG,
	NUMBER_ARG, /* of a device */
	SIZE_ARG,
	INT_PTR_ARG,
	RANGE_ARG,
	INFO_ARG,
	INFO64_ARG,
	CONFIG_ARG,
	KINDS,
};

static const struct command {
	unsigned int request;
	enum kind kind;
} commands[] = {
	{ LOOP_SET_FD, FILE_ARG },
	{ LOOP_CLR_FD, NOTHING },
	{ LOOP_SET_STATUS, INFO_ARG },
	{ LOOP_GET_STATUS, INFO_ARG },
	{ LOOP_SET_STATUS64, INFO64_ARG },
	{ LOOP_GET_STATUS64, INFO64_ARG },
	{ LOOP_CHANGE_FD, FILE_ARG },
	{ LOOP_SET_CAPACITY, NOTHING },
	{ LOOP_SET_DIRECT_IO, NUMBER_ARG },
	{ LOOP_SET_BLOCK_SIZE, SIZE_ARG },
	{ LOOP_CONFIGURE, CONFIG_ARG },
	{ LOOP_CONFIGURE, CONFIG_ARG },
	{ LOOP_CTL_ADD, NUMBER_ARG },
	{ LOOP_CTL_REMOVE, NUMBER_ARG },
	{ LOOP_CTL_GET_FREE, NOTHING },
	{ BLKROSET, INT_PTR_ARG },
	{ BLKRRPART, NOTHING },
	{ BLKFLSBUF, NOTHING },
	{ BLKRASET, SIZE_ARG },
	{ BLKBSZSET, INT_PTR_ARG },
	{ BLKGETSIZE64, RANGE_ARG },
	{ BLKDISCARD, RANGE_ARG },
	{ BLKZEROOUT, RANGE_ARG },
};

/* Backing files, good and bad. */
enum file {
	TMPFS_FILE,
	TMPFS_FILE_RO,
	TMPFS_FILE_DIRECT,
	DISK,
	FOLDER,
	TTY,
	CLOSED,
	FILES,
};

union arg {
	int number;
	uint64_t range[2];
	struct loop_info info;
	struct loop_info64 info64;
	struct loop_config config;
	uint64_t words[48];
};

/* A process that makes calls. */
struct caller {
	struct prng prng;
	char group[PATH_LEN];
	int files[FILES], devices[DEVICES], control;
	union arg *arg;
	char *buf;
};

struct shared {
	int stop;
	long long calls, accepted, attributes, attributes_accepted;
	long long requests, moved, killed, groups;
	unsigned int last[CALLERS]; /* the call that each has under way */
	unsigned int hung; /* a call that does not end, if one hangs */
	bool hangs;
};

static struct shared *shared;
static char folder[PATH_LEN], backing[PATH_LEN];

/* --- arguments */

/* Mostly limits and their neighbours, sometimes any number. */
static uint64_t value(struct prng *d)
{
	static const uint64_t values[] = {
		0,	 0,	     0,		 1,	     511,	 512,
		4096,	 65536,	     SIZE,	 SIZE - 512, SIZE + 512, MIB,
		INT_MAX, 1ULL << 31, 1ULL << 32, LLONG_MAX,  1ULL << 63, -1ULL,
	};

	if (!prng(d, 8))
		return prng_bits(d);
	return values[prng(d, ARRAY_SIZE(values))];
}

static int any_file(struct caller *c)
{
	/* A device may be the backing of another, or of itself. */
	if (!prng(&c->prng, 4))
		return c->devices[prng(&c->prng, DEVICES)];
	if (prng(&c->prng, 4))
		return c->files[prng(&c->prng, FOLDER)];
	return c->files[prng(&c->prng, FILES)];
}

static void fill_info64(struct caller *c, struct loop_info64 *info)
{
	if (!prng(&c->prng, 3))
		info->lo_offset = value(&c->prng);
	if (!prng(&c->prng, 3))
		info->lo_sizelimit = value(&c->prng);
	/* Mostly known flags. */
	info->lo_flags = prng(&c->prng, prng(&c->prng, 8) ? 32 : UINT_MAX);
	if (!prng(&c->prng, 16))
		info->lo_encrypt_type = value(&c->prng);
	if (!prng(&c->prng, 16))
		info->lo_encrypt_key_size = value(&c->prng);
	memset(info->lo_file_name, prng(&c->prng, 256), LO_NAME_SIZE);
}

static void fill_info(struct caller *c, struct loop_info *info)
{
	if (!prng(&c->prng, 3))
		info->lo_offset = value(&c->prng);
	info->lo_flags = prng(&c->prng, 32);
	if (!prng(&c->prng, 16))
		info->lo_encrypt_type = value(&c->prng);
}

/* A number that is no address of this process. */
static unsigned long stray(struct caller *c)
{
	switch (prng(&c->prng, 4)) {
	case 0:
		return prng(&c->prng, 4096);
	case 1:
		return 1UL << 63 | prng_bits(&c->prng);
	case 2:
		return -1UL - prng(&c->prng, 4096);
	default:
		return prng(&c->prng, 2 * DEVICES) - 1L;
	}
}

static unsigned long make_arg(struct caller *c, enum kind kind)
{
	union arg *arg = c->arg;
	size_t i;

	memset(arg, 0, sizeof(*arg));
	switch (kind) {
	case NOTHING:
		return stray(c);
	case FILE_ARG:
		return any_file(c);
	case NUMBER_ARG:
		return prng(&c->prng, 16) ? prng(&c->prng, DEVICES) : stray(c);
	case SIZE_ARG:
		return prng(&c->prng, 4) ? 512UL << prng(&c->prng, 4) :
					   (unsigned int)value(&c->prng) % MIB;
	case INT_PTR_ARG:
		arg->number = prng(&c->prng, 2);
		if (arg->number)
			arg->number = 256 << prng(&c->prng, 6);
		break;
	case RANGE_ARG:
		for (i = 0; i < 2; i++)
			arg->range[i] = prng(&c->prng, 4) ?
						prng(&c->prng, 1024) * 4096 :
						value(&c->prng);
		break;
	case INFO_ARG:
		fill_info(c, &arg->info);
		break;
	case INFO64_ARG:
		fill_info64(c, &arg->info64);
		break;
	default:
		arg->config.fd = any_file(c);
		if (!prng(&c->prng, 4))
			arg->config.block_size = 256 << prng(&c->prng, 6);
		fill_info64(c, &arg->config.info);
	}
	return (unsigned long)arg;
}

/* --- calls */

static void open_device(struct caller *c, int i)
{
	static const int ways[] = { O_RDWR, O_RDWR | O_DIRECT, O_RDONLY,
				    O_RDWR | O_EXCL };
	char path[PATH_LEN];

	text_set(path, sizeof(path), "/dev/%s%d", driver()->device, i);
	if (c->devices[i] >= 0)
		close(c->devices[i]);
	/* No such device, or another process has it exclusively. */
	c->devices[i] =
		open(path, ways[prng(&c->prng, ARRAY_SIZE(ways))] | O_CLOEXEC);
}

static void call(struct caller *c, int id)
{
	const struct command *command =
		&commands[prng(&c->prng, ARRAY_SIZE(commands))];
	unsigned int request = command->request;
	enum kind kind = command->kind;
	int fd = c->devices[prng(&c->prng, DEVICES)], ret;

	if (request >= LOOP_CTL_ADD && request <= LOOP_CTL_GET_FREE)
		fd = c->control;
	if (!prng(&c->prng, 32))
		fd = c->control;
	if (!prng(&c->prng, 16))
		request = (prng(&c->prng, 2) ? LOOP_CALLS : BLOCK_CALLS) +
			  prng(&c->prng, 256);
	if (!prng(&c->prng, 16))
		kind = prng(&c->prng, KINDS);
	shared->last[id] = request;
	ret = ioctl(fd, request, make_arg(c, kind));
	soak_count(&shared->calls, 1);
	soak_count(&shared->accepted, ret >= 0);
	if (fd == c->control && ret >= DEVICES)
		ioctl(fd, LOOP_CTL_REMOVE, ret);
}

/* The outcome does not matter: devices change and disappear. */
static void do_io(struct caller *c)
{
	int fd = c->devices[prng(&c->prng, DEVICES)];
	size_t bytes = (1 + prng(&c->prng, IO_BYTES / 512)) * 512;
	off_t at = prng(&c->prng, SIZE / 512) * 512;
	ssize_t n = prng(&c->prng, 2) ? pread(fd, c->buf, bytes, at) :
					pwrite(fd, c->buf, bytes, at);

	soak_count(&shared->requests, 1);
	soak_count(&shared->moved, n > 0 ? n : 0);
	if (!prng(&c->prng, 16))
		fsync(fd);
}

/* --- attributes in sysfs, parameters, counters in debugfs */

/* The path of any of them; its device need not be there. */
static void any_attribute(struct caller *c, char *path)
{
	static const char *const of_disk[] = {
		"cgloop/workers", "cgloop/charge",  "loop/backing_file",
		"loop/offset",	  "loop/sizelimit", "loop/autoclear",
		"loop/partscan",  "loop/dio",
	};
	static const char *const of_module[] = { "workers", "charge", "name",
						 "max_part", "idle_secs" };
	const char *device = driver()->device;
	int i = prng(&c->prng, DEVICES);

	switch (prng(&c->prng, 6)) {
	case 0:
		text_set(path, PATH_LEN, "/sys/module/%s/parameters/%s",
			 driver()->module,
			 of_module[prng(&c->prng, ARRAY_SIZE(of_module))]);
		break;
	case 1:
		text_set(path, PATH_LEN, "/sys/kernel/debug/%s/%s%d%s", device,
			 device, i, prng(&c->prng, 2) ? "-workers" : "");
		break;
	default:
		text_set(path, PATH_LEN, "/sys/block/%s%d/%s", device, i,
			 of_disk[prng(&c->prng, ARRAY_SIZE(of_disk))]);
	}
}

/* Values that are taken, words that look like some, and any bytes. */
static size_t any_text(struct caller *c)
{
	static const char *const texts[] = {
		"cgroup",
		"cgroup\n",
		"all",
		"all\n",
		"single",
		"cmd",
		"none",
		"blkcg",
		"1",
		"2\n",
		"3600",
		"3601",
		"0",
		"-1",
		"\n",
		"cgrou",
		" all",
		"ALL",
		"%s%n%p%x",
		"1e9",
		"all none",
		"0x0001",
		"loop",
		"\xff",
		"99999999999999999999",
	};
	const char *text = texts[prng(&c->prng, ARRAY_SIZE(texts))];
	size_t len = strlen(text), i;

	if (prng(&c->prng, 8)) {
		memcpy(c->buf, text, len);
		return len;
	}
	len = prng(&c->prng, 2) ? prng(&c->prng, 64) : IO_BYTES;
	memset(c->buf, prng(&c->prng, 256), len);
	for (i = prng(&c->prng, 64); i < len && i < 64; i++)
		c->buf[i] = prng_bits(&c->prng);
	return len;
}

/* A writer may not read its value: others write, too, and devices go. */
static void use_attribute(struct caller *c, int id)
{
	bool writes = prng(&c->prng, 2);
	char path[PATH_LEN];
	ssize_t n;
	int fd;

	any_attribute(c, path);
	shared->last[id] = ATTRIBUTE;
	fd = open(path, (writes ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return;
	if (writes)
		n = write(fd, c->buf, any_text(c));
	else
		n = pread(fd, c->buf, 1 + prng(&c->prng, IO_BYTES),
			  prng(&c->prng, 4) ? 0 : prng(&c->prng, 64));
	soak_count(&shared->attributes, 1);
	soak_count(&shared->attributes_accepted, n >= 0);
	CHECK(close(fd));
}

static void open_files(struct caller *c)
{
	char control[PATH_LEN];

	text_set(control, sizeof(control), "/dev/%s-control", driver()->device);
	c->control = CHECK(open(control, O_RDWR | O_CLOEXEC));
	c->files[TMPFS_FILE] = CHECK(open(backing, O_RDWR));
	c->files[TMPFS_FILE_RO] = CHECK(open(backing, O_RDONLY));
	c->files[TMPFS_FILE_DIRECT] = open(backing, O_RDWR | O_DIRECT);
	c->files[DISK] = CHECK(open(SOAK_DISK, O_RDWR));
	c->files[FOLDER] = CHECK(open(folder, O_RDONLY));
	c->files[TTY] = CHECK(open("/dev/null", O_RDWR));
	c->files[CLOSED] = -1;
	c->arg = zalloc_pages(IO_BYTES);
	c->buf = zalloc_pages(IO_BYTES);
}

struct round {
	struct caller caller;
	int id;
};

static void run_round(void *arg)
{
	struct round *r = arg;
	struct caller *c = &r->caller;
	int i;

	open_files(c);
	for (i = 0; i < DEVICES; i++) {
		c->devices[i] = -1;
		open_device(c, i);
	}
	for (i = 0; i < ROUND; i++) {
		if (!prng(&c->prng, 8))
			open_device(c, prng(&c->prng, DEVICES));
		call(c, r->id);
		if (!prng(&c->prng, 4))
			use_attribute(c, r->id);
		do_io(c);
	}
}

static long long all(void)
{
	return soak_share(soak.requests / SOAK_REQUESTS_PER_CALL,
			  CONTROL_CALLS);
}

/* Waits for a caller, and kills one in four before; false: it hangs. */
static bool ends(pid_t pid, struct prng *chance)
{
	bool kills = !prng(chance, 4);
	int status;

	if (kills && process_wait(pid, &status, prng(chance, 100)))
		return true;
	if (kills) {
		CHECK(kill(pid, SIGKILL));
		soak_count(&shared->killed, 1);
	}
	if (!process_wait(pid, &status, ROUND_MS))
		return false;
	if (status && !kills)
		FAIL(0, "a caller ended with %#x", status);
	return true;
}

/* Runs rounds, each in a process and a cgroup of its own. */
static void run_caller(void *arg)
{
	struct round *r = arg;
	struct prng chance = { .state = soak.seed + 100 + r->id };
	char group[PATH_LEN], name[32];
	pid_t pid;

	text_set(name, sizeof(name), "caller%d", r->id);
	in_group(group, name);
	while (!READ_ONCE(shared->stop) && READ_ONCE(shared->calls) < all()) {
		CHECK(cgroup_make(group, ""));
		soak_count(&shared->groups, 1);
		r->caller.prng.state = prng_bits(&chance);
		pid = process_start(group, run_round, r);
		if (!ends(pid, &chance)) {
			shared->hung = shared->last[r->id];
			shared->hangs = true;
			shared->stop = 1;
			return;
		}
		CHECK(cgroup_remove(group));
	}
}

/* --- all of it */

static void setup(void)
{
	shared = shared_memory(sizeof(*shared));
	in_folder(folder, "tmpfs");
	in_folder(backing, "tmpfs/backing");
	fs_mount_tmpfs(folder, 64 * MIB);
	fs_make_file(backing, SIZE);
}

/* A device that is the backing of another is unbound after that one only. */
static bool none_bound(void *unused)
{
	(void)unused;
	return !driver_remove_bound(driver());
}

/* Removes unbound devices as well: a driver may keep cgroups for them. */
static void undo(void)
{
	int i;

	if (!wait_until(none_bound, NULL, GONE_MS))
		FAIL(0, "a device stays bound");
	for (i = 0; i < DEVICES; i++)
		driver_remove(driver(), i);
	fs_unmount(folder);
}

static void show(long long left)
{
	evidence("seed", soak.seed, "number");
	evidence("calls", shared->calls, "calls");
	evidence("calls_accepted", shared->accepted, "calls");
	evidence("attributes", shared->attributes, "accesses");
	evidence("attributes_accepted", shared->attributes_accepted,
		 "accesses");
	evidence("requests", shared->requests, "requests");
	evidence("bytes_moved", shared->moved, "bytes");
	evidence("cgroups", shared->groups, "cgroups");
	evidence("callers_killed", shared->killed, "processes");
	evidence("cgroups_left", left, "cgroups");
}

static void run(void)
{
	struct round rounds[CALLERS] = { 0 };
	pid_t pids[CALLERS];
	int i, status;
	long long left;

	for (i = 0; i < CALLERS; i++) {
		rounds[i].id = i;
		pids[i] = process_start(NULL, run_caller, &rounds[i]);
	}
	for (i = 0; i < CALLERS; i++) {
		status = soak_wait(pids[i], &shared->calls, all(), "calls");
		if (status)
			FAIL(0, "a caller ended with %#x", status);
	}
	if (shared->hangs && shared->hung == ATTRIBUTE)
		failed("the use of an attribute does not end");
	if (shared->hangs)
		failed("call %#x does not end", shared->hung);
	undo();
	left = soak_groups_left();
	show(left);
	if (left)
		failed("%lld removed cgroups stay", left);
	held();
}

static void cleanup(void)
{
	undo();
}

/*
 * Requests fail all the time, sectors are written both through the cache and
 * directly, and cgloop names each value that it refuses: these events are
 * declared.  The in-tree driver is no subject: it syncs a backing that is a
 * loop device itself with its own queue frozen, where lockdep reports a
 * possible deadlock (6.12.117).
 */
SCENARIO(soak_ioctl,
	 .claim = "random calls, and random values for attributes, under I/O, "
		  "break nothing and leave nothing behind",
	 .drivers = "cgloop",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver",
			NEEDS_SOAK_DISK),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"leak-on-error" }),
	 .timeout_s = SOAK_S,
	 .expect_events = KLOG_IO_ERROR | KLOG_STALE_CACHE | KLOG_REFUSED,
	 .suite = SUITE_SOAK, .setup = setup, .run = run, .cleanup = cleanup);
