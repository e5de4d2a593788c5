// SPDX-License-Identifier: GPL-2.0
// Reads and writes that move all of their bytes or fail.
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io.h"
#include "util.h"

static void check_count(const char *file, int line, const char *call, ssize_t n,
			size_t bytes, long long at)
{
	if (n < 0)
		check_fail(file, line, errno, "%s of %zu bytes at %lld", call,
			   bytes, at);
	if ((size_t)n != bytes)
		check_fail(file, line, 0, "%s moved %zd of %zu bytes at %lld",
			   call, n, bytes, at);
}

void pread_all_at(const char *file, int line, int fd, void *buf, size_t bytes,
		  long long at)
{
	check_count(file, line, "pread", pread(fd, buf, bytes, at), bytes, at);
}

void pwrite_all_at(const char *file, int line, int fd, const void *buf,
		   size_t bytes, long long at)
{
	check_count(file, line, "pwrite", pwrite(fd, buf, bytes, at), bytes,
		    at);
}

void read_all_at(const char *file, int line, int fd, void *buf, size_t bytes)
{
	long long at = lseek(fd, 0, SEEK_CUR);

	check_count(file, line, "read", read(fd, buf, bytes), bytes, at);
}

void write_all_at(const char *file, int line, int fd, const void *buf,
		  size_t bytes)
{
	long long at = lseek(fd, 0, SEEK_CUR);

	check_count(file, line, "write", write(fd, buf, bytes), bytes, at);
}

void io_range_at(const char *file, int line, int fd, bool writing, size_t chunk,
		 long long from, long long to)
{
	void *buf = zalloc_pages(chunk);

	for (; from < to; from += chunk)
		if (writing)
			pwrite_all_at(file, line, fd, buf, chunk, from);
		else
			pread_all_at(file, line, fd, buf, chunk, from);
	CHECK(munmap(buf, chunk));
}
