// SPDX-License-Identifier: GPL-2.0
// Mapped disks.
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <linux/dm-ioctl.h>

#include "dm.h"
#include "io.h"
#include "target.h"
#include "util.h"

/* For the node of a disk to appear, and for its last user to close it. */
#define SETTLE_MS 2000

struct command {
	struct dm_ioctl head;
	union {
		struct dm_target_spec spec;
		struct dm_target_msg message; /* its text runs into params */
	};
	char params[2 * PATH_LEN];
};

static int send(struct command *c, unsigned long what, const char *name)
{
	int fd = CHECK(open("/dev/mapper/control", O_RDWR | O_CLOEXEC));
	int ret, err;

	c->head.version[0] = DM_VERSION_MAJOR;
	c->head.data_size = sizeof(*c);
	c->head.data_start = offsetof(struct command, spec);
	text_set(c->head.name, sizeof(c->head.name), "%s", name);
	ret = ioctl(fd, what, &c->head);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

static void load(const char *name, const struct dm_piece *piece)
{
	struct command c = { .head.target_count = 1 };

	const char *type = piece->log ? "log-writes" : "linear";

	c.spec.length = piece->bytes / SECTOR;
	text_set(c.spec.target_type, sizeof(c.spec.target_type), "%s",
		 piece->below ? type : "error");
	if (piece->log)
		text_set(c.params, sizeof(c.params), "%s %s", piece->below,
			 piece->log);
	else if (piece->below)
		text_set(c.params, sizeof(c.params), "%s %lld", piece->below,
			 piece->from / SECTOR);
	if (send(&c, DM_TABLE_LOAD, name) < 0)
		FAIL(errno, "dm %s: %s %s", name, c.spec.target_type, c.params);
	c = (struct command){ 0 };
	/* Without the suspend flag the call resumes, with the new table. */
	CHECK(send(&c, DM_DEV_SUSPEND, name));
}

static bool is_there(void *path)
{
	return access(path, F_OK) == 0;
}

void dm_make(const char *name, const struct dm_piece *piece, char *node)
{
	struct command c = { 0 };

	CHECK(send(&c, DM_DEV_CREATE, name));
	text_set(node, PATH_LEN, "/dev/dm-%u", minor(c.head.dev));
	load(name, piece);
	if (!wait_until(is_there, node, SETTLE_MS))
		FAIL(0, "%s does not appear", node);
}

void dm_change(const char *name, const struct dm_piece *piece)
{
	load(name, piece);
}

void dm_message(const char *name, const char *text)
{
	struct command c = { 0 };

	text_set(c.message.message,
		 sizeof(c) - offsetof(struct command, message.message), "%s",
		 text);
	if (send(&c, DM_TARGET_MSG, name) < 0)
		FAIL(errno, "dm %s: message %s", name, text);
}

static bool try_remove(void *name)
{
	struct command c = { 0 };

	return send(&c, DM_DEV_REMOVE, name) == 0 || errno != EBUSY;
}

void dm_remove(const char *name)
{
	char copy[DM_NAME_LEN];

	text_set(copy, sizeof(copy), "%s", name);
	if (access("/dev/mapper/control", F_OK))
		return;
	if (!wait_until(try_remove, copy, SETTLE_MS))
		FAIL(EBUSY, "dm %s", name);
}

void dm_make_disk(char *node)
{
	struct dm_piece all = { .below = RAM_DISK, .bytes = RAM_DISK_BYTES };

	dm_make("disk", &all, node);
}

void dm_remove_disk(void)
{
	dm_remove("disk");
}
