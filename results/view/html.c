// SPDX-License-Identifier: GPL-2.0
/* Escapes untrusted bytes as inert HTML text. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "base/xml.h"
#include "view/html.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* C1 controls, direction marks, line separators, noncharacters. */
static bool is_harmful(uint32_t c)
{
	return (c >= 0x80 && c < 0xa0) || c == 0x061c ||
	       (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
	       (c & 0xfffe) == 0xfffe;
}

static void put_ascii(FILE *f, unsigned char c)
{
	if (xml_entity(c))
		fputs(xml_entity(c), f);
	else if (c == '\t')
		fputc('\t', f);
	else if (c < 0x20 || c == 0x7f)
		fprintf(f, "&#x%x;", c == 0x7f ? 0x2421 : 0x2400 + c);
	else
		fputc(c, f);
}

void html_put(FILE *f, const char *s, size_t len)
{
	while (len) {
		uint32_t c;
		size_t n = text_decode(s, len, &c);

		if (!n || is_harmful(c))
			fputs(REPLACEMENT, f);
		else if (n == 1)
			put_ascii(f, (unsigned char)*s);
		else
			fwrite(s, 1, n, f);
		n = n ? n : 1;
		s += n;
		len -= n;
	}
}

void html_text(FILE *f, const char *s)
{
	html_put(f, s, strlen(s));
}

void html_list(FILE *f, const char *s)
{
	while (*s) {
		size_t len = strcspn(s, ",");

		len += s[len] == ',';
		html_put(f, s, len);
		if (s[len])
			fputs("<wbr>", f);
		s += len;
	}
}
