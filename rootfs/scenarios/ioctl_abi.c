// SPDX-License-Identifier: GPL-2.0
// ioctl-abi: one table of calls and what comes of each, on every driver.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "disk.h"
#include "fs.h"
#include "io.h"
#include "scenario.h"

#define SIZE (4 * MIB)
/* A device that nobody else makes, and the last one there can be. */
#define NUMBER 77
#define LAST_NUMBER 1048575
/* No call of any device's. */
#define UNKNOWN 0x4C7F
#define NOBODY 65534
#define CALL_MS 10000
/* One more than a file can have. */
#define BEYOND 0x8000000000000000ULL

/* The descriptor that a call is made on, or gets as its argument. */
enum file {
	NO_FILE, /* descriptor -1 */
	CONTROL,
	DEVICE, /* open for writing, as all but the next */
	DEVICE_RO,
	OWNER, /* the device, held exclusively, in some of the tables */
	SPARE, /* a device to which nothing is bound */
	BACKING,
	BACKING_RO,
	SAME_SIZE,
	SMALLER,
	FOLDER,
	FILES,
};

enum kind {
	NUMBER_ARG,
	FILE_ARG,
	CONFIG_ARG, /* struct loop_config of the row's fields */
	STATUS64_ARG, /* struct loop_info64 likewise */
	STATUS_ARG, /* struct loop_info likewise */
	OUT64_ARG, /* a struct loop_info64 that must come out like them */
	OUT_ARG,
	SIZE_ARG, /* a size in bytes that must come out as number says */
	NOWHERE_ARG, /* a pointer that leads nowhere */
};

struct call {
	const char *what;
	enum file on;
	unsigned long request;
	enum kind kind;
	long number;
	int err; /* what must come out; 0: success */
	/* Besides, of the in-tree driver on kernels that are behind. */
	int older;
	bool may_be_older;
	enum file file;
	uint64_t offset, limit;
	uint64_t rdevice;
	uint32_t flags, crypt, block;
	bool as_nobody;
};

static char names[FILES][PATH_LEN];
static int fds[FILES];
static char node[PATH_LEN], spare[PATH_LEN];
static int number = -1, spare_number = -1;

#define ROW(text, fd, command, arg, ...)                                 \
	{                                                                \
		.what = text, .on = fd, .request = command, .kind = arg, \
		__VA_ARGS__                                              \
	}
#define OLDER(value) .older = value, .may_be_older = true

/* The device is unbound. */
static const struct call unbound_calls[] = {
	ROW("add", CONTROL, LOOP_CTL_ADD, NUMBER_ARG, .number = NUMBER),
	ROW("add again", CONTROL, LOOP_CTL_ADD, NUMBER_ARG, .number = NUMBER,
	    .err = EEXIST),
	ROW("remove", CONTROL, LOOP_CTL_REMOVE, NUMBER_ARG, .number = NUMBER),
	ROW("remove again", CONTROL, LOOP_CTL_REMOVE, NUMBER_ARG,
	    .number = NUMBER, .err = ENODEV),
	ROW("remove -1", CONTROL, LOOP_CTL_REMOVE, NUMBER_ARG, .number = -1,
	    .err = EINVAL),
	ROW("add the last", CONTROL, LOOP_CTL_ADD, NUMBER_ARG,
	    .number = LAST_NUMBER),
	ROW("add the last again", CONTROL, LOOP_CTL_ADD, NUMBER_ARG,
	    .number = LAST_NUMBER, .err = EEXIST),
	ROW("add one too many", CONTROL, LOOP_CTL_ADD, NUMBER_ARG,
	    .number = LAST_NUMBER + 1, .err = EINVAL),
	ROW("remove the last", CONTROL, LOOP_CTL_REMOVE, NUMBER_ARG,
	    .number = LAST_NUMBER),
	ROW("remove one too many", CONTROL, LOOP_CTL_REMOVE, NUMBER_ARG,
	    .number = LAST_NUMBER + 1, .err = ENODEV),
	ROW("unknown to the control device", CONTROL, UNKNOWN, NUMBER_ARG,
	    .err = ENOSYS),
	ROW("unknown, unbound", DEVICE, UNKNOWN, NUMBER_ARG, .err = EINVAL),
	ROW("status, unbound", DEVICE, LOOP_GET_STATUS64, OUT64_ARG,
	    .err = ENXIO),
	ROW("old status, unbound", DEVICE, LOOP_GET_STATUS, OUT_ARG,
	    .err = ENXIO),
	ROW("set status, unbound", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .err = ENXIO),
	ROW("set old status, unbound", DEVICE, LOOP_SET_STATUS, STATUS_ARG,
	    .err = ENXIO),
	ROW("clear, unbound", DEVICE, LOOP_CLR_FD, NUMBER_ARG, .err = ENXIO),
	ROW("capacity, unbound", DEVICE, LOOP_SET_CAPACITY, NUMBER_ARG,
	    .err = ENXIO),
	ROW("direct, unbound", DEVICE, LOOP_SET_DIRECT_IO, NUMBER_ARG,
	    .number = 1, .err = ENXIO),
	ROW("block size, unbound", DEVICE, LOOP_SET_BLOCK_SIZE, NUMBER_ARG,
	    .number = 512, .err = ENXIO),
	ROW("change, unbound", DEVICE, LOOP_CHANGE_FD, FILE_ARG,
	    .file = SAME_SIZE, .err = ENXIO),
	ROW("set fd -1", DEVICE, LOOP_SET_FD, FILE_ARG, .file = NO_FILE,
	    .err = EBADF),
	ROW("configure fd -1", DEVICE, LOOP_CONFIGURE, CONFIG_ARG,
	    .file = NO_FILE, .err = EBADF),
	ROW("change fd -1", DEVICE, LOOP_CHANGE_FD, FILE_ARG, .file = NO_FILE,
	    .err = EBADF),
	ROW("configure from nowhere", DEVICE, LOOP_CONFIGURE, NOWHERE_ARG,
	    .err = EFAULT),
	ROW("set fd to a folder", DEVICE, LOOP_SET_FD, FILE_ARG, .file = FOLDER,
	    .err = EINVAL),
	ROW("set fd to itself", DEVICE, LOOP_SET_FD, FILE_ARG, .file = DEVICE,
	    .err = EBADF),
	ROW("set fd to an unbound device", DEVICE, LOOP_SET_FD, FILE_ARG,
	    .file = SPARE, .err = EINVAL),
	ROW("configure an unknown flag", DEVICE, LOOP_CONFIGURE, CONFIG_ARG,
	    .file = BACKING, .flags = 1 << 20, .err = EINVAL),
	ROW("configure encryption", DEVICE, LOOP_CONFIGURE, CONFIG_ARG,
	    .file = BACKING, .crypt = LO_CRYPT_XOR, .err = EINVAL),
	ROW("configure an offset too far", DEVICE, LOOP_CONFIGURE, CONFIG_ARG,
	    .file = BACKING, .offset = BEYOND, .err = EOVERFLOW),
	ROW("configure a limit too high", DEVICE, LOOP_CONFIGURE, CONFIG_ARG,
	    .file = BACKING, .limit = BEYOND, .err = EOVERFLOW),
	ROW("configure blocks of 1000 bytes", DEVICE, LOOP_CONFIGURE,
	    CONFIG_ARG, .file = BACKING, .block = 1000, .err = EINVAL),
	ROW("still unbound", DEVICE, LOOP_GET_STATUS64, OUT64_ARG,
	    .err = ENXIO),
};

/* It gets bound, for writing. */
static const struct call bound_calls[] = {
	ROW("set fd", DEVICE, LOOP_SET_FD, FILE_ARG, .file = BACKING),
	ROW("size", DEVICE, BLKGETSIZE64, SIZE_ARG, .number = SIZE),
	ROW("set fd, bound", DEVICE, LOOP_SET_FD, FILE_ARG, .file = SAME_SIZE,
	    .err = EBUSY),
	ROW("configure, bound", DEVICE, LOOP_CONFIGURE, CONFIG_ARG,
	    .file = SAME_SIZE, .err = EBUSY),
	ROW("remove, bound", CONTROL, LOOP_CTL_REMOVE, NUMBER_ARG, .number = -2,
	    .err = EBUSY),
	ROW("change, not read-only", DEVICE, LOOP_CHANGE_FD, FILE_ARG,
	    .file = SAME_SIZE, .err = EINVAL),
	ROW("status", DEVICE, LOOP_GET_STATUS64, OUT64_ARG),
	ROW("status, read-only descriptor", DEVICE_RO, LOOP_GET_STATUS64,
	    OUT64_ARG),
	ROW("unknown", DEVICE, UNKNOWN, NUMBER_ARG, .err = EINVAL),
	ROW("configure an unknown flag, bound", DEVICE, LOOP_CONFIGURE,
	    CONFIG_ARG, .file = SAME_SIZE, .flags = 1 << 20, .err = EBUSY),
	ROW("status to nowhere", DEVICE, LOOP_GET_STATUS64, NOWHERE_ARG,
	    .err = EFAULT),
	ROW("old status to nowhere", DEVICE, LOOP_GET_STATUS, NOWHERE_ARG,
	    .err = EFAULT),
	ROW("set status from nowhere", DEVICE, LOOP_SET_STATUS64, NOWHERE_ARG,
	    .err = EFAULT),
	ROW("set status as nobody", DEVICE_RO, LOOP_SET_STATUS64, STATUS64_ARG,
	    .as_nobody = true, .err = EPERM),
	ROW("set old status as nobody", DEVICE_RO, LOOP_SET_STATUS, STATUS_ARG,
	    .as_nobody = true, .err = EPERM),
	ROW("capacity as nobody", DEVICE_RO, LOOP_SET_CAPACITY, NUMBER_ARG,
	    .as_nobody = true, .err = EPERM),
	ROW("direct as nobody", DEVICE_RO, LOOP_SET_DIRECT_IO, NUMBER_ARG,
	    .as_nobody = true, .err = EPERM),
	ROW("block size as nobody", DEVICE_RO, LOOP_SET_BLOCK_SIZE, NUMBER_ARG,
	    .number = 512, .as_nobody = true, .err = EPERM),
	ROW("status as nobody", DEVICE_RO, LOOP_GET_STATUS64, OUT64_ARG,
	    .as_nobody = true),
	ROW("set offset and limit", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .offset = MIB, .limit = MIB),
	ROW("they come out", DEVICE, LOOP_GET_STATUS64, OUT64_ARG,
	    .offset = MIB, .limit = MIB),
	ROW("size by the limit", DEVICE, BLKGETSIZE64, SIZE_ARG, .number = MIB),
	ROW("set offset, old", DEVICE, LOOP_SET_STATUS, STATUS_ARG,
	    .offset = 2 * MIB),
	ROW("offset, old", DEVICE, LOOP_GET_STATUS, OUT_ARG, .offset = 2 * MIB),
	ROW("size by the offset", DEVICE, BLKGETSIZE64, SIZE_ARG,
	    .number = SIZE - 2 * MIB),
	ROW("set an offset too far", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .offset = BEYOND, .err = EOVERFLOW),
	ROW("set a limit too high", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .limit = BEYOND, .err = EOVERFLOW),
	ROW("set encryption", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .crypt = LO_CRYPT_CRYPTOAPI, .err = EINVAL),
	ROW("set an offset behind the end", DEVICE, LOOP_SET_STATUS64,
	    STATUS64_ARG, .offset = 1ULL << 33),
	ROW("no size is left", DEVICE, BLKGETSIZE64, SIZE_ARG, .number = 0),
	ROW("the old status cannot say it", DEVICE, LOOP_GET_STATUS, OUT_ARG,
	    .err = EOVERFLOW),
	ROW("set autoclear", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .flags = LO_FLAGS_AUTOCLEAR),
	ROW("autoclear comes out", DEVICE, LOOP_GET_STATUS64, OUT64_ARG,
	    .flags = LO_FLAGS_AUTOCLEAR),
	ROW("unset autoclear", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG),
	ROW("read-only cannot be set", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .flags = LO_FLAGS_READ_ONLY),
	ROW("no flag comes out", DEVICE, LOOP_GET_STATUS64, OUT64_ARG),
	ROW("block size 4096", DEVICE, LOOP_SET_BLOCK_SIZE, NUMBER_ARG,
	    .number = 4096),
	ROW("block size 1000", DEVICE, LOOP_SET_BLOCK_SIZE, NUMBER_ARG,
	    .number = 1000, .err = EINVAL),
	ROW("block size 256", DEVICE, LOOP_SET_BLOCK_SIZE, NUMBER_ARG,
	    .number = 256, .err = EINVAL),
	ROW("block size 512", DEVICE, LOOP_SET_BLOCK_SIZE, NUMBER_ARG,
	    .number = 512),
	ROW("block size 2^20", DEVICE, LOOP_SET_BLOCK_SIZE, NUMBER_ARG,
	    .number = 1 << 20, .err = EINVAL),
	ROW("not direct", DEVICE, LOOP_SET_DIRECT_IO, NUMBER_ARG, .number = 0),
	ROW("capacity", DEVICE, LOOP_SET_CAPACITY, NUMBER_ARG),
	ROW("size again", DEVICE, BLKGETSIZE64, SIZE_ARG, .number = SIZE),
	ROW("clear, open twice", DEVICE, LOOP_CLR_FD, NUMBER_ARG),
	ROW("it is cleared when closed", DEVICE, LOOP_GET_STATUS64, OUT64_ARG,
	    .flags = LO_FLAGS_AUTOCLEAR),
};

/* Somebody else holds it exclusively, as a mounted file system does. */
static const struct call owned_calls[] = {
	ROW("cleared before it is owned", DEVICE, LOOP_GET_STATUS64, OUT64_ARG,
	    .err = ENXIO),
	ROW("configure, owned", DEVICE, LOOP_CONFIGURE, CONFIG_ARG,
	    .file = BACKING, .err = EBUSY),
	ROW("configure by the owner", OWNER, LOOP_CONFIGURE, CONFIG_ARG,
	    .file = BACKING),
	ROW("block size, owned", DEVICE, LOOP_SET_BLOCK_SIZE, NUMBER_ARG,
	    .number = 4096, .err = EBUSY, OLDER(0)),
	ROW("offset, owned", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .offset = MIB, .err = EBUSY, OLDER(0)),
	ROW("limit, owned", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .limit = MIB, .err = EBUSY, OLDER(0)),
	ROW("autoclear, owned", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .flags = LO_FLAGS_AUTOCLEAR, OLDER(EBUSY)),
	ROW("capacity, owned", DEVICE, LOOP_SET_CAPACITY, NUMBER_ARG),
	ROW("not direct, owned", DEVICE, LOOP_SET_DIRECT_IO, NUMBER_ARG,
	    .number = 0),
	ROW("block size by the owner", OWNER, LOOP_SET_BLOCK_SIZE, NUMBER_ARG,
	    .number = 4096),
	ROW("offset by the owner", OWNER, LOOP_SET_STATUS64, STATUS64_ARG,
	    .offset = MIB),
	ROW("clear, owned", DEVICE, LOOP_CLR_FD, NUMBER_ARG),
};

/* Opened anew, and once only. */
static const struct call last_user_calls[] = {
	ROW("set fd, for its last user", DEVICE, LOOP_SET_FD, FILE_ARG,
	    .file = BACKING),
	ROW("clear, open once", DEVICE, LOOP_CLR_FD, NUMBER_ARG),
	ROW("status, cleared", DEVICE, LOOP_GET_STATUS64, OUT64_ARG,
	    .err = ENXIO),
	ROW("clear again", DEVICE, LOOP_CLR_FD, NUMBER_ARG, .err = ENXIO),
	ROW("set fd, cleared but open", DEVICE, LOOP_SET_FD, FILE_ARG,
	    .file = SAME_SIZE, .err = EBUSY, OLDER(0)),
};

/* It has been closed and opened anew, and gets bound read-only. */
static const struct call read_only_calls[] = {
	ROW("cleared", DEVICE, LOOP_GET_STATUS64, OUT64_ARG, .err = ENXIO),
	ROW("configure all", DEVICE, LOOP_CONFIGURE, CONFIG_ARG,
	    .file = BACKING, .flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR,
	    .limit = SIZE, .block = 4096),
	ROW("all comes out", DEVICE, LOOP_GET_STATUS64, OUT64_ARG,
	    .flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR, .limit = SIZE),
	ROW("change to a smaller file", DEVICE, LOOP_CHANGE_FD, FILE_ARG,
	    .file = SMALLER, .err = EINVAL),
	ROW("change to itself", DEVICE, LOOP_CHANGE_FD, FILE_ARG,
	    .file = DEVICE, .err = EBADF),
	ROW("change to a folder", DEVICE, LOOP_CHANGE_FD, FILE_ARG,
	    .file = FOLDER, .err = EINVAL),
	ROW("change", DEVICE, LOOP_CHANGE_FD, FILE_ARG, .file = SAME_SIZE),
	ROW("status of another size", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .limit = MIB, .flags = LO_FLAGS_AUTOCLEAR),
	ROW("change to a smaller file, same window", DEVICE, LOOP_CHANGE_FD,
	    FILE_ARG, .file = SMALLER),
	ROW("status of an offset", DEVICE, LOOP_SET_STATUS64, STATUS64_ARG,
	    .offset = MIB, .flags = LO_FLAGS_AUTOCLEAR),
	ROW("change to a larger file, other window", DEVICE, LOOP_CHANGE_FD,
	    FILE_ARG, .file = BACKING, .err = EINVAL),
};

/* And once more, to a file that is not open for writing. */
static const struct call read_only_file_calls[] = {
	ROW("autocleared", DEVICE, LOOP_GET_STATUS64, OUT64_ARG, .err = ENXIO),
	ROW("set fd to a read-only file", DEVICE, LOOP_SET_FD, FILE_ARG,
	    .file = BACKING_RO),
	ROW("read-only comes out", DEVICE, LOOP_GET_STATUS64, OUT64_ARG,
	    .flags = LO_FLAGS_READ_ONLY),
	ROW("clear, open twice again", DEVICE, LOOP_CLR_FD, NUMBER_ARG),
};

/* Room for whichever structure a call takes or gives. */
union arg {
	struct loop_config config;
	struct loop_info64 info64;
	struct loop_info info;
	uint64_t size;
};

static void fill_info64(const struct call *c, struct loop_info64 *info)
{
	info->lo_offset = c->offset;
	info->lo_sizelimit = c->limit;
	info->lo_flags = c->flags;
	info->lo_encrypt_type = c->crypt;
}

static unsigned long make_arg(const struct call *c, union arg *arg)
{
	memset(arg, 0, sizeof(*arg));
	switch (c->kind) {
	case NUMBER_ARG:
		return c->number == -2 ? number : c->number;
	case FILE_ARG:
		return fds[c->file];
	case CONFIG_ARG:
		arg->config.fd = fds[c->file];
		arg->config.block_size = c->block;
		fill_info64(c, &arg->config.info);
		break;
	case STATUS64_ARG:
		fill_info64(c, &arg->info64);
		break;
	case STATUS_ARG:
		arg->info.lo_offset = c->offset;
		arg->info.lo_flags = c->flags;
		break;
	case NOWHERE_ARG:
		return 8;
	default:
		break;
	}
	return (unsigned long)arg;
}

/* Does a file of the device's in sysfs, where losetup reads, say so, too? */
static bool sysfs_says(const char *name, uint64_t value)
{
	char path[PATH_LEN], file[32];
	unsigned long long is;

	text_set(file, sizeof(file), "loop/%s", name);
	disk_file(path, node, file);
	file_scan(path, 1, "%llu", &is);
	return is == value;
}

static bool sysfs_says_all(const struct loop_info64 *info)
{
	return sysfs_says("offset", info->lo_offset) &&
	       sysfs_says("sizelimit", info->lo_sizelimit) &&
	       sysfs_says("autoclear",
			  !!(info->lo_flags & LO_FLAGS_AUTOCLEAR)) &&
	       sysfs_says("partscan", !!(info->lo_flags & LO_FLAGS_PARTSCAN)) &&
	       sysfs_says("dio", !!(info->lo_flags & LO_FLAGS_DIRECT_IO));
}

/* Did it bring what the row says? */
static bool is_right(const struct call *c, const union arg *arg)
{
	switch (c->kind) {
	case OUT64_ARG:
		return arg->info64.lo_rdevice == c->rdevice &&
		       arg->info64.lo_offset == c->offset &&
		       arg->info64.lo_sizelimit == c->limit &&
		       arg->info64.lo_flags == c->flags &&
		       sysfs_says_all(&arg->info64);
	case OUT_ARG:
		return arg->info.lo_offset == (int)c->offset;
	case SIZE_ARG:
		return arg->size == (uint64_t)c->number;
	default:
		return true;
	}
}

/* The errno, 0, or -1 for a success with the wrong outcome. */
static int make_call(const struct call *c)
{
	union arg arg;
	long ret = ioctl(fds[c->on], c->request, make_arg(c, &arg));

	if (ret < 0)
		return errno;
	return is_right(c, &arg) ? 0 : -1;
}

static void call_as_nobody(void *arg)
{
	const struct call *c = arg;

	CHECK(setuid(NOBODY));
	_exit(make_call(c) & 0xff);
}

static int run_call(const struct call *c)
{
	struct call copy = *c;
	int status;

	if (!c->as_nobody)
		return make_call(c);
	status = process_run(NULL, call_as_nobody, &copy, CALL_MS);
	return status >> 8 == 0xff ? -1 : status >> 8;
}

static int calls, wrong;
static char first_wrong[PATH_LEN];

static bool driver_is_ours(void)
{
	return !strcmp(driver()->device, "cgloop");
}

static void run_calls(const struct call *c, size_t count)
{
	int err;

	for (; count--; c++) {
		err = run_call(c);
		calls++;
		if (err == c->err ||
		    (c->may_be_older && !driver_is_ours() && err == c->older))
			continue;
		if (!wrong++)
			text_set(first_wrong, sizeof(first_wrong),
				 "%s: %s, not %s", c->what,
				 err < 0 ? "wrong values" : strerror(err),
				 strerror(c->err));
	}
}

static void open_device(void)
{
	fds[DEVICE] = CHECK(open(node, O_RDWR | O_CLOEXEC));
	fds[DEVICE_RO] = CHECK(open(node, O_RDONLY | O_CLOEXEC));
}

static void close_device(void)
{
	CHECK(close(fds[DEVICE]));
	CHECK(close(fds[DEVICE_RO]));
}

static void open_file(enum file file, const char *name, int flags,
		      long long size)
{
	in_folder(names[file], name);
	if (file == FOLDER)
		CHECK(mkdir(names[file], 0700));
	else
		fs_make_file(names[file], size);
	fds[file] = CHECK(open(names[file], flags | O_CLOEXEC));
}

/*
 * The first one is free as long as it is bound to nothing.  The next one may
 * be there, as the in-tree driver makes some when it is loaded (max_loop).
 */
static void open_spare(void)
{
	spare_number = ioctl(fds[CONTROL], LOOP_CTL_ADD, number + 1);
	if (spare_number < 0 && errno != EEXIST)
		FAIL(errno, "add device %d", number + 1);
	text_set(spare, sizeof(spare), "/dev/%s%d", driver()->device,
		 number + 1);
	fds[SPARE] = CHECK(open(spare, O_RDWR | O_CLOEXEC));
}

static void setup(void)
{
	char control[PATH_LEN];

	number = CHECK(driver_reserve(driver(), node));
	fds[NO_FILE] = -1;
	fds[OWNER] = -1;
	open_file(BACKING, "backing", O_RDWR, SIZE);
	open_file(BACKING_RO, "read-only", O_RDONLY, SIZE);
	open_file(SAME_SIZE, "same-size", O_RDWR, SIZE);
	open_file(SMALLER, "smaller", O_RDWR, SIZE / 2);
	open_file(FOLDER, "folder", O_RDONLY, 0);
	text_set(control, sizeof(control), "/dev/%s-control", driver()->device);
	fds[CONTROL] = CHECK(open(control, O_RDWR | O_CLOEXEC));
	open_device();
	open_spare();
}

static void run_owned(void)
{
	open_device();
	fds[OWNER] = CHECK(open(node, O_RDWR | O_EXCL | O_CLOEXEC));
	run_calls(owned_calls, ARRAY_SIZE(owned_calls));
	CHECK(close(fds[OWNER]));
	fds[OWNER] = -1;
	close_device();
}

static void run_last_user(void)
{
	fds[DEVICE] = CHECK(open(node, O_RDWR | O_CLOEXEC));
	run_calls(last_user_calls, ARRAY_SIZE(last_user_calls));
	/* A driver may have bound it again. */
	ioctl(fds[DEVICE], LOOP_CLR_FD);
	CHECK(close(fds[DEVICE]));
}

static void run(void)
{
	run_calls(unbound_calls, ARRAY_SIZE(unbound_calls));
	run_calls(bound_calls, ARRAY_SIZE(bound_calls));
	close_device();
	run_owned();
	run_last_user();
	open_device();
	run_calls(read_only_calls, ARRAY_SIZE(read_only_calls));
	close_device();
	open_device();
	run_calls(read_only_file_calls, ARRAY_SIZE(read_only_file_calls));
	evidence("calls", calls, "calls");
	evidence("calls_wrong", wrong, "calls");
	if (!wrong)
		held();
	failed("%d of %d calls; the first: %s", wrong, calls, first_wrong);
}

static void cleanup(void)
{
	int file;

	for (file = CONTROL; file < FILES; file++)
		close(fds[file]);
	for (file = BACKING; file < FOLDER; file++)
		unlink(names[file]);
	rmdir(names[FOLDER]);
	if (spare_number >= 0)
		CHECK(driver_remove(driver(), spare_number));
	if (number >= 0)
		CHECK(driver_remove(driver(), number));
}

SCENARIO(ioctl_abi,
	 .claim = "each call of the loop devices' ABI does, or refuses, what "
		  "the kernel's own driver does or refuses",
	 .needs = NEEDS("driver"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "wrong-errno" },
			      { "cgloop-inject", EXPECT_FALSE, "no-claim" },
			      { "loop", EXPECT_TRUE, NULL }),
	 .timeout_s = 30, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
