// SPDX-License-Identifier: GPL-2.0
// settings: do cgloop's modes and parameters do what they say?
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/major.h>

#include "backing.h"
#include "disk.h"
#include "module.h"
#include "scenario.h"
#include "target.h"

#define REQUESTS 8
#define BYTES (REQUESTS * BLOCK)
#define SIZE MIB

static const char *const workers[] = { "single", "cgroup", "cmd" };
static const char *const charges[] = { "none", "blkcg", "all" };

/* Its driver has another name with name=loop. */
static struct target target = TARGET_NONE;
static const struct driver *owner;
static struct backing backing;
static char issuer[PATH_LEN];
static long long inode;
/* The first byte of the backing file that nobody has written. */
static int hole;

static int checks, wrong;
static char first_wrong[PATH_LEN];

/* Counts a check; fmt says what is wrong if it is not right. */
static __printf(2, 3) void check(bool right, const char *fmt, ...)
{
	va_list args;

	checks++;
	if (right || wrong++)
		return;
	va_start(args, fmt);
	vsnprintf(first_wrong, sizeof(first_wrong), fmt, args);
	va_end(args);
}

static void parameter(char *path, const char *name)
{
	text_set(path, PATH_LEN, "/sys/module/%s/parameters/%s",
		 driver()->module, name);
}

static void attribute(char *path, const char *name)
{
	char file[64];

	text_set(file, sizeof(file), "cgloop/%s", name);
	disk_file(path, target.path, file);
}

static void read_value(const char *path, char *value)
{
	CHECK(file_read(path, value, PATH_LEN));
	value[strcspn(value, "\n")] = '\0';
}

static void accepts(const char *path, const char *value)
{
	char now[PATH_LEN];

	check(!file_write(path, value), "%s refuses '%s'", path, value);
	read_value(path, now);
	check(!strcmp(now, value), "%s is '%.32s', not '%s'", path, now, value);
}

static void refuses(const char *path, const char *value, int err)
{
	char before[PATH_LEN], after[PATH_LEN];
	bool is_right;

	read_value(path, before);
	is_right = file_write(path, value) < 0 && errno == err;
	read_value(path, after);
	check(is_right, "%s does not refuse '%s' with errno %d", path, value,
	      err);
	check(!strcmp(before, after), "%s was '%.32s' and is '%.32s'", path,
	      before, after);
}

/* A word that begins or ends like a mode is none. */
static void refuses_other_words(const char *path)
{
	static const char *const words[] = { "\n",	     "nosuch", "al",
					     "all all",	     "SINGLE", " none",
					     "cgroupcgroup", "1",      "%s%n" };
	char longest[PATH_LEN];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		refuses(path, words[i], EINVAL);
	memset(longest, 'c', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	refuses(path, longest, EINVAL);
}

static void refuses_other_numbers(const char *path)
{
	static const char *const words[] = {
		"\n", "0",  "-1",	  "3601",
		"1s", "0x", "4294967297", "99999999999999999999",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		refuses(path, words[i], EINVAL);
}

/* Copying into a cached page would need no worker; a hole is not cached. */
static void issue(void *unused)
{
	int fd = CHECK(open(target.path, O_RDWR | O_DIRECT));

	(void)unused;
	io_range(fd, true, BLOCK, hole, hole + BYTES);
	CHECK(close(fd));
}

/*
 * The device counts by pairs of memory and I/O cgroup who pays and who runs the
 * requests; the counters' index is that of the charge mode.
 */
static void check_counters(int worker, int charge)
{
	int runner = worker == 0 ? 0 : worker == 1 ? charge : -1, i;
	struct driver_worker counters[3];

	driver_worker(target.path, 0, 0, &counters[0]);
	driver_worker(target.path, 0, inode, &counters[1]);
	driver_worker(target.path, inode, inode, &counters[2]);
	for (i = 0; i < 3; i++) {
		check((counters[i].bytes >= BYTES) == (i == charge),
		      "workers=%s charge=%s: %lld bytes are charged as with %s",
		      workers[worker], charges[charge], counters[i].bytes,
		      charges[i]);
		check((counters[i].max_queued > 0) == (i == runner),
		      "workers=%s charge=%s: up to %lld requests wait for the "
		      "worker of charge=%s",
		      workers[worker], charges[charge], counters[i].max_queued,
		      charges[i]);
	}
}

/* The device has these modes, keeps them while it is bound, and obeys them. */
static void check_device(int worker, int charge)
{
	char of_workers[PATH_LEN], of_charge[PATH_LEN];

	attribute(of_workers, "workers");
	attribute(of_charge, "charge");
	CHECK(driver_bind(target.path, backing.file, 0));
	refuses(of_workers, workers[(worker + 1) % 3], EBUSY);
	refuses(of_charge, charges[(charge + 1) % 3], EBUSY);
	run_in(issuer, issue, NULL);
	hole += BYTES;
	if (driver_counter(target.path, "handed_over") < REQUESTS)
		FAIL(0, "requests were not handed over");
	check_counters(worker, charge);
	CHECK(driver_unbind(target.path));
}

static void make_device(const struct driver *of)
{
	owner = of;
	target.number = CHECK(driver_reserve(owner, target.path));
}

static void remove_device(void)
{
	if (target.number >= 0)
		CHECK(driver_remove(owner, target.number));
	target.number = -1;
}

static void run_attributes(int worker, int charge)
{
	char path[PATH_LEN];

	make_device(driver());
	attribute(path, "workers");
	accepts(path, workers[worker]);
	attribute(path, "charge");
	accepts(path, charges[charge]);
	check_device(worker, charge);
	remove_device();
}

static bool reads(const char *path, const char *value)
{
	char now[PATH_LEN];

	read_value(path, now);
	return !strcmp(now, value);
}

/* A device takes the parameters' values when it is made. */
static void run_parameters(int worker, int charge)
{
	char path[PATH_LEN];

	parameter(path, "workers");
	accepts(path, workers[worker]);
	parameter(path, "charge");
	accepts(path, charges[charge]);
	make_device(driver());
	attribute(path, "workers");
	check(reads(path, workers[worker]), "%s is not the parameter's", path);
	attribute(path, "charge");
	check(reads(path, charges[charge]), "%s is not the parameter's", path);
	parameter(path, "workers");
	accepts(path, workers[(worker + 1) % 3]);
	attribute(path, "workers");
	check(reads(path, workers[worker]), "%s followed the parameter", path);
	check_device(worker, charge);
	remove_device();
}

/* Each word by its attribute or parameter; a device takes both. */
static void run_refusals(bool by_attribute)
{
	char path[PATH_LEN];

	make_device(driver());
	(by_attribute ? attribute : parameter)(path, "workers");
	refuses_other_words(path);
	(by_attribute ? attribute : parameter)(path, "charge");
	refuses_other_words(path);
	remove_device();
	if (by_attribute)
		return;
	parameter(path, "idle_secs");
	accepts(path, "1");
	accepts(path, "3600");
	refuses_other_numbers(path);
}

static __noreturn void conclude(void)
{
	evidence("checks", checks, "checks");
	evidence("checks_wrong", wrong, "checks");
	if (wrong)
		failed("%d of %d checks; the first: %s", wrong, checks,
		       first_wrong);
	held();
}

static void run_modes(bool by_attribute)
{
	int worker, charge;

	for (worker = 0; worker < 3; worker++) {
		for (charge = 0; charge < 3; charge++) {
			if (by_attribute)
				run_attributes(worker, charge);
			else
				run_parameters(worker, charge);
		}
	}
	run_refusals(by_attribute);
}

/* --- parameters that are read when the module is loaded */

static void load(const char *parameters)
{
	CHECK(module_load(driver()->module, parameters));
}

static void unload(void)
{
	CHECK(module_remove(driver()->module));
}

static void refuses_to_load(const char *parameters, int err)
{
	int ret = module_load(driver()->module, parameters);

	check(ret < 0 && errno == err, "it loads with %s: %d, errno %d",
	      parameters, ret, errno);
	if (!ret)
		unload();
}

static void run_bad_parameters(void)
{
	static const char *const all[] = {
		"workers=nosuch", "charge=nosuch", "name=nosuch",
		"name=",	  "max_part=256",  "max_part=-1",
		"max_part=1x",	  "idle_secs=0",   "idle_secs=3601",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		refuses_to_load(all[i], EINVAL);
}

static void run_good_parameters(void)
{
	load("workers=single charge=none");
	make_device(driver());
	check_device(0, 0);
	remove_device();
	unload();
	load("workers=cmd charge=blkcg");
	make_device(driver());
	check_device(2, 1);
	remove_device();
	unload();
}

static void read_number(const char *node, int *major, int *minor)
{
	char text[PATH_LEN];

	disk_number(text, node);
	if (sscanf(text, "%d:%d", major, minor) != 2)
		FAIL(0, "%s has the number '%s'", node, text);
}

/* Seven partitions and the whole are eight minor numbers. */
static void run_max_part(void)
{
	int major, minor, next, range;
	struct target second;
	char path[PATH_LEN];

	load("max_part=7");
	make_device(driver());
	CHECK(driver_bind(target.path, backing.file, 0));
	disk_file(path, target.path, "range");
	file_scan(path, 1, "%d", &range);
	check(range == 8, "max_part=7: a device has %d minor numbers", range);
	target_make(&second, backing.file, 0);
	read_number(target.path, &major, &minor);
	read_number(second.path, &major, &next);
	check(next - minor == 8, "max_part=7: minor numbers %d and %d", minor,
	      next);
	target_remove(&second);
	remove_device();
	unload();
}

/* The in-tree driver's names, if it has not got them. */
static void run_name(void)
{
	const struct driver *loop = driver_find("loop");
	int major, minor;

	if (module_find("loop") == MODULE_BUILTIN)
		return;
	load("name=loop");
	make_device(loop);
	read_number(target.path, &major, &minor);
	check(major == LOOP_MAJOR, "name=loop: the major number is %d", major);
	check_device(1, 2);
	remove_device();
	unload();
	if (module_find("loop") == MODULE_ABSENT)
		return;
	CHECK(module_load("loop", ""));
	refuses_to_load("name=loop", EBUSY);
	make_device(loop);
	CHECK(driver_bind(target.path, backing.file, 0));
	remove_device();
	CHECK(module_remove("loop"));
}

static void run_load(void)
{
	make_device(driver());
	check_device(1, 2);
	remove_device();
	if (wrong)
		conclude();
	unload();
	run_bad_parameters();
	run_good_parameters();
	run_max_part();
	run_name();
}

static void setup(void)
{
	make_group(issuer, "issuer", "");
	inode = cgroup_inode(issuer);
	backing_make(&backing, BACKING_TMPFS, SIZE);
}

static void run(void)
{
	if (cell_is("by", "load"))
		run_load();
	else
		run_modes(cell_is("by", "attribute"));
	conclude();
}

static void cleanup(void)
{
	remove_device();
	backing_remove(&backing);
}

SCENARIO(settings,
	 .claim = "a cgloop device does what its modes in sysfs and the "
		  "module's parameters say; other values are refused, and so "
		  "is a change while a file is bound",
	 .drivers = "cgloop",
	 .needs = NEEDS("driver", "cgroup:memory", "cgroup:io"),
	 .cells = CELLS("by=attribute", "by=parameter", "by=load"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "fail-worker" }),
	 .timeout_s = 60, .expect_events = KLOG_REFUSED, .suite = SUITE_FULL,
	 .setup = setup, .run = run, .cleanup = cleanup);
