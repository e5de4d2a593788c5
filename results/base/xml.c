// SPDX-License-Identifier: GPL-2.0
/* Writes arbitrary text into XML. */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
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

/* Two names may differ only in what XML cannot represent. The caller frees. */
static char *pair_of(const char *classname, const char *name)
{
	char *pair;
	size_t size;
	FILE *f = xmemstream(&pair, &size);

	xml_put(f, classname);
	fputc('\n', f);
	xml_put(f, name);
	fclose(f);
	return pair;
}

void xml_testcase_names(FILE *f, json_t *taken, const char *classname,
			const char *name)
{
	char *own = xstrdup(name), *pair = pair_of(classname, own);
	size_t n = 1;

	while (json_object_get(taken, pair)) {
		free(own);
		free(pair);
		own = xasprintf("%s #%zu", name, ++n);
		pair = pair_of(classname, own);
	}
	/* Text that is no UTF-8 cannot be a key, and is never in a result. */
	json_object_set_new(taken, pair, json_true());
	xml_attribute(f, "classname", classname);
	xml_attribute(f, "name", own);
	free(own);
	free(pair);
}
