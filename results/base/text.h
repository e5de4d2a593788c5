/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CB_TEXT_H
#define CB_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/*
 * s in a form that is safe for a terminal and for line-based files: control
 * characters become '?'. The caller frees.
 */
char *text_clean(const char *s);

/* Characters, not bytes, of valid UTF-8. */
size_t text_width(const char *s);

/* A measurement as people read it: "64 MiB", "1.25 s", "3". Caller frees. */
char *text_quantity(const json_t *value, const char *unit);

/* "reason: detail", or the one that is there, cleaned. Caller frees. */
char *text_reason(const char *reason, const char *detail);

/* The same of an object {"reason", "detail"}. Caller frees. */
char *text_problem(const json_t *problem);

/*
 * A cell as one word: key=value,… by key, "" when it is empty; NULL when a
 * value is no string. The caller frees.
 */
char *text_cell(json_t *cell);

#endif
