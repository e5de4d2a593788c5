// SPDX-License-Identifier: GPL-2.0
// Which lines of cgloop ran, of a kernel that counts them (COVERAGE=1).
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "coverage.h"
#include "util.h"

#define COUNTS "/sys/kernel/debug/gcov"
#define DEPTH 16
/* Bytes per line. */
#define WIDTH 512

/* A line of the console: "gcov PATH HEX". */
static int print_file(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	const char *end = strrchr(path, '.');
	unsigned char bytes[WIDTH];
	ssize_t n, i;
	int fd;

	(void)st;
	(void)ftw;
	if (type != FTW_F || !end || strcmp(end, ".gcda"))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, bytes, sizeof(bytes))) > 0) {
		printf("gcov %s ", path + strlen(COUNTS));
		for (i = 0; i < n; i++)
			printf("%02x", bytes[i]);
		putchar('\n');
	}
	if (fd >= 0)
		close(fd);
	return 0;
}

void coverage_print(void)
{
	if (access(COUNTS, R_OK))
		return;
	fflush(stdout);
	nftw(COUNTS, print_file, DEPTH, FTW_PHYS);
	fflush(stdout);
}
