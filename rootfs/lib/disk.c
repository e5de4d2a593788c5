// SPDX-License-Identifier: GPL-2.0
// Block devices, as the kernel names and counts them.
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "disk.h"
#include "util.h"

const char *disk_name(const char *node)
{
	return strrchr(node, '/') + 1;
}

void disk_number(char *buf, const char *node)
{
	struct stat st;

	CHECK(stat(node, &st));
	text_set(buf, PATH_LEN, "%u:%u", major(st.st_rdev), minor(st.st_rdev));
}

void disk_file(char *buf, const char *node, const char *file)
{
	text_set(buf, PATH_LEN, "/sys/block/%s/%s", disk_name(node), file);
}
