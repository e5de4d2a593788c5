/* SPDX-License-Identifier: GPL-2.0 */
/* The console of a run, and the parts of it that belong to an entry. */
#ifndef CB_CONSOLE_H
#define CB_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/util.h"

#define CONSOLE_BYTES_MAX (16u << 20) /* of a longer one the end is read */

struct console {
	char *text;
	size_t len;
	bool cut; /* the beginning is missing */
	uint32_t *start; /* of each line, and of the end */
	size_t n;
	/* The line with the result of entry at, from 0; SIZE_MAX for none. */
	size_t *result;
	size_t entries;
};

/* 0, or -1 with err set; console_free() in both cases. */
int console_load(struct console *c, const char *path, size_t entries,
		 struct error *err);
/* Copies text. */
void console_parse(struct console *c, const char *text, size_t len,
		   size_t entries);
void console_free(struct console *c);

/* A line without its newline. */
const char *console_line(const struct console *c, size_t i, size_t *len);

/*
 * The lines [*from, *to) that were printed while entry at ran. Without a result
 * line, or for SIZE_MAX: all lines after the last result. False if there are
 * none.
 */
bool console_span(const struct console *c, size_t at, size_t *from, size_t *to);

/* True if a line reports a failure. */
bool console_offends(const struct console *c, size_t i);

/* Writes the lines [from, to) as HTML: marked lines and their context. */
void console_html(const struct console *c, size_t from, size_t to, FILE *f);

#endif
