// SPDX-License-Identifier: GPL-2.0
// Blocking a group's I/O on a disk by io.max.
#include <string.h>

#include "disk.h"
#include "scenario.h"
#include "throttle.h"

/* Two bytes per second, the least allowed: 4 KiB wait for 34 minutes. */
#define HELD "rbps=2 wbps=2"
#define FREE "rbps=max wbps=max"

static void limit(char *line, const char *disk, const char *what)
{
	disk_number(line, disk);
	text_set(line + strlen(line), PATH_LEN - strlen(line), " %s", what);
}

void throttle_disk(const char *group, const char *disk)
{
	char file[PATH_LEN], line[PATH_LEN];

	text_set(file, sizeof(file), CGROUP_ROOT "/%s/io.max", group);
	limit(line, disk, FREE);
	holds(file, line);
	limit(line, disk, HELD);
	file_put(file, "%s", line);
}

void throttle_lift(const char *group, const char *disk)
{
	char line[PATH_LEN];

	limit(line, disk, FREE);
	CHECK(cgroup_write(group, "io.max", line));
}
