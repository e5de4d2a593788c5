// SPDX-License-Identifier: GPL-2.0
/* The command that prints where the instructions of a cell went. */
#include <stdlib.h>
#include <string.h>

#include "model/result.h"
#include "profile/profile.h"

#define ROWS_SHOWN 25

static const char usage[] =
	"usage: profile --raw FILE --symbols FILE --boot BOOT DIR\n"
	"       profile --compare BASE HEAD\n"
	"\n"
	"Makes DIR/profile-DRIVER.txt, .svg and .json for each driver of the cell\n"
	"that was measured under the TCG plugin. Prints the heads of the tables.\n"
	"\n"
	"  --raw FILE      what the plugin wrote: FILE.1 and so on\n"
	"  --symbols FILE  the kernel's System.map\n"
	"  --boot BOOT     the folder of the boot, whose records name what was\n"
	"                  measured and the functions of modules\n"
	"  --compare       two such .json: what moved, most first\n"
	"\n"
	"Exit status: 0, or 2 for input that cannot be used.\n";

struct args {
	const char *raw;
	const char *symbols;
	const char *boot;
	bool compare;
	char **words;
	int n;
};

static void write_table(const struct profile *p, FILE *f)
{
	profile_print(p, p->n_functions, f);
}

static const struct {
	const char *suffix;
	void (*write)(const struct profile *p, FILE *f);
} files[] = {
	{ "txt", write_table },
	{ "svg", flame_write },
	{ "json", profile_save },
};

static int write_files(const struct profile *p, const char *dir,
		       struct error *err)
{
	struct outfile out;
	int bad = 0;
	size_t i;

	for (i = 0; !bad && i < sizeof(files) / sizeof(*files); i++) {
		char *name =
			xasprintf("profile-%s.%s", p->driver, files[i].suffix);

		bad = out_open(&out, dir, name, err);
		if (!bad) {
			files[i].write(p, out.f);
			bad = out_commit(&out, err);
		}
		free(name);
	}
	return bad;
}

static bool has_twin(const struct profile *v, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++) {
		if (!strcmp(v[i].driver, v[at].driver))
			return true;
	}
	return false;
}

static int make(const struct args *a, struct error *err)
{
	const char *dir = a->words[0];
	struct profile *v;
	size_t n, i;
	int bad = profiles_load(&v, &n, a->symbols, a->boot, a->raw, err);

	for (i = 0; !bad && i < n; i++) {
		if (strchr(v[i].driver, '/') || has_twin(v, i))
			bad = refuse(err,
				     "%s: more than one cell, or no "
				     "driver: %.200s",
				     a->boot, v[i].title);
		else
			bad = write_files(&v[i], dir, err);
	}
	for (i = 0; !bad && i < n; i++) {
		fputs(i ? "\n" : "", stdout);
		profile_print(&v[i], ROWS_SHOWN, stdout);
	}
	for (i = 0; i < n; i++)
		profile_free(&v[i]);
	free(v);
	return bad ? -1 : 0;
}

static int take_args(int argc, char **argv, struct args *a, struct error *err)
{
	static const struct option options[] = {
		{ "raw", required_argument, NULL, 'r' },
		{ "symbols", required_argument, NULL, 's' },
		{ "boot", required_argument, NULL, 'b' },
		{ "compare", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = option_next(argc, argv, options, "profile", err)) > 0) {
		if (c == 'h')
			return 1;
		if (c == 'r')
			a->raw = optarg;
		if (c == 's')
			a->symbols = optarg;
		if (c == 'b')
			a->boot = optarg;
		if (c == 'c')
			a->compare = true;
	}
	if (c < 0)
		return -1;
	a->words = argv + optind;
	a->n = argc - optind;
	if (a->compare ? a->n == 2 :
			 a->n == 1 && a->raw && a->symbols && a->boot)
		return 0;
	return refuse(err, "--raw, --symbols, --boot and one DIR, or --compare "
			   "and two are needed; see profile --help");
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
