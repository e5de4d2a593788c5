// SPDX-License-Identifier: GPL-2.0
// Reads the last words of the kernel that ran before from pstore
// (Documentation/admin-guide/ramoops.rst).
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "hardware.h"
#include "lastwords.h"
#include "util.h"

#define FOLDER "/sys/fs/pstore"

static bool pass_on(const char *path, void (*sink)(const char *, size_t))
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[4096];
	bool panic = false;
	ssize_t n;

	if (fd < 0)
		return false;
	while ((n = read(fd, text, sizeof(text))) > 0) {
		/* The first line says why it was kept: "Panic#1 Part1". */
		panic = panic || !strncmp(text, "Panic#", 6);
		sink(text, n);
	}
	close(fd);
	unlink(path);
	return panic;
}

bool lastwords_read(void (*sink)(const char *text, size_t len))
{
	bool panic = false;
	glob_t files;
	size_t i;

	hardware_load(HARDWARE_PSTORE);
	if (mount("pstore", FOLDER, "pstore", 0, NULL) < 0 ||
	    glob(FOLDER "/*", 0, NULL, &files))
		return false;
	for (i = 0; i < files.gl_pathc; i++)
		panic = pass_on(files.gl_pathv[i], sink) || panic;
	globfree(&files);
	return panic;
}
