/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CB_XML_H
#define CB_XML_H

#include <jansson.h>
#include <stdio.h>

/* The entity of a markup character, in XML and HTML; NULL for any other. */
const char *xml_entity(unsigned char c);

/* Writes s as XML text without the characters that XML 1.0 cannot represent. */
void xml_put(FILE *f, const char *s);

/* Writes ` key="value"`, the value like xml_put(). */
void xml_attribute(FILE *f, const char *key, const char *value);

/*
 * Writes the attributes classname and name of a testcase of JUnit. Readers drop
 * a testcase with a pair that they had before, so a pair that is in the object
 * taken gets a number; the pair is added to taken.
 */
void xml_testcase_names(FILE *f, json_t *taken, const char *classname,
			const char *name);

#endif
