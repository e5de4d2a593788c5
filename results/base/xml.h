/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CB_XML_H
#define CB_XML_H

#include <stdio.h>

/* What stands for a character that is markup, in HTML as well; else NULL. */
const char *xml_entity(unsigned char c);

/* s as XML text; what XML 1.0 has no way to write is dropped. */
void xml_put(FILE *f, const char *s);

/* ` key="value"`; the value as xml_put() writes it. */
void xml_attribute(FILE *f, const char *key, const char *value);

#endif
