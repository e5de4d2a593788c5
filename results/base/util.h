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
 * The next option's letter, its value in optarg; 0: there are no more; -1: err
 * says what is wrong with it.  -h is known beside what stands in options.
 */
int option_next(int argc, char **argv, const struct option *options,
		const char *program, struct error *err);

/* Memory: these end the process with status 2 rather than return NULL. */
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *s);
/* What is written to it is *text, owned by the caller, when it is closed. */
FILE *xmemstream(char **text, size_t *size);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * A file that appears under its name only when all of it is on disk:
 * out_open() to begin, write to ->f, then out_commit() in every case. Both
 * return 0, or -1 with err set; after -1 no temporary file is left.
 */
struct outfile {
	FILE *f;
	char *path;
	char *temp;
};

int out_open(struct outfile *out, const char *dir, const char *name,
	     struct error *err);
/* The same for one file of the user's choice: a regular one, or none yet. */
int out_open_file(struct outfile *out, const char *path, struct error *err);
int out_commit(struct outfile *out, struct error *err);

#endif
