// SPDX-License-Identifier: GPL-2.0
/* The command that makes baselines of runs and benches. */
#include <stdlib.h>
#include <string.h>

#include "compare/baseline.h"

static const char usage[] =
	"usage: baseline --out DIR RESULT...\n"
	"\n"
	"Makes DIR/SERIES.json, such as 6.12.json, for each kernel series among\n"
	"the RESULTs. Each RESULT is a result.json or the folder of a run. The\n"
	"first one with verdicts provides the verdicts, the first one with costs\n"
	"the costs. Further costs, of images that differ only in padding, set the\n"
	"tolerances: three times the deviation. An existing baseline with larger\n"
	"tolerances keeps them; delete it to start over.\n"
	"\n"
	"Exit status: 0, or 2 for a result that cannot be part of a baseline.\n";

/* "6.12" of "6.12.117-chargeback"; NULL for other forms. */
static char *series_of(const struct result *r)
{
	static const char digits[] = "0123456789";
	char *kernel = result_meta(r, "kernel");
	size_t major = strspn(kernel, digits), minor;

	minor = kernel[major] == '.' ? strspn(kernel + major + 1, digits) : 0;
	if (major && minor && major + minor < 16) {
		kernel[major + 1 + minor] = '\0';
		return kernel;
	}
	free(kernel);
	return NULL;
}

static int save(struct baseline b, const char *series, const char *dir,
		struct error *err)
{
	char *name = xasprintf("%s.json", series);
	char *path = xasprintf("%s/%s", dir, name);
	struct error none = { "" };
	struct outfile out;
	struct result old;
	int bad;

	/* Without a readable old baseline there are no tolerances to keep. */
	result_load(&old, path, NULL, &none);
	b.old = &old;
	bad = out_open(&out, dir, name, err);
	if (!bad) {
		baseline_write(&b, out.f);
		bad = out_commit(&out, err);
	}
	if (!bad && b.verdicts)
		printf("%s: verdicts of %s\n", path, b.verdicts->path);
	if (!bad && b.costs)
		printf("%s: costs of %s, tolerances of %zu more\n", path,
		       b.costs->path, b.n_padded);
	result_free(&old);
	free(path);
	free(name);
	return bad;
}

/* Uses verdicts or costs of r; b must have room for one more. */
static void add_result(struct baseline *b, const struct result *r)
{
	bool verdicts = !b->verdicts && r->n_items;

	if (verdicts)
		b->verdicts = r;
	if (r->n_figures && !b->costs)
		b->costs = r;
	else if (r->n_figures && !verdicts)
		b->padded[b->n_padded++] = r;
}

/* Combines results[at] with all later ones of the same series. */
static int save_series(const struct result *results, char **series, size_t n,
		       size_t at, const char *dir, struct error *err)
{
	struct baseline b = { NULL };
	size_t i;
	int bad;

	for (i = 0; i < at; i++) {
		if (!strcmp(series[i], series[at]))
			return 0;
	}
	b.padded = xrealloc(NULL, n * sizeof(*b.padded));
	for (i = at; i < n; i++) {
		if (!strcmp(series[i], series[at]))
			add_result(&b, &results[i]);
	}
	bad = save(b, series[at], dir, err);
	free(b.padded);
	return bad;
}

static int load(struct result *r, char **series, const char *arg,
		struct error *err)
{
	if (result_load(r, arg, NULL, err))
		return -1;
	/* Everything would compare as better than a broken run. */
	if (r->status > STATUS_CLAIM)
		return refuse(err,
			      "%s: its status is %d; a baseline's is 0 or 1",
			      r->path, r->status);
	*series = series_of(r);
	return *series ? 0 : refuse(err, "%s: meta names no kernel", r->path);
}

static int make(char **args, size_t n, const char *dir, struct error *err)
{
	struct result *results = xrealloc(NULL, n * sizeof(*results));
	char **series = xrealloc(NULL, n * sizeof(*series));
	size_t loaded = 0, i;
	int bad = 0;

	while (!bad && loaded < n) {
		series[loaded] = NULL;
		bad = load(&results[loaded], &series[loaded], args[loaded],
			   err);
		loaded++;
	}
	for (i = 0; !bad && i < n; i++)
		bad = save_series(results, series, n, i, dir, err);
	while (loaded) {
		free(series[--loaded]);
		result_free(&results[loaded]);
	}
	free(results);
	free(series);
	return bad;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "out", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct error err = { "" };
	const char *dir = NULL;
	int c, bad = 0;

	bound_json_memory();
	while ((c = option_next(argc, argv, options, "baseline", &err)) > 0) {
		if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		dir = optarg;
	}
	bad = c < 0;
	if (!bad && (!dir || optind == argc))
		bad = refuse(&err, "--out DIR and a RESULT are needed; see "
				   "baseline --help");
	if (!bad)
		bad = make(argv + optind, (size_t)(argc - optind), dir, &err);
	if (!bad && (fflush(stdout) || ferror(stdout)))
		bad = refuse(&err, "standard output cannot be written");
	if (bad)
		fprintf(stderr, "baseline: %s\n", err.text);
	return bad ? STATUS_USAGE : 0;
}
