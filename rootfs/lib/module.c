// SPDX-License-Identifier: GPL-2.0
// Kernel modules, by /lib/modules/<release>/modules.dep.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "module.h"
#include "util.h"

static FILE *open_index(const char *name)
{
	char path[PATH_LEN];
	struct utsname uts;

	CHECK(uname(&uts));
	text_set(path, sizeof(path), "/lib/modules/%s/%s", uts.release, name);
	return fopen(path, "re");
}

/* Is the file at path (up to its end or a colon) the module?  See below. */
static bool is_module(const char *path, const char *name)
{
	const char *file = path, *p;

	for (p = path; *p && !strchr(":\n ", *p); p++)
		if (*p == '/')
			file = p + 1;
	while (*name && *name != ' ' &&
	       (*file == *name || (*file == '-' && *name == '_'))) {
		file++;
		name++;
	}
	return (!*name || *name == ' ') && !strncmp(file, ".ko", 3);
}

/* The index's line about a module, to be freed; NULL if there is none. */
static char *find_line(const char *index, const char *name)
{
	FILE *f = open_index(index);
	char *line = NULL;
	size_t size = 0;

	if (!f)
		return NULL;
	while (getline(&line, &size, f) > 0) {
		if (is_module(line, name)) {
			fclose(f);
			line[strcspn(line, "\n")] = '\0';
			return line;
		}
	}
	fclose(f);
	free(line);
	return NULL;
}

static bool is_loaded(const char *name)
{
	char path[PATH_LEN];

	text_set(path, sizeof(path), "/sys/module/%s/initstate", name);
	return access(path, F_OK) == 0;
}

enum module_state module_find(const char *name)
{
	static const struct {
		const char *index;
		enum module_state state;
	} where[] = {
		{ "modules.dep", MODULE_FILE },
		{ "modules.builtin", MODULE_BUILTIN },
	};
	size_t i;
	char *line;

	if (is_loaded(name))
		return MODULE_FILE;
	for (i = 0; i < ARRAY_SIZE(where); i++) {
		line = find_line(where[i].index, name);
		free(line);
		if (line)
			return where[i].state;
	}
	return MODULE_ABSENT;
}

static int load_file(const char *file, const char *params)
{
	char path[PATH_LEN];
	struct utsname uts;
	int fd, ret, err;

	CHECK(uname(&uts));
	text_set(path, sizeof(path), "/lib/modules/%s/%s", uts.release, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = syscall(SYS_finit_module, fd, params, 0);
	err = errno;
	close(fd);
	errno = err;
	return ret < 0 && err != EEXIST ? -1 : 0;
}

int module_load(const char *name, const char *params)
{
	char *line, *file;
	int ret = 0;

	if (is_loaded(name) || module_find(name) == MODULE_BUILTIN)
		return 0;
	line = find_line("modules.dep", name);
	if (!line) {
		errno = ENOENT;
		return -1;
	}
	/* "module: first second": the last one is needed first. */
	while (!ret && (file = strrchr(line, ' '))) {
		*file++ = '\0';
		if (*file)
			ret = load_file(file, "");
	}
	line[strcspn(line, ":")] = '\0';
	if (!ret)
		ret = load_file(line, params);
	free(line);
	return ret;
}

void module_list(char *buf, int size)
{
	FILE *f = fopen("/proc/modules", "re");
	char line[512];
	int len = 1;

	text_set(buf, size, " ");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, " ") + 1] = '\0';
		text_set(buf + len, size - len, "%s", line);
		len += strlen(line);
	}
	if (f)
		fclose(f);
}

struct unload {
	const char *before;
	int left;
};

/* /proc/modules names users before what they use. */
static bool unload_pass(void *arg)
{
	char names[MODULE_NAMES], word[64], *name, *rest;
	struct unload *u = arg;

	u->left = 0;
	module_list(names, sizeof(names));
	for (name = strtok_r(names, " ", &rest); name;
	     name = strtok_r(NULL, " ", &rest)) {
		text_set(word, sizeof(word), " %s ", name);
		if (!strstr(u->before, word) &&
		    syscall(SYS_delete_module, name, O_NONBLOCK) < 0)
			u->left++;
	}
	return !u->left;
}

int module_unload_new(const char *before, int ms)
{
	struct unload u = { .before = before };

	wait_until(unload_pass, &u, ms);
	return u.left;
}
