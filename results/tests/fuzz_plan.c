// SPDX-License-Identifier: GPL-2.0
/* Fuzzes the readers of a plan and, behind a line with %, of expectations. */
#include <stdlib.h>
#include <string.h>

#include "tests/help.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xasprintf("%.*s", (int)size, (const char *)data);
	char *rest = strstr(text, "\n%\n");
	struct error err = { "" };
	struct run run;

	run_init(&run);
	if (rest)
		rest[1] = '\0';
	if (!plan_parse(&run.plan, text, strlen(text), "input", &err) && rest &&
	    !expect_parse(&run.expectations, rest + 3, "input", &err))
		expect_apply(&run, "6.12.1", "cb.suite=full");
	run_free(&run);
	free(text);
	return 0;
}
