// SPDX-License-Identifier: GPL-2.0
/*
 * A bound for what a hostile file can make Jansson allocate: a few bytes of
 * text become a hundred of objects. An allocation too many fails, and with it
 * the reading of that file.
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
