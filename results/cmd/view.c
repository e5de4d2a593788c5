// SPDX-License-Identifier: GPL-2.0
/* The command that shows a result: as a table, as files, as a page. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "view/report.h"
#include "view/view.h"

#define COLUMNS_DEFAULT 100

static const char usage[] =
	"usage: view DIR\n"
	"       view --table RESULT\n"
	"\n"
	"Shows DIR/result.json: prints a table, and writes into DIR result.ktap,\n"
	"junit.xml, summary.md and report.html.  The last is one page that needs\n"
	"nothing else; it and junit.xml quote the console.log of each boot, in\n"
	"DIR/boot-1 and so on.\n"
	"Costs are drawn by gnuplot, if there are any and it is installed.\n"
	"\n"
	"  --table         prints the table and writes nothing; RESULT is a\n"
	"                  run's folder, a result.json or a baseline's file\n"
	"\n"
	"The table is as wide as COLUMNS says (100), and in colour on a\n"
	"terminal unless NO_COLOR is set.\n"
	"\n"
	"Exit status: 0, or 2 when the result cannot be read or shown.\n";

static int write_page(struct report *r, const char *dir, struct error *err)
{
	struct error why = { "" };
	struct outfile out;

	if (out_open(&out, dir, "report.html", err))
		return -1;
	/* A missing drawing must not lose hours of measuring. */
	if (plots_make(r, &why)) {
		r->undrawn = why.text;
		fprintf(stderr, "view: %s/report.html has no drawings: %s\n",
			dir, why.text);
	}
	page_write(r, out.f);
	return out_commit(&out, err);
}

/* The width of the terminal; the default for NULL or a bad number. */
static size_t columns_of(const char *s)
{
	char *end;
	unsigned long n = s ? strtoul(s, &end, 10) : 0;

	return n >= 40 && n <= 1000 && !*end ? n : COLUMNS_DEFAULT;
}

static int print_table(const struct result *r, struct error *err)
{
	const char *no_color = getenv("NO_COLOR");
	bool colour = isatty(STDOUT_FILENO) && !(no_color && *no_color);

	table_print(r, stdout, columns_of(getenv("COLUMNS")), colour);
	if (ferror(stdout) || fclose(stdout))
		return refuse(err, "standard output: %s", strerror(errno));
	return 0;
}

static int view(const char *arg, bool all, struct error *err)
{
	struct report r = { 0 };
	int bad = result_load(&r.result, arg, NULL, err);

	if (!bad && all)
		bad = report_load_consoles(&r, arg, err) ||
		      ktap_write(&r.result, arg, err) ||
		      junit_write(&r, arg, err) ||
		      summary_write(&r.result, arg, err) ||
		      write_page(&r, arg, err);
	if (!bad)
		bad = print_table(&r.result, err);
	report_free(&r);
	return bad;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "table", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct error err = { "" };
	bool all = true;
	int c, bad;

	bound_json_memory();
	while ((c = option_next(argc, argv, options, "view", &err)) > 0) {
		if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		all = false;
	}
	bad = c < 0;
	if (!bad && argc - optind != 1)
		bad = refuse(&err, "%d arguments; one folder of a run",
			     argc - optind);
	if (!bad)
		bad = view(argv[optind], all, &err);
	if (bad)
		fprintf(stderr, "view: %s\n", err.text);
	return bad ? STATUS_USAGE : 0;
}
