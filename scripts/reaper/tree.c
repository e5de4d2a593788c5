// SPDX-License-Identifier: GPL-2.0
/* Finds the descendants of this process in /proc, and signals them. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tree.h"

struct process {
	pid_t pid, parent;
};

struct processes {
	struct process *list;
	size_t count, room;
};

static void add(struct processes *all, pid_t pid, pid_t parent)
{
	if (all->count == all->room) {
		all->room = all->room ? 2 * all->room : 256;
		all->list = realloc(all->list, all->room * sizeof(*all->list));
		if (!all->list)
			abort();
	}
	all->list[all->count++] = (struct process){ pid, parent };
}

static const struct process *find(const struct processes *all, pid_t pid)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].pid == pid)
			return &all->list[i];
	return NULL;
}

/* 0 if it is gone.  The name, in brackets, may hold any byte. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[512], *end;
	int parent = 0;
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = 0;
	end = strrchr(text, ')');
	if (!end || sscanf(end, ") %*c %d", &parent) != 1)
		return 0;
	return parent;
}

static void read_all(struct processes *all)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	pid_t pid;

	all->count = 0;
	while (dir && (entry = readdir(dir))) {
		pid = strtol(entry->d_name, NULL, 10);
		if (pid > 0)
			add(all, pid, parent_of(pid));
	}
	if (dir)
		closedir(dir);
}

static bool is_descendant(const struct processes *all, const struct process *p)
{
	pid_t self = getpid();

	/* As many steps as processes: the list is no snapshot. */
	for (size_t steps = 0; p && steps < all->count; steps++) {
		if (p->parent == self)
			return true;
		p = find(all, p->parent);
	}
	return false;
}

/* Stops those that are not in the set yet, and adds them; how many? */
static size_t stop_new(struct processes *all, struct processes *stopped)
{
	size_t before = stopped->count;

	read_all(all);
	for (size_t i = 0; i < all->count; i++) {
		const struct process *p = &all->list[i];

		if (!is_descendant(all, p) || find(stopped, p->pid))
			continue;
		kill(p->pid, SIGSTOP);
		add(stopped, p->pid, p->parent);
	}
	return stopped->count - before;
}

void tree_terminate(void)
{
	static struct processes all, stopped;

	stopped.count = 0;
	while (stop_new(&all, &stopped))
		;
	for (size_t i = 0; i < stopped.count; i++)
		kill(stopped.list[i].pid, SIGTERM);
	for (size_t i = 0; i < stopped.count; i++)
		kill(stopped.list[i].pid, SIGCONT);
}

void tree_kill(void)
{
	static struct processes all;

	read_all(&all);
	for (size_t i = 0; i < all.count; i++)
		if (is_descendant(&all, &all.list[i]))
			kill(all.list[i].pid, SIGKILL);
}
