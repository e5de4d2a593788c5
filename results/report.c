// SPDX-License-Identifier: GPL-2.0
/* The command that writes a run's report.html. */
#include <stdlib.h>
#include <string.h>

#include "report.h"

static const char usage[] =
	"usage: report DIR\n"
	"\n"
	"Writes DIR/report.html of the result.json and console.log there: one\n"
	"page that needs nothing else. Costs are drawn by gnuplot, if there are\n"
	"any.\n"
	"\n"
	"Exit status: 0, or 2 when it cannot be written.\n";

static int load(struct report *r, const char *dir, struct error *err)
{
	char *path = xasprintf("%s/console.log", dir);
	int bad = result_load(&r->result, dir, NULL, err);

	if (!bad)
		bad = console_load(&r->console, path, r->result.n_items, err);
	free(path);
	return bad;
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
	console_free(&r.console);
	result_free(&r.result);
	if (bad)
		fprintf(stderr, "report: %s\n", err.text);
	return bad ? STATUS_USAGE : 0;
}
