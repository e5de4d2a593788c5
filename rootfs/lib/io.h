/* SPDX-License-Identifier: GPL-2.0 */
/* Sizes, and reads and writes that move all of their bytes or fail. */
#ifndef CB_IO_H
#define CB_IO_H

#include <stdbool.h>
#include <stddef.h>

#define KIB 1024LL
#define MIB (1024LL * 1024)
#define SECTOR 512
/* A page, a block of the file systems, and what most requests move. */
#define BLOCK 4096

/* One system call each; an error or a short count does not return. */
#define pread_all(fd, buf, bytes, at) \
	pread_all_at(__FILE__, __LINE__, fd, buf, bytes, at)
#define pwrite_all(fd, buf, bytes, at) \
	pwrite_all_at(__FILE__, __LINE__, fd, buf, bytes, at)
/* The same, at the file's own position. */
#define read_all(fd, buf, bytes) read_all_at(__FILE__, __LINE__, fd, buf, bytes)
#define write_all(fd, buf, bytes) \
	write_all_at(__FILE__, __LINE__, fd, buf, bytes)
/*
 * Reads or writes zeroes from `from` up to `to`, in requests of `chunk` bytes,
 * through a buffer that direct I/O can use.
 */
#define io_range(fd, writing, chunk, from, to) \
	io_range_at(__FILE__, __LINE__, fd, writing, chunk, from, to)

void pread_all_at(const char *file, int line, int fd, void *buf, size_t bytes,
		  long long at);
void pwrite_all_at(const char *file, int line, int fd, const void *buf,
		   size_t bytes, long long at);
void read_all_at(const char *file, int line, int fd, void *buf, size_t bytes);
void write_all_at(const char *file, int line, int fd, const void *buf,
		  size_t bytes);
void io_range_at(const char *file, int line, int fd, bool writing, size_t chunk,
		 long long from, long long to);

#endif
