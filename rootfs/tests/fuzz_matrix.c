// SPDX-License-Identifier: GPL-2.0
// Fuzzes the reader of matrices: of the head, and the job of each cell.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"
#include "util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A matrix lives as long as the program that reads it. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[PATH_LEN] = "";
	struct matrix m;
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	matrix_parse(&m, "fuzz", text, size & 1, error);
	free(text);
	return 0;
}
