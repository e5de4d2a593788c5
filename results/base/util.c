// SPDX-License-Identifier: GPL-2.0
/* One-line errors, options, checked allocation, files written atomically. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"

int refuse(struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

int option_next(int argc, char **argv, const struct option *options,
		const char *program, struct error *err)
{
	int c;

	opterr = 0;
	c = getopt_long(argc, argv, ":h", options, NULL);
	if (c == '?' || c == ':')
		return refuse(err, "'%s' %s; see %s --help", argv[optind - 1],
			      c == ':' ? "needs a value" : "is unknown",
			      program);
	return c < 0 ? 0 : c;
}

static void out_of_memory(void)
{
	fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
	exit(2);
}

void *xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size);

	if (!p)
		out_of_memory();
	return p;
}

char *xstrdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xrealloc(NULL, size), s, size);
}

FILE *xmemstream(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		out_of_memory();
	return f;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		out_of_memory();
	va_end(ap);
	return s;
}

int out_open(struct outfile *out, const char *dir, const char *name,
	     struct error *err)
{
	out->path = xasprintf("%s/%s", dir, name);
	out->temp = xasprintf("%s/.%s.tmp", dir, name);
	out->f = fopen(out->temp, "w");
	if (out->f)
		return 0;
	refuse(err, "%s: %s; its folder must be there and writable", out->path,
	       strerror(errno));
	free(out->path);
	free(out->temp);
	return -1;
}

int out_open_file(struct outfile *out, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	char *dir;
	int bad;

	/* The final rename would replace a device or a link by a file. */
	if (!*path || (!lstat(path, &st) && !S_ISREG(st.st_mode)))
		return refuse(err, "'%s': not a regular file", path);
	dir = slash ? xasprintf("%.*s", slash > path ? (int)(slash - path) : 1,
				path) :
		      xstrdup(".");
	bad = out_open(out, dir, slash ? slash + 1 : path, err);
	free(dir);
	return bad;
}

int out_commit(struct outfile *out, struct error *err)
{
	/*
	 * A full disk can surface at any of these steps. Report the first
	 * failure, and close the stream in any case.
	 */
	int bad = ferror(out->f) || fflush(out->f) || fsync(fileno(out->f));
	int why = errno;

	if (fclose(out->f) && !bad) {
		bad = 1;
		why = errno;
	}
	if (!bad && rename(out->temp, out->path)) {
		bad = 1;
		why = errno;
	}
	if (bad) {
		refuse(err, "%s: cannot write: %s", out->path, strerror(why));
		unlink(out->temp);
	}
	free(out->path);
	free(out->temp);
	return bad ? -1 : 0;
}
