/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CB_UTIL_H
#define CB_UTIL_H

#include <getopt.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One line for people that names a bad input and what is allowed. */
struct error {
	char text[512];
};

/* Sets the text; always returns -1, so that callers can return it. */
int refuse(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Returns the letter of the next option, with its value in optarg; 0 after the
 * last; -1 with err set for a bad one. Knows -h beside the given options.
 */
int option_next(int argc, char **argv, const struct option *options,
		const char *program, struct error *err);

/* Allocation: these exit with status 2 instead of returning NULL. */
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *s);
/*
 * A stream into memory: after fclose(), *text holds its content. The caller
 * frees.
 */
FILE *xmemstream(char **text, size_t *size);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * A file that appears under its name only when all of it is on disk. Call
 * out_open(), write to ->f, then call out_commit() in every case. Both return
 * 0, or -1 with err set; after -1 no temporary file is left.
 */
struct outfile {
	FILE *f;
	char *path;
	char *temp;
};

int out_open(struct outfile *out, const char *dir, const char *name,
	     struct error *err);
/* The same for a file that the user named: a regular one, or a new one. */
int out_open_file(struct outfile *out, const char *path, struct error *err);
int out_commit(struct outfile *out, struct error *err);

#endif
