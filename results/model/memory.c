// SPDX-License-Identifier: GPL-2.0
/*
 * Bounds the memory that a hostile file makes Jansson allocate: a few bytes of
 * text become a hundred bytes of objects. Beyond the bound the allocation
 * fails, and so does reading that file.
 */
#include <malloc.h>
#include <stdlib.h>

#include "model/result.h"

static size_t in_use;

static void *take(size_t size)
{
	void *p;

	if (size > RESULT_MEMORY_MAX || in_use > RESULT_MEMORY_MAX - size)
		return NULL;
	p = malloc(size);
	if (p)
		in_use += malloc_usable_size(p);
	return p;
}

static void give(void *p)
{
	if (p)
		in_use -= malloc_usable_size(p);
	free(p);
}

void bound_json_memory(void)
{
	json_set_alloc_funcs(take, give);
}
