// SPDX-License-Identifier: GPL-2.0
/* Writes arbitrary text into XML. */
#include <string.h>

#include "base/xml.h"

const char *xml_entity(unsigned char c)
{
	return c == '&' ? "&amp;" :
	       c == '<' ? "&lt;" :
	       c == '>' ? "&gt;" :
	       c == '"' ? "&quot;" :
			  NULL;
}

/*
 * XML 1.0 cannot represent most control characters, nor U+FFFE and U+FFFF: drop
 * them. Readers turn newlines and tabs of an attribute into blanks, so write
 * these as references.
 */
void xml_put(FILE *f, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (xml_entity(c))
			fputs(xml_entity(c), f);
		else if (c == '\t' || c == '\n' || c == '\r')
			fprintf(f, "&#%d;", c);
		else if (!strncmp(s, "\xef\xbf\xbe", 3) ||
			 !strncmp(s, "\xef\xbf\xbf", 3))
			s += 2;
		else if (c >= 0x20)
			fputc(c, f);
	}
}

void xml_attribute(FILE *f, const char *key, const char *value)
{
	fprintf(f, " %s=\"", key);
	xml_put(f, value);
	fputc('"', f);
}
