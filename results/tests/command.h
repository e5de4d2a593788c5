/* SPDX-License-Identifier: GPL-2.0 */
/* Runs programs as users do, in a folder of the test. */
#ifndef CB_TESTS_COMMAND_H
#define CB_TESTS_COMMAND_H

#include <sys/resource.h>

#include "tests/help.h"

struct command {
	int status;
	char out[32768];
	char err[4096];
};

/*
 * Runs $HOST/program with args, split at blanks. Its output goes to the file
 * out, and into c unless that is a device; a file may grow to limit bytes.
 */
void run_program(struct command *c, const char *program, const char *out,
		 rlim_t limit, const char *args);

/* A file's first room - 1 bytes. */
void read_back(const char *name, char *text, size_t room);
void save(const char *name, const void *data, size_t len);
void save_text(const char *name, const char *text);

/* A new folder to work in; dir is a template that ends in XXXXXX. */
void work_open(char *dir);

#endif
