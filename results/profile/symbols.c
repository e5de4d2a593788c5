// SPDX-License-Identifier: GPL-2.0
/* The kernel's functions and its modules', by address. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"

/* Bounds the last function of a module, whose end is unknown. */
#define FUNCTION_MAX (1u << 20)

void symbols_add(struct symbols *s, char *line)
{
	char *rest = NULL, *end, *type, *name, *module;
	struct symbol *new;
	uint64_t address;

	address = strtoull(line, &end, 16);
	type = end > line ? strtok_r(end, " \t\r\n", &rest) : NULL;
	name = type ? strtok_r(NULL, " \t\r\n", &rest) : NULL;
	if (!name || type[1] || !strchr("tTwW", type[0]))
		return;
	module = strtok_r(NULL, " \t\r\n", &rest);
	name[strcspn(name, ".")] = '\0';
	if (!*name)
		return;
	if (!(s->n & (s->n - 1)))
		s->v = xrealloc(s->v, (s->n ? 2 * s->n : 1) * sizeof(*s->v));
	new = &s->v[s->n++];
	new->address = address;
	new->name = xstrdup(name);
	new->module = xstrdup(module && *module == '[' ? module + 1 : "");
	new->module[strcspn(new->module, "]")] = '\0';
	s->sorted = false;
}

int symbols_load(struct symbols *s, const char *path, struct error *err)
{
	FILE *f = fopen(path, "r");
	char line[512];
	int bad;

	if (!f)
		return refuse(err, "%s: %s; a list of symbols", path,
			      strerror(errno));
	while (fgets(line, sizeof(line), f))
		symbols_add(s, line);
	bad = ferror(f);
	fclose(f);
	return bad ? refuse(err, "%s: %s", path, strerror(errno)) : 0;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	/* Among aliases of one address always choose the same name. */
	return strcmp(x->name, y->name);
}

const struct symbol *symbols_find(struct symbols *s, uint64_t address)
{
	size_t from = 0, to = s->n, middle;

	if (!s->sorted)
		qsort(s->v, s->n, sizeof(*s->v), by_address);
	s->sorted = true;
	while (from < to) {
		middle = from + (to - from) / 2;
		if (s->v[middle].address <= address)
			from = middle + 1;
		else
			to = middle;
	}
	if (!from || address - s->v[from - 1].address >= FUNCTION_MAX)
		return NULL;
	return &s->v[from - 1];
}

void symbols_free(struct symbols *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free(s->v[i].module);
	}
	free(s->v);
}
