// SPDX-License-Identifier: GPL-2.0
/* Fuzzes the reader of result.json, and what it writes of the same. */
#include <stdlib.h>

#include "model/result.h"
#include "tests/help.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *json = json_loadb((const char *)data, size, 0, NULL);
	struct error err = { "" };
	struct result r = { 0 };

	if (!json)
		return 0;
	if (!result_parse(&r, json, "input", &err)) {
		free(result_headline(&r));
		json_decref(result_json(&r));
	}
	result_free(&r);
	return 0;
}
