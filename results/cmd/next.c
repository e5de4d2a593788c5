// SPDX-License-Identifier: GPL-2.0
/* The command that prints the entries to boot next. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge/shards.h"

#define JOBS_MAX 1024

static const char usage[] =
	"usage: next --plan FILE [--boot DIR]... [--jobs N] [--times FILE]\n"
	"\n"
	"Prints a line for each boot that is to follow, all side by side: the\n"
	"entries of the plan that it is to run, for the guest's cb.entries=.\n"
	"Prints nothing when all has run, or nothing more would come of it.\n"
	"\n"
	"  --plan FILE    what was to run, as init --plan prints it\n"
	"  --boot DIR     the folder of each boot so far, in order\n"
	"  --jobs N       no more boots than this (1)\n"
	"  --times FILE   how long an entry takes, lines of NAME MILLISECONDS\n"
	"\n"
	"Exit status: 0, or 2 for wrong usage or unusable input.\n";

struct args {
	const char *plan, *times;
	unsigned long jobs;
};

static int take_jobs(struct args *a, const char *arg, struct error *err)
{
	char *end;

	a->jobs = strtoul(arg, &end, 10);
	if (*end || end == arg || !a->jobs || a->jobs > JOBS_MAX)
		return refuse(err, "--jobs '%s': 1 to %d", arg, JOBS_MAX);
	return 0;
}

/* 1 for --help. */
static int take_args(int argc, char **argv, struct args *a, struct run *run,
		     struct error *err)
{
	static const struct option options[] = {
		{ "plan", required_argument, NULL, 'p' },
		{ "boot", required_argument, NULL, 'b' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "times", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = option_next(argc, argv, options, "next", err)) > 0) {
		if (c == 'h')
			return 1;
		if ((c == 'b' && boot_load(run, optarg, err)) ||
		    (c == 'j' && take_jobs(a, optarg, err)))
			return -1;
		if (c == 'p')
			a->plan = optarg;
		if (c == 't')
			a->times = optarg;
	}
	if (c < 0)
		return -1;
	if (optind < argc || !a->plan)
		return refuse(err, "%s; see next --help",
			      optind < argc ? "only options are allowed" :
					      "--plan is missing");
	return 0;
}

static int print_next(const struct run *run, const struct times *times,
		      size_t jobs, struct error *err)
{
	char *shards[JOBS_MAX];
	size_t n = shards_make(run, times, jobs, shards), i;

	for (i = 0; i < n; i++) {
		puts(shards[i]);
		free(shards[i]);
	}
	return ferror(stdout) || fclose(stdout) ?
		       refuse(err, "standard output: %s", strerror(errno)) :
		       0;
}

int main(int argc, char **argv)
{
	struct args args = { .jobs = 1 };
	struct times times = { 0 };
	struct error err = { "" };
	struct run run;
	int bad;

	run_init(&run);
	bad = take_args(argc, argv, &args, &run, &err);
	if (bad > 0)
		bad = fputs(usage, stdout) < 0;
	else if (!bad)
		bad = plan_load(&run.plan, args.plan, &err) ||
		      (args.times && times_load(&times, args.times, &err));
	if (!bad && run.plan.n) {
		replay(&run);
		bad = print_next(&run, &times, args.jobs, &err);
	}
	if (bad)
		fprintf(stderr, "next: %s\n", err.text);
	times_free(&times);
	run_free(&run);
	return bad ? STATUS_USAGE : 0;
}
