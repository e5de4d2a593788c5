/* SPDX-License-Identifier: GPL-2.0 */
/* A matrix while it is read, for the files that read and check it. */
#ifndef CB_MATRIX_PARSE_H
#define CB_MATRIX_PARSE_H

#include "matrix.h"
#include "util.h"

struct parse {
	struct matrix *m;
	char *error; /* PATH_LEN bytes */
	bool used[MATRIX_LINES]; /* the axes */
};

struct matrix_key {
	const char *name, *takes;
	int least, most; /* words */
	int times;
};

extern const struct matrix_key matrix_keys[HEADS];

/* Puts an error about a line, or 0 for the file, into p->error; false. */
__printf(3, 4) bool matrix_bad(struct parse *p, int line, const char *fmt, ...);
/* The line of the head with this key and first word, or NULL. */
const struct head_line *matrix_find(const struct matrix *m, enum head key,
				    const char *word);
/* Adds a word and a space to a list of PATH_LEN bytes, for messages. */
void matrix_list(char *list, const char *word);
/* A number with a suffix k, m or g; 0: it is none. */
long long matrix_amount(const char *text);

/* In matrix_check.c: checks the whole matrix, and sets size and ios. */
bool matrix_check(struct parse *p);

#endif
