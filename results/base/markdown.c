// SPDX-License-Identifier: GPL-2.0
/* Writes arbitrary text into Markdown. */
#include <stdlib.h>
#include <string.h>

#include "base/markdown.h"
#include "base/text.h"

void markdown_code(FILE *f, const char *s)
{
	char *clean = text_clean(s);
	const char *p;

	if (*clean)
		fputs("<code>", f);
	for (p = clean; *p; p++) {
		if (strchr("<>&|`*_\\[]~$\"'", *p))
			fprintf(f, "&#%d;", *p);
		else
			fputc(*p, f);
	}
	if (*clean)
		fputs("</code>", f);
	free(clean);
}
