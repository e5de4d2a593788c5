/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files, time, and checked calls.
 *
 * Functions that may fail return -1 and set errno, as the C library's do.
 * CHECK() and the functions named *_at do not return on failure: they report it
 * with file, line and errno.
 */
#ifndef CB_UTIL_H
#define CB_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define __noreturn __attribute__((noreturn))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PATH_LEN 256
/* Of a variable that another process changes. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))

/* Called with the message of a failed check; must not return. */
extern void (*check_hook)(const char *text);

__noreturn __printf(4, 5) void check_fail(const char *file, int line, int err,
					  const char *fmt, ...);
long check_ret(const char *file, int line, const char *what, long ret);

/* The value of a call that must not return -1. */
#define CHECK(call) check_ret(__FILE__, __LINE__, #call, (long)(call))
/* A check of anything else: err is an errno, or 0 where there is none. */
#define FAIL(err, ...) check_fail(__FILE__, __LINE__, err, __VA_ARGS__)

/* CLOCK_MONOTONIC in milliseconds. */
long long now_ms(void);

/* Reads at most size - 1 bytes, and adds a NUL. */
ssize_t file_read(const char *path, char *buf, size_t size);
int file_write(const char *path, const char *text);

__printf(4, 5) void file_put_at(const char *file, int line, const char *path,
				const char *fmt, ...);
#define file_put(path, ...) file_put_at(__FILE__, __LINE__, path, __VA_ARGS__)

/* The number in the line that begins with the key; -1 if there is none. */
long long file_key(const char *path, const char *key);

/* sscanf() of a file of up to 4 KiB that must fill all `count` variables. */
__attribute__((format(scanf, 5, 6))) void
file_scan_at(const char *file, int line, const char *path, int count,
	     const char *fmt, ...);
#define file_scan(path, count, ...) \
	file_scan_at(__FILE__, __LINE__, path, count, __VA_ARGS__)

/*
 * How many times as long as elsewhere a bound is on this kernel, if it is for
 * what hangs: in wait_count(), process.h, progress.h, and for an entry.
 */
extern int patience;

/*
 * Polls done() until it returns true or ms have passed; returns its last
 * result.  For states that the kernel does not announce.  Time in which the
 * host had stopped the machine does not count.
 */
bool wait_until(bool (*done)(void *arg), void *arg, int ms);
/* The same for a counter that another process raises up to target. */
bool wait_count(const int *count, int target, int ms);
/* Called after each poll of wait_until(), if set. */
extern void (*wait_hook)(void);

/* snprintf() into a buffer that must be large enough. */
__printf(3, 4) void text_set(char *buf, size_t size, const char *fmt, ...);
/* Zeroed memory. */
void *zalloc(size_t size);
/* Zeroed whole pages, for direct I/O. */
void *zalloc_pages(size_t size);
/* Zeroed memory, shared with processes that are started later. */
void *shared_memory(size_t size);

#endif
