/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CB_TEXT_H
#define CB_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * A copy of s in which each control character is '?', so that no terminal obeys
 * it and no line breaks. The caller frees.
 */
char *text_clean(const char *s);

/*
 * Decodes the character at s, of at most len bytes. Returns its length, or 0
 * for invalid UTF-8, overlong forms and surrogates.
 */
size_t text_decode(const char *s, size_t len, uint32_t *c);

/*
 * The last bytes of s, at most most of them, as valid UTF-8: '?' stands for
 * each bad byte, and for control characters but newline and tab. The caller
 * frees.
 */
char *text_excerpt(const char *s, size_t len, size_t most);

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
