// SPDX-License-Identifier: GPL-2.0
/* The command that writes results for KernelCI's database. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "view/kcidb.h"

#define RUNS_MAX 64

static const char usage[] =
	"usage: kcidb --out FILE [--origin NAME] RESULT...\n"
	"\n"
	"Writes results as one file of KCIDB's schema 5.3. Each RESULT is the\n"
	"folder of a run, whose consoles are quoted, too, or a result.json.\n"
	"Nothing is sent: KernelCI's documentation has how to submit it.\n"
	"\n"
	"  --out FILE      what to write\n"
	"  --origin NAME   the origin that KernelCI knows you by: a-z, 0-9, _\n"
	"                  (" KCIDB_ORIGIN ")\n"
	"\n"
	"Exit status: 0, or 2 for input that cannot be used.\n";

struct args {
	const char *out, *origin;
	char **words;
	size_t n;
};

/* 1 for --help. */
static int take_args(int argc, char **argv, struct args *a, struct error *err)
{
	static const struct option options[] = {
		{ "out", required_argument, NULL, 'o' },
		{ "origin", required_argument, NULL, 'O' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	a->origin = KCIDB_ORIGIN;
	while ((c = option_next(argc, argv, options, "kcidb", err)) > 0) {
		if (c == 'h')
			return 1;
		*(c == 'o' ? &a->out : &a->origin) = optarg;
	}
	if (c < 0)
		return -1;
	a->words = argv + optind;
	a->n = (size_t)(argc - optind);
	if (!kcidb_origin_valid(a->origin))
		return refuse(err, "--origin '%s': allowed are a-z, 0-9 and _",
			      a->origin);
	if (!a->out || !a->n || a->n > RUNS_MAX)
		return refuse(err,
			      "--out FILE and 1 to %d results are needed; see "
			      "kcidb --help",
			      RUNS_MAX);
	return 0;
}

static int load(struct report *r, const char *arg, struct error *err)
{
	struct stat st;

	if (result_load(&r->result, arg, NULL, err))
		return -1;
	return !stat(arg, &st) && S_ISDIR(st.st_mode) ?
		       report_load_consoles(r, arg, err) :
		       0;
}

static int write_out(const struct args *a, const struct report *reports,
		     struct error *err)
{
	struct outfile out;
	json_t *o;

	if (out_open_file(&out, a->out, err))
		return -1;
	o = kcidb_json(reports, a->n, a->origin);
	/* A failed write stays visible in the stream; commit reports it. */
	json_dumpf(o, out.f, JSON_INDENT(1));
	fputc('\n', out.f);
	json_decref(o);
	return out_commit(&out, err);
}

static int run(const struct args *a, struct error *err)
{
	struct report *reports = xrealloc(NULL, a->n * sizeof(*reports));
	size_t i;
	int bad = 0;

	memset(reports, 0, a->n * sizeof(*reports));
	for (i = 0; i < a->n && !bad; i++)
		bad = load(&reports[i], a->words[i], err);
	if (!bad)
		bad = write_out(a, reports, err);
	while (i)
		report_free(&reports[--i]);
	free(reports);
	return bad;
}

int main(int argc, char **argv)
{
	struct args args = { 0 };
	struct error err = { "" };
	int bad;

	bound_json_memory();
	bad = take_args(argc, argv, &args, &err);
	if (bad > 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (!bad)
		bad = run(&args, &err);
	if (bad)
		fprintf(stderr, "kcidb: %s\n", err.text);
	return bad ? STATUS_USAGE : STATUS_EXPECTED;
}
