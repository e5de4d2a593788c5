/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CB_HTML_H
#define CB_HTML_H

#include <stddef.h>
#include <stdio.h>

/*
 * Writes any bytes as HTML text, also within a quoted attribute. Control
 * characters become their pictures; invalid UTF-8 and direction marks become
 * U+FFFD.
 */
void html_put(FILE *f, const char *s, size_t len);
void html_text(FILE *f, const char *s);
/* The same, with a possible line break after each comma. */
void html_list(FILE *f, const char *s);

#endif
