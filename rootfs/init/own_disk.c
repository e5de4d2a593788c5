// SPDX-License-Identifier: GPL-2.0
// The one disk of a real machine that matrices may write to.
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hardware.h"
#include "own_disk.h"
#include "util.h"

#define FIND_MS 20000
#define HEAD_BYTES (1024 * 1024) /* that must be zeroes */
#define LEAST_SECTORS (2LL * 1024 * 1024) /* of 512 bytes: 1 GiB */

static const char *wanted; /* serial number; NULL: none was named */
static char node[PATH_LEN], why[PATH_LEN];

struct search {
	int found;
	char name[64];
};

/* Cuts the blanks around the text. */
static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \n");
	for (len = strlen(text); len && strchr(" \n", text[len - 1]);)
		text[--len] = '\0';
	return text;
}

/* Page 80h of SCSI's product data: four bytes, then the serial number. */
static bool scsi_serial_is(const char *dir, const char *serial)
{
	char path[PATH_LEN], page[260];
	ssize_t n;
	int fd;

	text_set(path, sizeof(path), "%s/device/vpd_pg80", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, page, sizeof(page) - 1);
	close(fd);
	if (n < 4)
		return false;
	page[n] = '\0';
	return !strcmp(trim(page + 4), serial);
}

static bool file_is(const char *dir, const char *name, const char *serial)
{
	char path[PATH_LEN], text[260];

	text_set(path, sizeof(path), "%s/%s", dir, name);
	return file_read(path, text, sizeof(text)) > 0 &&
	       !strcmp(trim(text), serial);
}

/* NVMe, virtio, then SATA and SCSI. */
static bool serial_is(const char *dir, const char *serial)
{
	return file_is(dir, "device/serial", serial) ||
	       file_is(dir, "serial", serial) || scsi_serial_is(dir, serial);
}

static bool look(void *arg)
{
	struct search *s = arg;
	glob_t disks;
	size_t i;

	s->found = 0;
	if (glob("/sys/block/*", 0, NULL, &disks))
		return false;
	for (i = 0; i < disks.gl_pathc; i++) {
		if (!serial_is(disks.gl_pathv[i], wanted))
			continue;
		s->found++;
		text_set(s->name, sizeof(s->name), "%s",
			 basename(disks.gl_pathv[i]));
	}
	globfree(&disks);
	return s->found;
}

static bool has_partitions(const char *name)
{
	char pattern[PATH_LEN];
	glob_t parts;
	bool found;

	text_set(pattern, sizeof(pattern), "/sys/block/%s/*/partition", name);
	found = !glob(pattern, 0, NULL, &parts);
	if (found)
		globfree(&parts);
	return found;
}

static bool is_blank(void)
{
	char *head = zalloc(HEAD_BYTES);
	int fd = open(node, O_RDONLY | O_CLOEXEC);
	bool blank;

	blank = fd >= 0 && pread(fd, head, HEAD_BYTES, 0) == HEAD_BYTES &&
		!*head && !memcmp(head, head + 1, HEAD_BYTES - 1);
	if (fd >= 0)
		close(fd);
	free(head);
	return blank;
}

/* The reason why the disk cannot be used; NULL: it can. */
static const char *obstacle(const struct search *s)
{
	char path[PATH_LEN];
	long long sectors;

	if (!s->found)
		return "no disk has this serial number";
	if (s->found > 1)
		return "more than one disk has this serial number";
	if (has_partitions(s->name))
		return "the disk has partitions";
	text_set(path, sizeof(path), "/sys/block/%s/size", s->name);
	file_scan(path, 1, "%lld", &sectors);
	if (sectors < LEAST_SECTORS)
		return "the disk is smaller than 1 GiB";
	if (!is_blank())
		return "the disk's first MiB is not all zeroes: it may hold "
		       "somebody's data";
	return NULL;
}

void own_disk_take(const char *serial)
{
	struct search s = { 0 };
	const char *reason;

	wanted = serial;
	hardware_load(HARDWARE_DISKS);
	wait_until(look, &s, FIND_MS);
	text_set(node, sizeof(node), "/dev/%s", s.name);
	reason = obstacle(&s);
	if (!reason) {
		printf("# cb.disk=%s: %s will be written to\n", serial, node);
		return;
	}
	text_set(why, sizeof(why), "cb.disk=%s: %s", serial, reason);
	printf("# %s\n", why);
}

const char *own_disk(void)
{
	if (*why)
		FAIL(0, "%s", why);
	return wanted ? node : NULL;
}

void own_disk_release(void)
{
	char *zeroes;
	int fd;

	if (!wanted || *why)
		return;
	zeroes = zalloc(HEAD_BYTES);
	fd = CHECK(open(node, O_WRONLY | O_CLOEXEC));
	if (pwrite(fd, zeroes, HEAD_BYTES, 0) != HEAD_BYTES)
		FAIL(errno, "%s cannot be written", node);
	CHECK(fsync(fd));
	CHECK(close(fd));
	free(zeroes);
}
