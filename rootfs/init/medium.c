// SPDX-License-Identifier: GPL-2.0
// The medium that takes the results of a real machine.
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hardware.h"
#include "medium.h"
#include "util.h"

#define FOLDER "/run/medium"
#define LABEL "CHARGEBACK "
#define NODE_LEN 64
/* Kernels differ in their defaults, and need a module for each. */
#define FAT_NAMES "codepage=437,iocharset=iso8859-1"
#define SECTOR 512
#define BLOCK 4096
/* USB hubs and disks take seconds until they answer. */
#define FIND_MS 20000
/* A second medium with the same id comes soon after the first, or never. */
#define SECOND_MS 500
/* The last line of a file that is full. */
static const char full_mark[] = "# chargeback: full, recording ends here\n";

struct log_file {
	const char *path;
	int fd;
	off_t at, size;
	bool closed; /* full, or the medium failed */
};

static struct log_file records = { .path = FOLDER "/RECORDS.LOG", .fd = -1 };
static struct log_file console = { .path = FOLDER "/CONSOLE.LOG", .fd = -1 };

struct search {
	uint32_t id;
	int found, wanted;
	char node[NODE_LEN];
};

/* The first sector of a disk or partition; nothing is ever written to it. */
static bool read_sector(const char *node, unsigned char *sector)
{
	int fd = open(node, O_RDONLY | O_CLOEXEC);
	bool whole;

	if (fd < 0)
		return false;
	whole = pread(fd, sector, SECTOR, 0) == SECTOR;
	close(fd);
	return whole && sector[510] == 0x55 && sector[511] == 0xaa;
}

/* The disk's id stands at byte 440 of its MBR, the lowest byte first. */
static bool has_id(const unsigned char *mbr, uint32_t id)
{
	return (mbr[440] | mbr[441] << 8 | mbr[442] << 16 |
		(uint32_t)mbr[443] << 24) == id;
}

/* FAT12 and FAT16 have their label at byte 43, FAT32 at byte 71. */
static bool has_label(const unsigned char *boot)
{
	const unsigned char *label =
		memcmp(boot + 82, "FAT32", 5) ? boot + 43 : boot + 71;

	return !memcmp(label, LABEL, strlen(LABEL));
}

/* sys is the partition's folder in sysfs; its parent is the disk's. */
static bool is_ours(const char *sys, uint32_t id, char *node)
{
	unsigned char sector[SECTOR];
	char path[PATH_MAX], disk[NODE_LEN];

	if (!realpath(sys, path))
		return false;
	text_set(node, NODE_LEN, "/dev/%s", basename(path));
	text_set(disk, sizeof(disk), "/dev/%s", basename(dirname(path)));
	return read_sector(disk, sector) && has_id(sector, id) &&
	       read_sector(node, sector) && has_label(sector);
}

/* Are there as many as wanted? */
static bool look(void *arg)
{
	struct search *s = arg;
	char node[NODE_LEN];
	glob_t parts;
	size_t i;

	s->found = 0;
	if (glob("/sys/class/block/*/partition", 0, NULL, &parts))
		return false;
	for (i = 0; i < parts.gl_pathc; i++) {
		*strrchr(parts.gl_pathv[i], '/') = '\0';
		if (!is_ours(parts.gl_pathv[i], s->id, node))
			continue;
		text_set(s->node, sizeof(s->node), "%s", node);
		s->found++;
	}
	globfree(&parts);
	return s->found >= s->wanted;
}

/*
 * Finds the first newline that nobody has written over.  Blocks hold text
 * without a gap, so halving finds the first empty one.
 */
static int find_end(struct log_file *f)
{
	off_t low = 0, high = (f->size + BLOCK - 1) / BLOCK, middle;
	char block[BLOCK];
	ssize_t n, i;

	f->at = 0;
	while (low < high) {
		middle = (low + high) / 2;
		n = pread(f->fd, block, BLOCK, middle * BLOCK);
		if (n < 0)
			return -1;
		for (i = n; i > 0 && block[i - 1] == '\n'; i--)
			;
		if (i > 0) {
			/* Its last line keeps its end. */
			f->at = middle * BLOCK + i + 1;
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (f->at > f->size)
		f->at = f->size;
	return 0;
}

static bool log_open(struct log_file *f, char *error)
{
	struct stat st;

	f->fd = open(f->path, O_RDWR | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st) < 0) {
		snprintf(error, PATH_LEN, "%s: %s", f->path, strerror(errno));
		return false;
	}
	f->size = st.st_size;
	if (find_end(f) < 0) {
		snprintf(error, PATH_LEN, "%s: %s", f->path, strerror(errno));
		return false;
	}
	f->closed = f->at + (off_t)sizeof(full_mark) > f->size;
	return true;
}

bool medium_open(const char *id, char *error)
{
	struct search s = { .wanted = 1 };

	s.id = strtoul(id, NULL, 16);
	hardware_load(HARDWARE_DISKS);
	if (wait_until(look, &s, FIND_MS)) {
		s.wanted = 2;
		wait_until(look, &s, SECOND_MS);
	}
	if (s.found != 1) {
		snprintf(error, PATH_LEN,
			 "%d partitions CHARGEBACK on disks with id %.8s, "
			 "wanted is one",
			 s.found, id);
		return false;
	}
	if ((mkdir(FOLDER, 0700) < 0 && errno != EEXIST) ||
	    mount(s.node, FOLDER, "vfat",
		  MS_NOATIME | MS_NODEV | MS_NOEXEC | MS_NOSUID,
		  FAT_NAMES) < 0) {
		snprintf(error, PATH_LEN, "%s: mount: %s", s.node,
			 strerror(errno));
		return false;
	}
	if (log_open(&records, error) && log_open(&console, error))
		return true;
	medium_close();
	return false;
}

bool medium_is_open(void)
{
	return records.fd >= 0;
}

const char *medium_records(size_t *size)
{
	char *map =
		mmap(NULL, records.size, PROT_READ, MAP_SHARED, records.fd, 0);

	*size = records.size;
	return map == MAP_FAILED ? NULL : map; // cppcheck-suppress memleak
}

static int write_at(struct log_file *f, const char *text, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pwrite(f->fd, text + done, len - done, f->at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		done += n;
		f->at += n;
	}
	return fdatasync(f->fd);
}

static void append(struct log_file *f, const char *text, size_t len)
{
	if (f->fd < 0 || f->closed)
		return;
	if (f->at + len + strlen(full_mark) > (size_t)f->size) {
		f->closed = true;
		printf("# %s is full: recording ends there\n", f->path);
		text = full_mark;
		len = strlen(full_mark);
	}
	if (write_at(f, text, len) < 0) {
		f->closed = true;
		printf("# %s: %s: recording ends there\n", f->path,
		       strerror(errno));
	}
	fflush(stdout);
}

bool medium_record(const char *line, size_t len)
{
	append(&records, line, len);
	return records.fd >= 0 && !records.closed;
}

void medium_console(const char *text, size_t len)
{
	append(&console, text, len);
}

void medium_close(void)
{
	if (records.fd >= 0)
		close(records.fd);
	if (console.fd >= 0)
		close(console.fd);
	records.fd = -1;
	console.fd = -1;
	umount(FOLDER);
}
