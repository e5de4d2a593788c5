// SPDX-License-Identifier: GPL-2.0
/* Files that a guest fills: capped, so that a flood cannot fill the disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sink.h"

bool sink_open(struct sink *s, int dir)
{
	s->fd = openat(dir, s->name,
		       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
		       0666);
	return s->fd >= 0;
}

static bool put(struct sink *s, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(s->fd, data, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return false;
		}
		data += n;
		len -= n;
		s->size += n;
	}
	return true;
}

bool sink_write(struct sink *s, int dir, const char *data, size_t len)
{
	char note[80];

	if (s->truncated || !len)
		return true;
	if (s->fd < 0 && !sink_open(s, dir))
		return false;
	if (len <= s->cap - s->size)
		return put(s, data, len);

	s->truncated = true;
	if (!put(s, data, s->cap - s->size))
		return false;
	snprintf(note, sizeof(note), "\n%s: cut here after %llu bytes\n",
		 program_invocation_short_name, (unsigned long long)s->size);
	return put(s, note, strlen(note));
}

/* Some file systems report a full disk only here. */
bool sink_close(struct sink *s)
{
	int fd = s->fd;

	s->fd = -1;
	return fd < 0 || !close(fd);
}
