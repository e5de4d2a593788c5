// SPDX-License-Identifier: GPL-2.0
/* The command that compares results. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare/diff.h"

#define HEADS_MAX 32

#define NOT_WORSE 0
#define IS_WORSE 1
#define UNUSABLE 2

struct args {
	const char *baselines;
	const char *markdown; /* these two may be NULL */
	const char *junit;
	char **words; /* base, then heads */
	size_t n;
};

static const char usage[] =
	"usage: compare [OPTION]... BASE HEAD [HEAD]...\n"
	"\n"
	"Compares results: verdicts, entries and costs. Each argument is a\n"
	"result.json, the folder of a run, or the name of a baseline. Compares\n"
	"each of several heads with BASE, in one table.\n"
	"\n"
	"  --baselines DIR  the folder of baselines (results/baselines)\n"
	"  --markdown FILE  also write Markdown, for a merge request\n"
	"  --junit FILE     also write JUnit, for CI: worse is a failure\n"
	"\n"
	"Exit status: 0 no head is worse; 1 one is; 2 unusable input.\n"
	"\n"
	"A change is worse (W), better (B), other (o) or none (=):\n";

static const char more_usage[] =
	"A control counts by the same table. So do problems of a whole run: a\n"
	"new one is worse. A cost in virtual ns that grew is worse: of the same\n"
	"image and command line by anything at all; else by more than what BASE\n"
	"tolerates for its cell, or 0.5 %. A cost by the clock is judged by the\n"
	"ranks of its rounds (Mann-Whitney): it moved when its median did by 1 %\n"
	"or more, and of all that are said to have moved at most 5 % may be\n"
	"chance (Benjamini-Hochberg). A cost that is missing is worse; one that is\n"
	"unstable, or has too few rounds, is named and not judged. Of a result\n"
	"without any verdicts, or without any costs, those are not compared.\n"
	"Evidence and provenance that differ are told, and do not count.\n";

static int take_args(int argc, char **argv, struct args *a, struct error *err)
{
	static const struct option options[] = {
		{ "baselines", required_argument, NULL, 'b' },
		{ "markdown", required_argument, NULL, 'm' },
		{ "junit", required_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char **to[] = {
		['b'] = &a->baselines,
		['m'] = &a->markdown,
		['j'] = &a->junit,
	};
	int c;

	while ((c = option_next(argc, argv, options, "compare", err)) > 0) {
		if (c == 'h')
			return 1;
		*to[c] = optarg;
	}
	if (c < 0)
		return -1;
	a->words = argv + optind;
	a->n = (size_t)(argc - optind);
	if (a->n < 2 || a->n > HEADS_MAX + 1)
		return refuse(err,
			      "%zu results; one BASE and 1 to %d HEADs are "
			      "compared",
			      a->n, HEADS_MAX);
	return 0;
}

static int write_all(const struct args *a, const struct diff *d, size_t n,
		     struct error *err)
{
	const char *no_color = getenv("NO_COLOR");
	bool colour = isatty(STDOUT_FILENO) && !(no_color && *no_color);

	if ((a->markdown && diff_markdown(d, n, a->markdown, err)) ||
	    (a->junit && diff_junit(d, n, a->junit, err)))
		return -1;
	diff_print(d, n, stdout, colour);
	if (ferror(stdout) || fclose(stdout))
		return refuse(err, "standard output: %s", strerror(errno));
	return 0;
}

/* "Not worse" would be wrong if nothing was compared. */
static int check_common(const struct result *base, const struct result *head,
			struct error *err)
{
	if ((base->n_items && head->n_items) ||
	    (base->n_figures && head->n_figures))
		return 0;
	return refuse(err,
		      "%.200s and %.200s: one has verdicts alone, the other "
		      "costs alone; nothing can be compared",
		      base->path, head->path);
}

static int compare(const struct args *a, const struct result *results,
		   struct error *err)
{
	struct diff d[HEADS_MAX];
	int status = NOT_WORSE;
	size_t i, n = a->n - 1;

	for (i = 0; i < n; i++) {
		diff_make(&d[i], &results[0], &results[i + 1]);
		if (d[i].counts[WORSE])
			status = IS_WORSE;
	}
	if (write_all(a, d, n, err))
		status = -1;
	for (i = 0; i < n; i++)
		diff_free(&d[i]);
	return status;
}

static int load_and_compare(const struct args *a, struct error *err)
{
	struct result results[HEADS_MAX + 1];
	size_t loaded = 0;
	int status = 0;

	while (!status && loaded < a->n) {
		status = result_load(&results[loaded], a->words[loaded],
				     a->baselines, err);
		loaded++;
		if (!status)
			status = check_common(&results[0], &results[loaded - 1],
					      err);
	}
	if (!status)
		status = compare(a, results, err);
	while (loaded)
		result_free(&results[--loaded]);
	return status;
}

int main(int argc, char **argv)
{
	struct args args = { .baselines = "results/baselines" };
	struct error err = { "" };
	int status;

	bound_json_memory();
	status = take_args(argc, argv, &args, &err);
	if (status > 0) {
		fputs(usage, stdout);
		rules_print(stdout);
		fputs(more_usage, stdout);
		return 0;
	}
	if (!status)
		status = load_and_compare(&args, &err);
	if (status < 0) {
		fprintf(stderr, "compare: %s\n", err.text);
		status = UNUSABLE;
	}
	return status;
}
