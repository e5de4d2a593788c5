// SPDX-License-Identifier: GPL-2.0
/* A result with the consoles of its boots. */
#include <stdlib.h>
#include <string.h>

#include "view/report.h"

/* Each boot has a folder in the folder of the run. */
static int load_consoles(struct report *r, const char *dir, size_t boots,
			 struct error *err)
{
	int bad = 0;

	r->consoles = xrealloc(NULL, (boots + 1) * sizeof(*r->consoles));
	while (!bad && r->n_consoles < boots) {
		struct console *c = &r->consoles[r->n_consoles++];
		char *path = xasprintf("%s/boot-%zu/console.log", dir,
				       r->n_consoles);

		bad = console_load(c, path, r->result.n_items, err);
		free(path);
	}
	return bad;
}

int report_load_consoles(struct report *r, const char *dir, struct error *err)
{
	json_t *boots = json_object_get(r->result.meta, "boots");

	if (!json_is_integer(boots) || json_integer_value(boots) < 1 ||
	    json_integer_value(boots) > BOOTS_MAX)
		return refuse(err, "%s: meta: boots must be from 1 to %d",
			      r->result.path, BOOTS_MAX);
	return load_consoles(r, dir, (size_t)json_integer_value(boots), err);
}

void report_free(struct report *r)
{
	plots_free(r);
	while (r->n_consoles)
		console_free(&r->consoles[--r->n_consoles]);
	free(r->consoles);
	result_free(&r->result);
}

/* For such an entry, the end of the console is of interest. */
static bool ended_machine(const struct item *it)
{
	return it->verdict == PANIC || it->verdict == HANG ||
	       (it->verdict == TIMEOUT && !strcmp(it->reason, "deadline"));
}

const struct console *report_excerpt(const struct report *r,
				     const struct item *it, size_t *from,
				     size_t *to, bool *end)
{
	const struct console *c;

	if (!it->boot || it->boot > r->n_consoles)
		return NULL;
	c = &r->consoles[it->boot - 1];
	*end = ended_machine(it) || c->result[it->at] == SIZE_MAX;
	return console_span(c, *end ? SIZE_MAX : it->at, from, to) ? c : NULL;
}
