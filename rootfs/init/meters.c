// SPDX-License-Identifier: GPL-2.0
// Meters: what a scenario must leave as it found it.
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "leaks.h"
#include "meters.h"

/* For the kernel to finish what goes on in the background. */
#define KILL_MS 5000
#define UNLOAD_MS 3000
#define SLAB_MS 3000
/* How often the CPUs' free lists are drained, and how long apart. */
#define DRAIN_MAX 3
#define DRAIN_MS 1000

/*
 * Slab may grow by this much, in KiB: objects that CPUs or grace periods still
 * hold.  No scenario took more than 280 KiB.  KASAN quarantines freed objects,
 * up to a part of the memory, and with them the pages that they are scattered
 * over.
 */
#define SLAB_KIB (4 * 1024)
#define KASAN_PART 32
#define DISKS "/sys/block"

static __printf(2, 3) void moved(struct meters *m, const char *fmt, ...)
{
	va_list args;

	if (m->count == METERS_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(m->moved[m->count++], METERS_TEXT, fmt, args);
	va_end(args);
}

/* The names of a folder's entries, each between spaces. */
static void list_names(const char *folder, char *buf, size_t size)
{
	DIR *dir = opendir(folder);
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

static long long slab_kib(void)
{
	return CHECK(file_key("/proc/meminfo", "SUnreclaim:"));
}

void meters_start(struct meters *m)
{
	memset(m, 0, sizeof(*m));
	m->slab = slab_kib();
	module_list(m->modules, sizeof(m->modules));
	list_names(DISKS, m->disks, sizeof(m->disks));
	list_names(CGROUP_ROOT, m->groups, sizeof(m->groups));
	mounts(m, note_mount);
}

/* Calls each() for every new name in the folder. */
static void new_names(struct meters *m, const char *folder, const char *before,
		      void (*each)(struct meters *m, const char *name))
{
	char now[METERS_NAMES], word[PATH_LEN], *name, *rest;

	list_names(folder, now, sizeof(now));
	for (name = strtok_r(now, " ", &rest); name;
	     name = strtok_r(NULL, " ", &rest)) {
		text_set(word, sizeof(word), " %s ", name);
		if (!strstr(before, word))
			each(m, name);
	}
}

static void note_disk(struct meters *m, const char *name)
{
	moved(m, "disks: no %s -> one", name);
}

static void undo_disks(struct meters *m, const struct entry *e)
{
	int bound = driver_remove_bound(e->driver), left;

	if (bound)
		moved(m, "bound devices: 0 -> %d", bound);
	left = module_unload_new(m->modules, UNLOAD_MS);
	if (left)
		moved(m, "modules that stay loaded: 0 -> %d", left);
	new_names(m, DISKS, m->disks, note_disk);
}

/* Is the process of this number a living child of ours? */
static bool is_child(const char *number)
{
	char path[PATH_LEN], stat[1024], *end;
	int parent;
	char state;

	text_set(path, sizeof(path), "/proc/%s/stat", number);
	if (file_read(path, stat, sizeof(stat)) < 0)
		return false;
	end = strrchr(stat, ')');
	return end && sscanf(end, ") %c %d", &state, &parent) == 2 &&
	       state != 'Z' && parent == getpid();
}

static bool no_child(void *unused)
{
	pid_t pid;

	(void)unused;
	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0);
	return pid < 0;
}

/*
 * Orphans become children of the runner, so a process that has left its group
 * cannot hide.  When it ends, its children become ours as well.
 */
static void undo_escaped(struct meters *m)
{
	long long end = now_ms() + KILL_MS;
	int count = 0;
	glob_t found;
	size_t i;

	while (!no_child(NULL) && now_ms() < end) {
		if (glob("/proc/[0-9]*", 0, NULL, &found))
			break;
		for (i = 0; i < found.gl_pathc; i++) {
			const char *number = found.gl_pathv[i] + 6;

			if (is_child(number) &&
			    kill(atoi(number), SIGKILL) == 0)
				count++;
		}
		globfree(&found);
		wait_until(no_child, NULL, 100);
	}
	if (count)
		moved(m, "processes outside the group: 0 -> %d", count);
}

/* Removes a group that the entry made beside its own. */
static void undo_group(struct meters *m, const char *name)
{
	if (strcmp(name, m->group)) {
		moved(m, "cgroups: no %s -> one", name);
		cgroup_remove(name);
	}
}

/* false: some take no signal. */
static bool undo_processes(struct meters *m)
{
	int left = cgroup_count(m->group);

	if (left)
		moved(m, "processes: 0 -> %d", left);
	if (left && !cgroup_kill(m->group, KILL_MS)) {
		moved(m, "processes that take no signal: 0 -> %d",
		      cgroup_count(m->group));
		return false;
	}
	undo_escaped(m);
	return true;
}

static bool slab_is_back(void *meters)
{
	const struct meters *m = meters;
	long long may = m->slab + SLAB_KIB;

	if (leaks_watched())
		may += CHECK(file_key("/proc/meminfo", "MemTotal:")) /
		       KASAN_PART;
	return slab_kib() <= may;
}

/* Shrinking a cache frees KASAN's quarantine of it. */
static void shrink_caches(void)
{
	glob_t found;
	size_t i;

	if (glob("/sys/kernel/slab/*/shrink", 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		file_write(found.gl_pathv[i], "1");
	globfree(&found);
}

/* The objects of a thousand cgroups are freed over time. */
static void note_slab(struct meters *m)
{
	if (wait_until(slab_is_back, m, SLAB_MS))
		return;
	shrink_caches();
	if (!wait_until(slab_is_back, m, SLAB_MS))
		moved(m, "slab: %lld KiB -> %lld", m->slab, slab_kib());
}

/*
 * Freed pages on a CPU's free list keep their group.  The kernel drains these
 * lists when it cannot reclaim as much as it is asked to: so ask for more than
 * there can be.
 */
static void drain_free_lists(struct meters *m)
{
	cgroup_write(m->group, "memory.reclaim", "1G");
	m->drained++;
	m->drained_at = now_ms();
}

bool meters_finish(struct meters *m, const struct entry *e)
{
	char folder[PATH_LEN];
	int left;

	entry_group(e, m->group);
	entry_folder(e, folder);
	if (!undo_processes(m))
		return false;
	new_names(m, CGROUP_ROOT, m->groups, undo_group);
	mounts(m, undo_mount);
	undo_disks(m, e);
	if (rmdir(folder) < 0)
		moved(m, "folder of the scenario: empty -> %s",
		      strerror(errno));
	left = cgroup_empty(m->group);
	if (left)
		moved(m, "cgroups that stay: 0 -> %d", left);
	drain_free_lists(m);
	note_slab(m);
	return true;
}

/* Pages freed since the last time are on the lists again. */
static bool may_still_go(struct meters *m, bool give_up)
{
	if (now_ms() < m->drained_at + DRAIN_MS)
		return true;
	if (m->drained == DRAIN_MAX)
		return !give_up;
	drain_free_lists(m);
	return true;
}

/*
 * The driver is unloaded by now.  A loaded one may keep the cgroups that used
 * it for a minute, which is a claim of its own.
 */
bool meters_settled(struct meters *m, bool give_up)
{
	long long dying;

	dying = cgroup_key(m->group, "cgroup.stat", "nr_dying_descendants");
	if (dying && may_still_go(m, give_up))
		return false;
	if (dying)
		moved(m,
		      "nr_dying_descendants: 0 -> %lld, with %lld bytes of "
		      "files and %lld others",
		      dying, cgroup_key(m->group, "memory.stat", "file"),
		      cgroup_key(m->group, "memory.stat", "anon") +
			      cgroup_key(m->group, "memory.stat", "kernel"));
	if (cgroup_remove(m->group) < 0)
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

void meters_leak(struct meters *m, const char *what)
{
	int i;

	for (i = 0; i < m->count; i++)
		if (strstr(m->moved[i], what))
			return;
	moved(m, "lost memory: 0 -> %s", what);
}
