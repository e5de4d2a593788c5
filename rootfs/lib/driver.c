// SPDX-License-Identifier: GPL-2.0
// The drivers under test, and binding a file to a device of theirs.
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "disk.h"
#include "driver.h"
#include "module.h"
#include "util.h"

/* For nodes to appear, and for the last user of a device to close it. */
#define SETTLE_MS 2000

static struct driver drivers[] = {
	{ "none", NULL, "", "", false },
	{ "loop", "loop", "", "loop", true },
	{ "cgloop", "cgloop", "workers=cgroup charge=all", "cgloop", true },
	{ "cgloop-single", "cgloop", "workers=single charge=none", "cgloop",
	  false },
	{ "cgloop-single-all", "cgloop", "workers=single charge=all", "cgloop",
	  false },
	/* driver_load() adds the faults that a control names. */
	{ "cgloop-inject", "cgloop_inject", "workers=cgroup charge=all",
	  "cgloop", false },
};

struct driver *driver_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(drivers); i++)
		if (!strcmp(drivers[i].name, name))
			return &drivers[i];
	return NULL;
}

const char *driver_subjects(void)
{
	static char names[128];
	size_t i, len = 0;

	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (!drivers[i].subject)
			continue;
		text_set(names + len, sizeof(names) - len, "%s%s",
			 len ? ", " : "", drivers[i].name);
		len += strlen(names + len);
	}
	return names;
}

bool driver_there(const struct driver *d)
{
	return !d->module || module_find(d->module) != MODULE_ABSENT;
}

int driver_load(const struct driver *d, const char *faults)
{
	char params[PATH_LEN];

	if (!d->module)
		return 0;
	text_set(params, sizeof(params), "%s%s%s", d->params,
		 faults ? " inject=" : "", faults ? faults : "");
	return module_load(d->module, params);
}

bool driver_has_faults(const struct driver *d)
{
	return !strcmp(d->name, "cgloop-inject");
}

static bool node_there(void *path)
{
	return access(path, F_OK) == 0;
}

/* Sends a command to the control device, and returns its result. */
static int control(const struct driver *d, unsigned long command, long arg)
{
	char path[PATH_LEN];
	int fd, ret, err;

	text_set(path, sizeof(path), "/dev/%s-control", d->device);
	wait_until(node_there, path, SETTLE_MS);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = ioctl(fd, command, arg);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

static void node_name(char *node, const struct driver *d, int number)
{
	text_set(node, PATH_LEN, "/dev/%s%d", d->device, number);
}

int driver_reserve(const struct driver *d, char *node)
{
	int number = control(d, LOOP_CTL_GET_FREE, 0);

	if (number < 0)
		return -1;
	node_name(node, d, number);
	if (wait_until(node_there, node, SETTLE_MS))
		return number;
	errno = ENOENT;
	return -1;
}

int driver_bind(const char *node, const char *file, unsigned int flags)
{
	struct loop_config config = { .info.lo_flags = flags };
	int device, backing, ret = -1, err;

	device = open(node, O_RDWR | O_CLOEXEC);
	backing = open(file, O_RDWR | O_CLOEXEC);
	if (device >= 0 && backing >= 0) {
		config.fd = backing;
		ret = ioctl(device, LOOP_CONFIGURE, &config);
	}
	err = errno;
	if (backing >= 0)
		close(backing);
	if (device >= 0)
		close(device);
	errno = err;
	return ret;
}

/* Sends a command to the device, and returns its result. */
static int command(const char *node, unsigned long what, void *arg)
{
	int fd, ret, err;

	fd = open(node, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = ioctl(fd, what, arg);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

bool driver_bound(const char *node)
{
	struct loop_info64 info;

	return command(node, LOOP_GET_STATUS64, &info) == 0;
}

int driver_unbind(const char *node)
{
	return driver_bound(node) ? command(node, LOOP_CLR_FD, NULL) : 0;
}

struct removal {
	const struct driver *driver;
	int number, ret, err;
};

/* EBUSY as long as another process has the device open. */
static bool try_remove(void *arg)
{
	struct removal *r = arg;

	r->ret = control(r->driver, LOOP_CTL_REMOVE, r->number);
	r->err = errno;
	return r->ret >= 0 || r->err != EBUSY;
}

int driver_remove(const struct driver *d, int number)
{
	struct removal r = { .driver = d, .number = number };
	char node[PATH_LEN];

	node_name(node, d, number);
	if (driver_unbind(node) < 0)
		return -1;
	wait_until(try_remove, &r, SETTLE_MS);
	errno = r.err;
	return r.ret < 0 ? -1 : 0;
}

bool driver_has_counters(const struct driver *d)
{
	return !strcmp(d->device, "cgloop");
}

long long driver_counter(const char *node, const char *key)
{
	char path[PATH_LEN];

	text_set(path, sizeof(path), "/sys/kernel/debug/cgloop/%s",
		 disk_name(node));
	return CHECK(file_key(path, key));
}

bool driver_worker(const char *node, long long memcg, long long blkcg,
		   struct driver_worker *w)
{
	char path[PATH_LEN], text[8192], *line, *rest;
	long long m, b;

	text_set(path, sizeof(path), "/sys/kernel/debug/cgloop/%s-workers",
		 disk_name(node));
	CHECK(file_read(path, text, sizeof(text)));
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (sscanf(line, "%lld %lld %*d %lld %lld %lld %lld", &m, &b,
			   &w->max_queued, &w->held, &w->bios,
			   &w->bytes) == 6 &&
		    m == memcg && b == blkcg)
			return true;
	*w = (struct driver_worker){ 0 };
	return false;
}

int driver_remove_bound(const struct driver *d)
{
	char pattern[PATH_LEN], node[PATH_LEN];
	int number, bound = 0;
	const char *name;
	glob_t found;
	size_t i;

	if (!d->module)
		return 0;
	text_set(pattern, sizeof(pattern), "/sys/block/%s[0-9]*", d->device);
	if (glob(pattern, 0, NULL, &found))
		return 0;
	for (i = 0; i < found.gl_pathc; i++) {
		name = strrchr(found.gl_pathv[i], '/') + 1;
		number = atoi(name + strlen(d->device));
		node_name(node, d, number);
		if (driver_bound(node)) {
			bound++;
			driver_remove(d, number);
		}
	}
	globfree(&found);
	return bound;
}
