/* SPDX-License-Identifier: GPL-2.0 */
/* A matrix while it is read: what reading and checking share. */
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

/* Puts what is wrong in which line, 0: in the whole file; always false. */
__printf(3, 4) bool matrix_bad(struct parse *p, int line, const char *fmt, ...);
/* The line of the head with this key and first word, or NULL. */
const struct head_line *matrix_find(const struct matrix *m, enum head key,
				    const char *word);
/* Adds to a list for people, PATH_LEN bytes, in which a space ends a word. */
void matrix_list(char *list, const char *word);
/* A number with fio's suffixes; 0: it is none. */
long long matrix_amount(const char *text);

/* matrix_check.c: sets m's numbers, too. */
bool matrix_check(struct parse *p);

#endif
