// SPDX-License-Identifier: GPL-2.0
/* The command that judges what a run left behind and writes the result. */
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"
#include "judge/matrix.h"

#define REPEATS_MAX 64

struct args {
	const char *plan;
	const char *out;
	const char *expectations; /* may be NULL */
	const char *repeats[REPEATS_MAX]; /* folders */
	size_t n_repeats;
};

static const char usage[] =
	"usage: judge --plan FILE --boot DIR... --out DIR [--repeat DIR]...\n"
	"             [--expectations FILE] [--meta KEY=VALUE]...\n"
	"\n"
	"Judges a run and writes into DIR result.json, records.jsonl and, where\n"
	"matrices ran, fio.jsonl.  The program view shows the result.\n"
	"\n"
	"  --plan FILE          what was to run, as init --plan prints it\n"
	"  --boot DIR           the folder of a boot: boot.json, records.raw\n"
	"                       and console.log, which is read for records when\n"
	"                       records.raw has none.  A run of several boots\n"
	"                       has one --boot for each, in the order in which\n"
	"                       they began\n"
	"  --expectations FILE  known holes, one line each\n"
	"  --repeat DIR         another boot of all of the same plan\n"
	"  --meta KEY=VALUE     goes into the result's \"meta\"\n"
	"\n"
	"Exit status, of several the first of these:\n";

static int take_meta(json_t *meta, const char *arg, struct error *err)
{
	const char *equals = strchr(arg, '=');
	json_t *value = equals ? json_string(equals + 1) : NULL;
	char *key;
	int bad;

	if (!value || equals == arg) {
		json_decref(value);
		return refuse(err, "--meta '%s': KEY=VALUE, in UTF-8", arg);
	}
	key = xasprintf("%.*s", (int)(equals - arg), arg);
	bad = json_object_set_new(meta, key, value);
	free(key);
	if (bad)
		return refuse(err, "--meta '%s': KEY=VALUE, in UTF-8", arg);
	return 0;
}

static int check_args(const struct args *a, const struct run *run,
		      struct error *err)
{
	const struct {
		const char *name;
		bool given;
	} needed[] = {
		{ "--plan", a->plan },
		{ "--boot", run->n_boots },
		{ "--out", a->out },
	};
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		if (!needed[i].given)
			return refuse(err, "%s is missing; see judge --help",
				      needed[i].name);
	}
	return 0;
}

/* 1 for --help. */
static int take_args(int argc, char **argv, struct args *a, struct run *run,
		     struct error *err)
{
	static const struct option options[] = {
		{ "plan", required_argument, NULL, 'p' },
		{ "boot", required_argument, NULL, 'b' },
		{ "out", required_argument, NULL, 'o' },
		{ "expectations", required_argument, NULL, 'e' },
		{ "meta", required_argument, NULL, 'm' },
		{ "repeat", required_argument, NULL, 'R' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char **to[] = {
		['p'] = &a->plan,
		['o'] = &a->out,
		['e'] = &a->expectations,
	};
	int c;

	while ((c = option_next(argc, argv, options, "judge", err)) > 0) {
		if (c == 'h')
			return 1;
		if (c == 'R' && a->n_repeats == REPEATS_MAX)
			return refuse(err, "--repeat: more than %d",
				      REPEATS_MAX);
		if (c == 'R')
			a->repeats[a->n_repeats++] = optarg;
		else if ((c == 'm' && take_meta(run->meta, optarg, err)) ||
			 (c == 'b' && boot_load(run, optarg, err)))
			return -1;
		else if (c != 'm' && c != 'b')
			*to[c] = optarg;
	}
	if (c < 0)
		return -1;
	if (optind < argc)
		return refuse(err,
			      "'%s': no argument without an option; "
			      "see judge --help",
			      argv[optind]);
	return check_args(a, run, err);
}

static int load(struct run *run, const struct args *a, struct error *err)
{
	if (plan_load(&run->plan, a->plan, err))
		return -1;
	return a->expectations ?
		       expect_load(&run->expectations, a->expectations, err) :
		       0;
}

/* Judges a further boot by itself and merges it. */
static int add_repeat(struct run *run, const struct args *a, const char *dir,
		      struct error *err)
{
	struct run repeat;
	int bad;

	run_init(&repeat);
	bad = plan_load(&repeat.plan, a->plan, err) ||
	      boot_load(&repeat, dir, err);
	if (!bad) {
		judge_run(&repeat);
		repeat_add(run, &repeat);
	}
	run_free(&repeat);
	return bad ? -1 : 0;
}

static int judge(struct run *run, const struct args *a, struct error *err)
{
	size_t i;

	if (load(run, a, err))
		return -1;
	judge_run(run);
	for (i = 0; i < a->n_repeats; i++) {
		if (add_repeat(run, a, a->repeats[i], err))
			return -1;
	}
	judge_count(run);
	return 0;
}

static int save(const struct run *run, const char *dir, struct error *err)
{
	struct result r;
	int bad;

	judge_result(run, &r);
	/* result.json comes last: if it exists, the others are complete. */
	bad = jsonl_write(run, dir, err) || outputs_write(run, dir, err) ||
	      result_write(&r, dir, err);
	result_free(&r);
	return bad ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct args args = { 0 };
	struct error err = { "" };
	struct run run;
	int status;

	run_init(&run);
	status = take_args(argc, argv, &args, &run, &err);
	if (status > 0) {
		fputs(usage, stdout);
		statuses_print(stdout);
		status = 0;
	} else if (!status) {
		status = judge(&run, &args, &err);
		if (!status)
			status = save(&run, args.out, &err);
		if (!status)
			status = run.status;
	}
	if (status < 0) {
		fprintf(stderr, "judge: %s\n", err.text);
		status = STATUS_USAGE;
	}
	run_free(&run);
	return status;
}
