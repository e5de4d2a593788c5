// SPDX-License-Identifier: GPL-2.0
// Files, time, and checked calls.
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

void (*check_hook)(const char *text);
void (*wait_hook)(void);
int patience = 1;

void check_fail(const char *file, int line, int err, const char *fmt, ...)
{
	char text[512];
	va_list args;
	int n;

	n = snprintf(text, sizeof(text), "%s:%d: ", file, line);
	va_start(args, fmt);
	n += vsnprintf(text + n, sizeof(text) - n, fmt, args);
	va_end(args);
	if (err && n < (int)sizeof(text))
		snprintf(text + n, sizeof(text) - n, ": %s", strerror(err));
	if (check_hook)
		check_hook(text);
	fprintf(stderr, "%s\n", text);
	_exit(EXIT_FAILURE);
}

long check_ret(const char *file, int line, const char *what, long ret)
{
	if (ret == -1)
		check_fail(file, line, errno, "%s", what);
	return ret;
}

long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

ssize_t file_read(const char *path, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n = 0;
	int err, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	while (len < size - 1) {
		n = read(fd, buf + len, size - 1 - len);
		if (n <= 0)
			break;
		len += n;
	}
	err = errno;
	close(fd);
	errno = err;
	buf[len] = '\0';
	return n < 0 ? -1 : (ssize_t)len;
}

int file_write(const char *path, const char *text)
{
	ssize_t n, len = strlen(text);
	int err, fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	n = write(fd, text, len);
	err = n < 0 ? errno : EIO;
	if (close(fd) < 0 || n != len) {
		errno = err;
		return -1;
	}
	return 0;
}

void file_put_at(const char *file, int line, const char *path, const char *fmt,
		 ...)
{
	char text[PATH_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (file_write(path, text) < 0)
		check_fail(file, line, errno, "write '%s' to %s", text, path);
}

long long file_key(const char *path, const char *key)
{
	size_t len = strlen(key);
	char buf[8192], *line;

	if (file_read(path, buf, sizeof(buf)) < 0)
		return -1;
	for (line = buf; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, len) && isblank(line[len]))
			return atoll(line + len + 1);
	}
	errno = ENOENT;
	return -1;
}

void file_scan_at(const char *file, int line, const char *path, int count,
		  const char *fmt, ...)
{
	char text[4096];
	va_list args;
	int n;

	if (file_read(path, text, sizeof(text)) < 0)
		check_fail(file, line, errno, "read %s", path);
	va_start(args, fmt);
	n = vsscanf(text, fmt, args);
	va_end(args);
	if (n != count)
		check_fail(file, line, 0, "%s holds '%.200s', not '%s'", path,
			   text, fmt);
}

/* A turn in which the host has stopped the machine counts as no more. */
#define TURN_MOST_MS 50

bool wait_until(bool (*done)(void *arg), void *arg, int ms)
{
	const struct timespec turn = { .tv_nsec = 2000000 };
	long long last = now_ms(), now, left;

	for (left = ms; !done(arg); last = now) {
		if (left <= 0)
			return false;
		if (wait_hook)
			wait_hook();
		nanosleep(&turn, NULL);
		now = now_ms();
		left -= now - last < TURN_MOST_MS ? now - last : TURN_MOST_MS;
	}
	return true;
}

struct counter {
	const int *count;
	int target;
};

static bool is_counted(void *arg)
{
	const struct counter *c = arg;

	return READ_ONCE(*c->count) >= c->target;
}

bool wait_count(const int *count, int target, int ms)
{
	struct counter c = { .count = count, .target = target };

	return wait_until(is_counted, &c, ms * patience);
}

void text_set(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= size)
		FAIL(0, "text too long for its place: %s", buf);
}

void *zalloc(size_t size)
{
	void *mem = calloc(1, size);

	if (!mem)
		FAIL(0, "no memory for %zu bytes", size);
	return mem;
}

void *zalloc_pages(size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (mem == MAP_FAILED)
		FAIL(errno, "%zu bytes of pages", size);
	return mem;
}

/* MAP_POPULATE: the caller is charged, not the first process that writes. */
void *shared_memory(size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (mem == MAP_FAILED)
		FAIL(errno, "%zu bytes of shared memory", size);
	return mem;
}
