/* SPDX-License-Identifier: GPL-2.0 */
/* A file of the boot folder that stops growing at its cap. */
#ifndef BOOT_SINK_H
#define BOOT_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MIB (1024 * 1024ULL)
#define CONSOLE_CAP (64 * MIB)
#define RECORDS_CAP (256 * MIB)

struct sink {
	const char *name; /* within the boot folder */
	uint64_t cap; /* bytes */
	int fd; /* -1: not opened yet */
	uint64_t size;
	bool truncated;
};

bool sink_open(struct sink *s, int dir);
/*
 * Stores len bytes, or as many as fit under the cap and a line about the cut.
 * Opens the file at the first byte. False, with errno set, when the host
 * cannot store them.
 */
bool sink_write(struct sink *s, int dir, const char *data, size_t len);
bool sink_close(struct sink *s);

#endif
