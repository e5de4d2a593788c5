// SPDX-License-Identifier: GPL-2.0
// Kernel modules, by what depmod wrote to /lib/modules/<release>: modules.dep,
// modules.softdep, modules.alias, modules.builtin.
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "module.h"
#include "util.h"

/* Soft dependencies may go in a circle. */
#define DEPTH_MAX 8
#define NAME_LEN PATH_LEN

static FILE *open_index(const char *name)
{
	char path[PATH_LEN];
	struct utsname uts;

	CHECK(uname(&uts));
	text_set(path, sizeof(path), "/lib/modules/%s/%s", uts.release, name);
	return fopen(path, "re");
}

/*
 * The name as the kernel has it, with _ for -; up to a space, behind which
 * parameters may follow.
 */
static void set_name(char *buf, const char *name)
{
	char *c;

	text_set(buf, NAME_LEN, "%.*s", (int)strcspn(name, " \n"), name);
	for (c = buf; *c; c++)
		if (*c == '-')
			*c = '_';
}

/* The name of the module in the file at path, which ends at a colon, too. */
static void name_of_file(char *buf, const char *path)
{
	const char *file = path, *p;

	for (p = path; *p && !strchr(":\n ", *p); p++)
		if (*p == '/')
			file = p + 1;
	set_name(buf, file);
	buf[strcspn(buf, ".:")] = '\0';
}

/* The index's line about a module, to be freed; NULL if there is none. */
static char *find_line(const char *index, const char *name)
{
	FILE *f = open_index(index);
	char *line = NULL, have[NAME_LEN];
	size_t size = 0;

	if (!f)
		return NULL;
	while (getline(&line, &size, f) > 0) {
		name_of_file(have, line);
		if (!strcmp(have, name)) {
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

static bool is_in(const char *index, const char *name)
{
	char *line = find_line(index, name);
	bool found = line;

	free(line);
	return found;
}

enum module_state module_find(const char *text)
{
	char name[NAME_LEN];

	set_name(name, text);
	if (is_loaded(name) || is_in("modules.dep", name))
		return MODULE_FILE;
	return is_in("modules.builtin", name) ? MODULE_BUILTIN : MODULE_ABSENT;
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

static int load(const char *text, const char *params, int depth);
static int load_alias(const char *alias, int depth);

/*
 * Modules that depmod knows to be wanted before this one, or after it: when is
 * "pre:" or "post:".  One that is missing may as well be built in.
 */
static void load_soft(const char *name, const char *when, int depth)
{
	FILE *f = open_index("modules.softdep");
	char *line = NULL, *word, *rest, have[NAME_LEN];
	size_t size = 0;
	bool wanted;

	while (f && getline(&line, &size, f) > 0) {
		if (!strtok_r(line, " \n", &rest))
			continue;
		word = strtok_r(NULL, " \n", &rest);
		set_name(have, word ? word : "");
		wanted = false;
		while (!strcmp(have, name) &&
		       (word = strtok_r(NULL, " \n", &rest))) {
			if (word[strlen(word) - 1] == ':')
				wanted = !strcmp(word, when);
			else if (wanted && load(word, "", depth + 1) < 0)
				load_alias(word, depth + 1);
		}
	}
	if (f)
		fclose(f);
	free(line);
}

/* line: "module: first second"; the last one is needed first. */
static int load_line(char *line, const char *params, int depth)
{
	char name[NAME_LEN], *file;
	int ret = 0;

	while (!ret && (file = strrchr(line, ' '))) {
		*file++ = '\0';
		name_of_file(name, file);
		if (*name)
			ret = load(name, "", depth + 1);
	}
	line[strcspn(line, ":")] = '\0';
	return ret ? ret : load_file(line, params);
}

static int load(const char *text, const char *params, int depth)
{
	char name[NAME_LEN], *line;
	int ret;

	set_name(name, text);
	if (is_loaded(name))
		return 0;
	line = find_line("modules.dep", name);
	if (!line && is_in("modules.builtin", name))
		return 0;
	if (!line || depth > DEPTH_MAX) {
		free(line);
		errno = ENOENT;
		return -1;
	}
	load_soft(name, "pre:", depth);
	ret = load_line(line, params, depth);
	if (!ret)
		load_soft(name, "post:", depth);
	free(line);
	return ret;
}

/* With _ for -, but for those in a range of characters. */
static void plain_dashes(char *pattern)
{
	bool range = false;

	for (; *pattern; pattern++) {
		if (*pattern == '[' || *pattern == ']')
			range = *pattern == '[';
		else if (*pattern == '-' && !range)
			*pattern = '_';
	}
}

/* Loads every module that goes by the alias; one of them has to work. */
static int load_alias(const char *alias, int depth)
{
	FILE *f = open_index("modules.alias");
	char *line = NULL, wanted[PATH_LEN], pattern[PATH_LEN], name[PATH_LEN];
	int ret = -1, err = ENOENT;
	size_t size = 0;

	text_set(wanted, sizeof(wanted), "%s", alias);
	plain_dashes(wanted);
	while (f && getline(&line, &size, f) > 0) {
		if (sscanf(line, "alias %255s %255s", pattern, name) != 2)
			continue;
		plain_dashes(pattern);
		if (fnmatch(pattern, wanted, 0))
			continue;
		if (load(name, "", depth) == 0)
			ret = 0;
		else
			err = errno;
	}
	if (f)
		fclose(f);
	free(line);
	errno = err;
	return ret;
}

int module_load(const char *name, const char *params)
{
	return load(name, params, 0);
}

int module_request(const char *name, const char *params)
{
	if (module_find(name) != MODULE_ABSENT)
		return load(name, params, 0);
	return load_alias(name, 0);
}

int module_remove(const char *text)
{
	char name[NAME_LEN];

	set_name(name, text);
	return syscall(SYS_delete_module, name, O_NONBLOCK);
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
