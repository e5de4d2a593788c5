// SPDX-License-Identifier: GPL-2.0
/* Fuzzes the import of logs: of a serial line, a medium, or LAVA. */
#include <stdlib.h>
#include <string.h>

#include "import/import.h"
#include "tests/help.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text log = { .bytes = xrealloc(NULL, size + 1), .len = size };
	struct error err = { "" };
	struct pieces p = { 0 };

	if (size)
		memcpy(log.bytes, data, size);
	log.bytes[size] = '\0';
	text_unwrap(&log);
	pieces_find(&p, &log, "input", &err);
	pieces_free(&p);
	text_free(&log);
	return 0;
}
