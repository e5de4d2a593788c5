// SPDX-License-Identifier: GPL-2.0
// What a scenario must leave as it found it.
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "meters.h"
#include "module.h"

/* Bounds for what the kernel does on its own after the cause is gone. */
#define KILL_MS 5000
#define UNLOAD_MS 3000
/* Debug kernels look for memory that nothing points to, if it is that old. */
#define LEAK_MS 5500
#define LEAKS "/sys/kernel/debug/kmemleak"

static __printf(2, 3) void moved(struct meters *m, const char *fmt, ...)
{
	va_list args;

	if (m->count == METERS_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(m->moved[m->count++], METERS_TEXT, fmt, args);
	va_end(args);
}

/* The names of all disks, each between spaces. */
static void list_disks(char *buf, size_t size)
{
	DIR *dir = opendir("/sys/block");
	struct dirent *d;
	size_t len = 1;

	text_set(buf, size, " ");
	while (dir && (d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		text_set(buf + len, size - len, "%s ", d->d_name);
		len += strlen(buf + len);
	}
	if (dir)
		closedir(dir);
}

/* Calls each() for every mount, the latest last. */
static void mounts(struct meters *m,
		   void (*each)(struct meters *m, int id, const char *path))
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[1024], path[PATH_LEN];
	int id;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%d %*d %*s %*s %255s", &id, path) == 2)
			each(m, id, path);
	if (f)
		fclose(f);
}

static void note_mount(struct meters *m, int id, const char *path)
{
	(void)path;
	if (m->mount_count == ARRAY_SIZE(m->mounts))
		FAIL(0, "more mounts than there is room for");
	m->mounts[m->mount_count++] = id;
}

static void undo_mount(struct meters *m, int id, const char *path)
{
	int i;

	for (i = 0; i < m->mount_count; i++)
		if (m->mounts[i] == id)
			return;
	moved(m, "mounts: none at %s -> one", path);
	umount2(path, MNT_DETACH);
}

void meters_start(struct meters *m)
{
	memset(m, 0, sizeof(*m));
	module_list(m->modules, sizeof(m->modules));
	list_disks(m->disks, sizeof(m->disks));
	mounts(m, note_mount);
}

static void undo_disks(struct meters *m, const struct entry *e)
{
	int bound = driver_remove_bound(e->driver), left;
	char disks[sizeof(m->disks)], word[64], *name, *rest;

	if (bound)
		moved(m, "bound devices: 0 -> %d", bound);
	left = module_unload_new(m->modules, UNLOAD_MS);
	if (left)
		moved(m, "modules that stay loaded: 0 -> %d", left);
	list_disks(disks, sizeof(disks));
	for (name = strtok_r(disks, " ", &rest); name;
	     name = strtok_r(NULL, " ", &rest)) {
		text_set(word, sizeof(word), " %s ", name);
		if (!strstr(m->disks, word))
			moved(m, "disks: no %s -> one", name);
	}
}

static bool scan_late(void *arg)
{
	bool late = now_ms() >= *(long long *)arg;

	return file_write(LEAKS, "scan") < 0 || late;
}

/* What is found is in the log, as a splat.  A scan takes seconds. */
static void look_for_leaks(const struct entry *e)
{
	long long from = now_ms() + LEAK_MS;

	if (e->scenario->suite == SUITE_SOAK && !access(LEAKS, F_OK))
		wait_until(scan_late, &from, 10 * LEAK_MS);
}

void meters_finish(struct meters *m, const struct entry *e)
{
	char group[PATH_LEN], folder[PATH_LEN];
	int left;

	entry_group(e, group);
	entry_folder(e, folder);
	left = cgroup_count(group);
	if (left)
		moved(m, "processes: 0 -> %d", left);
	if (left && !cgroup_kill(group, KILL_MS))
		moved(m, "processes that take no signal: 0 -> %d",
		      cgroup_count(group));
	mounts(m, undo_mount);
	undo_disks(m, e);
	if (rmdir(folder) < 0)
		moved(m, "folder of the scenario: empty -> %s",
		      strerror(errno));
	left = cgroup_empty(group);
	if (left)
		moved(m, "cgroups that stay: 0 -> %d", left);
	/*
	 * Pages that have just been freed may sit on a CPU's list, and keep
	 * their group; when it finds too little to reclaim the kernel empties
	 * the lists.  More than there can be: so it fails, and does that.
	 */
	cgroup_write(group, "memory.reclaim", "1G");
	look_for_leaks(e);
}

/*
 * Read with the driver unloaded: one that is loaded may hold the cgroups that
 * used it for a minute, which is a claim of its own.
 */
bool meters_settled(struct meters *m, const struct entry *e, bool give_up)
{
	char group[PATH_LEN];
	long long dying;

	entry_group(e, group);
	dying = cgroup_key(group, "cgroup.stat", "nr_dying_descendants");
	if (dying && !give_up)
		return false;
	if (dying)
		moved(m, "nr_dying_descendants: 0 -> %lld", dying);
	if (cgroup_remove(group) < 0)
		moved(m, "group of the scenario: removed -> %s",
		      strerror(errno));
	return true;
}

void meters_log(struct meters *m, const struct klog *log)
{
	if (log->global_ooms)
		moved(m, "global OOM kills: 0 -> %u", log->global_ooms);
	if (log->memcg_ooms)
		moved(m, "memcg OOM kills: 0 -> %u", log->memcg_ooms);
	if (log->io_errors)
		moved(m, "I/O errors: 0 -> %u", log->io_errors);
	if (log->errors)
		moved(m, "other kernel errors: 0 -> %u", log->errors);
	if (log->lost)
		moved(m, "gaps in the kernel log: 0 -> %u", log->lost);
	if (log->error[0])
		moved(m, "kernel log: clean -> %s", log->error);
}
