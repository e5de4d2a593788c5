// SPDX-License-Identifier: GPL-2.0
/* The command that says where a cell's instructions went. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "profile.h"

#define ROWS_SHOWN 25
#define REQUESTS "requests" /* the metric by this name, of the one cell */

static const char usage[] =
	"usage: profile --raw FILE --symbols FILE DIR\n"
	"       profile --compare BASE HEAD\n"
	"\n"
	"Makes DIR/profile.txt, profile.svg and profile.json of what the TCG\n"
	"plugin counted while the one cell of DIR/result.json was measured. The\n"
	"symbols are the kernel's System.map; those of modules are on\n"
	"DIR/console.log. Prints the head of the table.\n"
	"\n"
	"  --raw FILE      what the plugin wrote\n"
	"  --symbols FILE  System.map\n"
	"  --compare       two folders, or two profile.json: what moved, most\n"
	"                  first\n"
	"\n"
	"Exit status: 0, or 2 for input that cannot be used.\n";

struct args {
	const char *raw;
	const char *symbols;
	bool compare;
	char **words;
	int n;
};

/* What was measured, and how many requests it took. */
static int take_cell(struct profile *p, const char *dir, struct error *err)
{
	struct result r;
	int bad = result_load(&r, dir, NULL, err);
	size_t i;

	for (i = 0; !bad && i < r.n_figures; i++) {
		const struct figure *f = &r.figures[i];

		if (!p->title)
			p->title = xasprintf("%s%s%s %s", f->matrix,
					     *f->cell_text ? " " : "",
					     f->cell_text, f->driver);
		if (!strcmp(f->metric, REQUESTS))
			p->requests = f->value;
	}
	if (!bad && !p->title)
		bad = refuse(err, "%s: has no cell that was measured", r.path);
	result_free(&r);
	return bad;
}

static int write_table(const struct profile *p, const char *dir,
		       struct error *err)
{
	struct outfile out;

	if (out_open(&out, dir, "profile.txt", err))
		return -1;
	profile_print(p, p->n_functions, out.f);
	return out_commit(&out, err);
}

static int write_flame(const struct profile *p, const char *dir,
		       struct error *err)
{
	struct outfile out;

	if (out_open(&out, dir, "profile.svg", err))
		return -1;
	flame_write(p, out.f);
	return out_commit(&out, err);
}

static int make(const struct args *a, struct error *err)
{
	struct profile p = { .requests = 0 };
	const char *dir = a->words[0];
	char *console = xasprintf("%s/console.log", dir);
	int bad;

	bad = symbols_load(&p.symbols, a->symbols, "", err) ||
	      symbols_load(&p.symbols, console, "symbol ", err) ||
	      take_cell(&p, dir, err) || profile_load(&p, a->raw, err) ||
	      write_table(&p, dir, err) || write_flame(&p, dir, err) ||
	      profile_save(&p, dir, err);
	if (!bad)
		profile_print(&p, ROWS_SHOWN, stdout);
	profile_free(&p);
	free(console);
	return bad ? -1 : 0;
}

static int take_args(int argc, char **argv, struct args *a, struct error *err)
{
	static const struct option options[] = {
		{ "raw", required_argument, NULL, 'r' },
		{ "symbols", required_argument, NULL, 's' },
		{ "compare", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (c) {
		case 'r':
			a->raw = optarg;
			break;
		case 's':
			a->symbols = optarg;
			break;
		case 'c':
			a->compare = true;
			break;
		case 'h':
			return 1;
		default:
			return refuse(err, "'%s' %s; see profile --help",
				      argv[optind - 1],
				      c == ':' ? "needs a value" :
						 "is unknown");
		}
	}
	a->words = argv + optind;
	a->n = argc - optind;
	if (a->compare ? a->n == 2 : a->n == 1 && a->raw && a->symbols)
		return 0;
	return refuse(err, "--raw, --symbols and one DIR, or --compare and two "
			   "are needed; see profile --help");
}

int main(int argc, char **argv)
{
	struct args args = { NULL };
	struct error err = { "" };
	int bad;

	bound_json_memory();
	bad = take_args(argc, argv, &args, &err);
	if (bad > 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (!bad)
		bad = args.compare ?
			      profile_compare(args.words[0], args.words[1],
					      stdout, &err) :
			      make(&args, &err);
	if (!bad && (ferror(stdout) || fclose(stdout)))
		bad = refuse(&err, "standard output cannot be written");
	if (bad)
		fprintf(stderr, "profile: %s\n", err.text);
	return bad ? STATUS_USAGE : 0;
}
