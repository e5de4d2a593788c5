// SPDX-License-Identifier: GPL-2.0
// Swap space on a disk.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>

#include "io.h"
#include "swap.h"
#include "util.h"

/* In the first page: the version, the last page's number, and at its end: */
#define VERSION 1024
#define LAST 1028
#define MARK "SWAPSPACE2"

void swap_start(const char *disk, unsigned int pages)
{
	unsigned int version = 1, last = pages - 1;
	int fd = CHECK(open(disk, O_WRONLY));
	char *page = zalloc_pages(BLOCK);

	memcpy(page + VERSION, &version, sizeof(version));
	memcpy(page + LAST, &last, sizeof(last));
	memcpy(page + BLOCK - strlen(MARK), MARK, strlen(MARK));
	pwrite_all(fd, page, BLOCK, 0);
	CHECK(fsync(fd));
	CHECK(close(fd));
	CHECK(swapon(disk, 0));
}

void swap_stop(const char *disk)
{
	if (swapoff(disk) < 0 && errno != EINVAL && errno != ENOENT)
		FAIL(errno, "swapoff of %s", disk);
}
