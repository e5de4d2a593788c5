/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CB_TEXT_H
#define CB_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/*
 * A copy of s in which each control character is '?', so that no terminal obeys
 * it and no line breaks. The caller frees.
 */
char *text_clean(const char *s);

/* Characters, not bytes, of valid UTF-8. */
size_t text_width(const char *s);

/* Formats a measurement: "64 MiB", "1.25 s", "3". The caller frees. */
char *text_quantity(const json_t *value, const char *unit);

/* "reason: detail", or only the one that is set, cleaned. The caller frees. */
char *text_reason(const char *reason, const char *detail);

/* The same for an object {"reason", "detail"}. The caller frees. */
char *text_problem(const json_t *problem);

/*
 * A cell as one word: key=value,... sorted by key; "" when it is empty. NULL
 * when a value is not a string. The caller frees.
 */
char *text_cell(json_t *cell);

#endif
