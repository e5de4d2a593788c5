/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CB_HTML_H
#define CB_HTML_H

#include <stddef.h>
#include <stdio.h>

/*
 * Any bytes as HTML text, also within a quoted attribute. Control characters
 * become their pictures; what is no UTF-8, or turns the direction of writing,
 * becomes U+FFFD.
 */
void html_put(FILE *f, const char *s, size_t len);
void html_text(FILE *f, const char *s);
/* The same, and lines may be broken behind commas. */
void html_list(FILE *f, const char *s);

#endif
