/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CB_MARKDOWN_H
#define CB_MARKDOWN_H

#include <stdio.h>

/*
 * Writes untrusted text as code, where markup and mentions of people or issues
 * have no effect. Bars of a table and markup characters of HTML become numeric
 * references. Writes nothing for an empty text.
 */
void markdown_code(FILE *f, const char *s);

#endif
