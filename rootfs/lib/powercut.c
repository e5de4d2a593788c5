// SPDX-License-Identifier: GPL-2.0
// A disk whose power can be cut at any moment, afterwards.  The log is that of
// dm-log-writes: a head, then entries.  An entry is a sector that describes it,
// and the sectors that were written.  Only what was flushed or written with FUA
// is in the log.
#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "powercut.h"
#include "dm.h"
#include "io.h"
#include "util.h"

#define LOG_AT (64 * MIB)
#define LOG_BYTES (192 * MIB)

#define LOG_MAGIC 0x6a736677736872ULL
#define LOG_VERSION 1
#define ENTRY_FLUSH 1
#define ENTRY_FUA 2
#define ENTRY_DISCARD 4
#define ENTRY_MARK 8

struct log_head {
	uint64_t magic, version, entries;
	uint32_t sector_size;
};

struct log_entry {
	uint64_t sector, sectors, flags, bytes;
	char text[256]; /* of a mark */
};

static char *image;

void powercut_make(char *node)
{
	struct dm_piece log = { .below = RAM_DISK,
				.bytes = LOG_BYTES,
				.from = LOG_AT };
	struct dm_piece disk = { .below = RAM_DISK, .bytes = POWERCUT_BYTES };
	char log_node[PATH_LEN];
	int fd;

	image = zalloc_pages(POWERCUT_BYTES);
	fd = CHECK(open(RAM_DISK, O_RDONLY | O_DIRECT));
	pread_all(fd, image, POWERCUT_BYTES, 0);
	CHECK(close(fd));
	dm_make("cut-log", &log, log_node);
	disk.log = log_node;
	dm_make("cut", &disk, node);
}

void powercut_mark(int number)
{
	char text[32];

	text_set(text, sizeof(text), "mark %d", number);
	dm_message("cut", text);
}

void powercut_remove(void)
{
	dm_remove("cut");
	dm_remove("cut-log");
}

/* Applies an entry to the image, and returns its sectors in the log. */
static long long apply(int fd, const struct log_entry *e, long long at)
{
	long long to = e->sector * SECTOR, bytes = e->sectors * SECTOR;

	if (e->flags & ENTRY_MARK)
		return 0;
	if (to + bytes > POWERCUT_BYTES)
		FAIL(0, "the log has a write beyond the disk's end");
	if (e->flags & ENTRY_DISCARD) {
		memset(image + to, 0, bytes);
		return 0;
	}
	if (bytes)
		pread_all(fd, image + to, bytes, at);
	return e->sectors;
}

int powercut_replay(void (*each)(const struct powercut_state *m, void *arg),
		    void *arg)
{
	struct powercut_state m = { .image = image };
	int fd = CHECK(open(RAM_DISK, O_RDONLY | O_DIRECT));
	char *sector = zalloc_pages(BLOCK);
	struct log_head *head = (void *)sector;
	struct log_entry *e = (void *)sector;
	long long at = LOG_AT, i, entries;

	pread_all(fd, sector, SECTOR, at);
	entries = head->entries;
	if (head->magic != LOG_MAGIC || head->version != LOG_VERSION ||
	    head->sector_size != SECTOR)
		FAIL(0, "no dm-log-writes log at %lld", at);
	each(&m, arg);
	for (i = 0; i < entries; i++) {
		at += SECTOR;
		pread_all(fd, sector, SECTOR, at);
		m.flushed = e->flags & (ENTRY_FLUSH | ENTRY_FUA);
		/* The kernel adds a mark of its own, at the end. */
		m.marked = e->flags & ENTRY_MARK &&
			   isdigit((unsigned char)e->text[0]);
		if (m.marked)
			m.mark = atoi(e->text);
		at += apply(fd, e, at + SECTOR) * SECTOR;
		each(&m, arg);
	}
	CHECK(close(fd));
	munmap(sector, BLOCK);
	return entries + 1;
}
