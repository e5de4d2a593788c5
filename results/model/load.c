// SPDX-License-Identifier: GPL-2.0
/* Finds the file of a result and reads it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "model/result.h"

/* All of a file of bounded size; NULL with err set. */
static char *read_whole(const char *path, size_t *len, struct error *err)
{
	/* O_NONBLOCK: opening a FIFO without a writer would block. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char *text;
	ssize_t got = 1;

	if (fd < 0 || fstat(fd, &st)) {
		refuse(err, "%s: %s; a result.json", path, strerror(errno));
		goto failed;
	}
	if (!S_ISREG(st.st_mode)) {
		refuse(err, "%s: not a regular file; a result.json", path);
		goto failed;
	}
	if (st.st_size > (off_t)RESULT_BYTES_MAX) {
		refuse(err, "%s: %lld bytes; no more than %u are read", path,
		       (long long)st.st_size, RESULT_BYTES_MAX);
		goto failed;
	}
	text = xrealloc(NULL, (size_t)st.st_size + 1);
	for (*len = 0; got > 0 && *len < (size_t)st.st_size; *len += got) {
		got = read(fd, text + *len, (size_t)st.st_size - *len);
		if (got < 0) {
			refuse(err, "%s: %s", path, strerror(errno));
			free(text);
			goto failed;
		}
	}
	close(fd);
	return text;

failed:
	if (fd >= 0)
		close(fd);
	return NULL;
}

static json_t *read_json(const char *path, struct error *err)
{
	json_error_t why = { .text = "" };
	size_t len;
	char *text = read_whole(path, &len, err);
	json_t *json;

	if (!text)
		return NULL;
	if (!len) {
		refuse(err, "%s: empty; a result.json", path);
		free(text);
		return NULL;
	}
	/* JSON_ALLOW_NUL: a guest's text may hold one, and ends there. */
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
			  &why);
	free(text);
	if (!json)
		refuse(err, "%s:%d: %s; a result.json", path,
		       why.line > 0 ? why.line : 1,
		       *why.text ? why.text : "takes too much memory to read");
	return json;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The file that arg means; the caller frees. */
static char *find_file(const char *arg, const char *baselines)
{
	char *path;

	if (is_folder(arg))
		return xasprintf("%s/result.json", arg);
	if (baselines && !strchr(arg, '/') && access(arg, F_OK)) {
		path = xasprintf("%s/%s.json", baselines, arg);
		if (!access(path, F_OK))
			return path;
		free(path);
	}
	return xstrdup(arg);
}

/* The last path component that distinguishes results. */
static char *label_of(const char *arg)
{
	char *copy = text_clean(arg), *name, *label;

	while (strlen(copy) > 1 && copy[strlen(copy) - 1] == '/')
		copy[strlen(copy) - 1] = '\0';
	name = strrchr(copy, '/');
	if (name && name != copy && !strcmp(name, "/result.json")) {
		*name = '\0';
		name = strrchr(copy, '/');
	}
	label = xstrdup(name && name[1] ? name + 1 : copy);
	free(copy);
	return label;
}

int result_load(struct result *r, const char *arg, const char *baselines,
		struct error *err)
{
	char *path = find_file(arg, baselines), *clean;
	json_t *json;
	int bad = -1;

	memset(r, 0, sizeof(*r));
	if (!*arg)
		refuse(err, "'': a result.json, a run's folder or a baseline");
	else if ((json = read_json(path, err)))
		bad = result_parse(r, json, path, err);
	r->label = label_of(arg);
	free(path);
	if (bad) {
		/*
		 * The message may quote untrusted bytes of the file or its
		 * name.
		 */
		clean = text_clean(err->text);
		strcpy(err->text, clean);
		free(clean);
	}
	return bad;
}
