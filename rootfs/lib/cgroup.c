// SPDX-License-Identifier: GPL-2.0
// Control groups of the unified hierarchy.
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "disk.h"
#include "util.h"

static void file_name(char *buf, const char *path, const char *file)
{
	text_set(buf, PATH_LEN, CGROUP_ROOT "/%s/%s", path, file);
}

int cgroup_write(const char *path, const char *file, const char *text)
{
	char name[PATH_LEN];

	file_name(name, path, file);
	return file_write(name, text);
}

int cgroup_make(const char *path, const char *controllers)
{
	char name[PATH_LEN];

	file_name(name, path, "");
	if (mkdir(name, 0755) < 0)
		return -1;
	if (!*controllers)
		return 0;
	return cgroup_write(path, "cgroup.subtree_control", controllers);
}

long long cgroup_key(const char *path, const char *file, const char *key)
{
	char name[PATH_LEN];

	file_name(name, path, file);
	return file_key(name, key);
}

long long cgroup_memory(const char *path)
{
	char name[PATH_LEN], text[32];

	file_name(name, path, "memory.current");
	return file_read(name, text, sizeof(text)) < 0 ? -1 : atoll(text);
}

long long cgroup_io(const char *path, const char *disk, const char *key)
{
	char name[PATH_LEN], all[8192], *line, *at;

	file_name(name, path, "io.stat");
	if (file_read(name, all, sizeof(all)) < 0)
		return -1;
	disk_number(name, disk);
	text_set(name + strlen(name), sizeof(name) - strlen(name), " ");
	for (line = all; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, strlen(name)))
			continue;
		line[strcspn(line, "\n")] = '\0';
		text_set(name, sizeof(name), " %s=", key);
		at = strstr(line, name);
		return at ? atoll(at + strlen(name)) : 0;
	}
	return 0;
}

bool cgroup_has(const char *controller)
{
	size_t len = strlen(controller);
	char all[PATH_LEN], *at;

	if (file_read(CGROUP_ROOT "/cgroup.controllers", all, sizeof(all)) < 0)
		return false;
	for (at = all; (at = strstr(at, controller)); at += len)
		if ((at == all || at[-1] == ' ') && !isalnum(at[len]))
			return true;
	return false;
}

void cgroup_hand_down(const char *path)
{
	if (cgroup_has("memory"))
		CHECK(cgroup_write(path, "cgroup.subtree_control", "+memory"));
	if (cgroup_has("io"))
		CHECK(cgroup_write(path, "cgroup.subtree_control", "+io"));
}

void cgroup_limit_memory(const char *path, const char *limit)
{
	if (cgroup_write(path, "memory.swap.max", "0") < 0 && errno != ENOENT)
		FAIL(errno, "memory.swap.max of %s", path);
	CHECK(cgroup_write(path, "memory.max", limit));
}

int cgroup_join(const char *path)
{
	return cgroup_write(path, "cgroup.procs", "0");
}

static int count_here(const char *path)
{
	char name[PATH_LEN], pids[8192], *at;
	int n = 0;

	file_name(name, path, "cgroup.procs");
	if (file_read(name, pids, sizeof(pids)) < 0)
		return 0;
	for (at = pids; (at = strchr(at, '\n')); at++)
		n++;
	return n;
}

/* Calls each() for every group right below path; returns the sum. */
static int children(const char *path, int (*each)(const char *path))
{
	char name[PATH_LEN];
	struct dirent *d;
	int sum = 0;
	DIR *dir;

	file_name(name, path, "");
	dir = opendir(name);
	if (!dir)
		return 0;
	while ((d = readdir(dir))) {
		if (d->d_type != DT_DIR || d->d_name[0] == '.')
			continue;
		text_set(name, sizeof(name), "%s/%s", path, d->d_name);
		sum += each(name);
	}
	closedir(dir);
	return sum;
}

long long cgroup_inode(const char *path)
{
	char name[PATH_LEN];
	struct stat st;

	file_name(name, path, "");
	CHECK(stat(name, &st));
	return st.st_ino;
}

int cgroup_count(const char *path)
{
	return count_here(path) + children(path, cgroup_count);
}

bool cgroup_kill(const char *path, int ms)
{
	char name[PATH_LEN];
	struct pollfd event = { .events = POLLPRI };
	long long left, end = now_ms() + ms;

	cgroup_write(path, "cgroup.kill", "1");
	file_name(name, path, "cgroup.events");
	event.fd = open(name, O_RDONLY | O_CLOEXEC);
	while (file_key(name, "populated") == 1) {
		char drop[64];

		left = end - now_ms();
		if (left <= 0)
			break;
		/* Reading arms the event; what changed before comes at once. */
		if (pread(event.fd, drop, sizeof(drop), 0) < 0 ||
		    poll(&event, 1, left < 100 ? left : 100) < 0)
			break;
		if (wait_hook)
			wait_hook();
	}
	close(event.fd);
	return file_key(name, "populated") == 0;
}

static int remove_tree(const char *path)
{
	int left = cgroup_empty(path);

	return left + (cgroup_remove(path) < 0);
}

int cgroup_empty(const char *path)
{
	return children(path, remove_tree);
}

int cgroup_remove(const char *path)
{
	char name[PATH_LEN];

	file_name(name, path, "");
	return rmdir(name);
}
