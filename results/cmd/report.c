// SPDX-License-Identifier: GPL-2.0
/* The command that writes a run's report.html. */
#include <stdlib.h>
#include <string.h>

#include "view/report.h"

static const char usage[] =
	"usage: report DIR\n"
	"\n"
	"Writes DIR/report.html of DIR/result.json and the console.log of each\n"
	"boot, in DIR/boot-1 and so on: one page that needs nothing else. Costs\n"
	"are drawn by gnuplot, if there are any.\n"
	"\n"
	"Exit status: 0, or 2 when it cannot be written.\n";

/* Each boot has a folder of its own within the run's. */
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

static int load(struct report *r, const char *dir, struct error *err)
{
	json_t *boots;

	if (result_load(&r->result, dir, NULL, err))
		return -1;
	boots = json_object_get(r->result.meta, "boots");
	if (!json_is_integer(boots) || json_integer_value(boots) < 1 ||
	    json_integer_value(boots) > BOOTS_MAX)
		return refuse(err, "%s: meta: boots must be from 1 to %d",
			      r->result.path, BOOTS_MAX);
	return load_consoles(r, dir, (size_t)json_integer_value(boots), err);
}

static void free_consoles(struct report *r)
{
	while (r->n_consoles)
		console_free(&r->consoles[--r->n_consoles]);
	free(r->consoles);
}

static int write_report(const struct report *r, const char *dir,
			struct error *err)
{
	struct outfile out;

	if (out_open(&out, dir, "report.html", err))
		return -1;
	page_write(r, out.f);
	return out_commit(&out, err);
}

int main(int argc, char **argv)
{
	struct report r = { 0 };
	struct error err = { "" };
	int bad;

	bound_json_memory();
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc != 2)
		bad = refuse(&err, "%d arguments; DIR is the only one",
			     argc - 1);
	else
		bad = load(&r, argv[1], &err) || plots_make(&r, &err) ||
		      write_report(&r, argv[1], &err);
	plots_free(&r);
	free_consoles(&r);
	result_free(&r.result);
	if (bad)
		fprintf(stderr, "report: %s\n", err.text);
	return bad ? STATUS_USAGE : 0;
}
