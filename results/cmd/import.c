// SPDX-License-Identifier: GPL-2.0
/* The command that makes boot folders of a log that came home. */
#include <stdlib.h>
#include <string.h>

#include "import/import.h"

static const char usage[] =
	"usage: import --out DIR [--run N] LOG [CONSOLE]\n"
	"\n"
	"Makes the boot folders of one run, DIR/boot-1 and so on, from a log\n"
	"with chargeback's records: RECORDS.LOG of a medium with its\n"
	"CONSOLE.LOG, a serial log, or the log of LAVA.  Prints three lines:\n"
	"how many runs and boots there are, the cb. words of the kernel's\n"
	"command line, and the kernel's release.\n"
	"\n"
	"  --out DIR    where the boot folders go; it must exist\n"
	"  --run N      which run, from 1; by default the last\n"
	"\n"
	"Exit status: 0, or 2 for wrong usage or unusable input.\n";

struct args {
	const char *out, *log, *console;
	int run; /* 0: the last */
};

static int take_run(struct args *a, const char *arg, struct error *err)
{
	char *end;
	long n = strtol(arg, &end, 10);

	if (*end || end == arg || n < 1 || n > 1000000)
		return refuse(err, "--run '%s': a whole number from 1", arg);
	a->run = (int)n;
	return 0;
}

/* 1 when only help was asked for. */
static int take_args(int argc, char **argv, struct args *a, struct error *err)
{
	static const struct option options[] = {
		{ "out", required_argument, NULL, 'o' },
		{ "run", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = option_next(argc, argv, options, "import", err)) > 0) {
		if (c == 'h')
			return 1;
		if (c == 'o')
			a->out = optarg;
		else if (take_run(a, optarg, err))
			return -1;
	}
	if (c < 0)
		return -1;
	if (!a->out || argc - optind < 1 || argc - optind > 2)
		return refuse(err, "--out, a log and perhaps a console are "
				   "needed; see import --help");
	a->log = argv[optind];
	a->console = argv[optind + 1];
	return 0;
}

/* Prints the words that made the guest's plan, without those of one boot. */
static void print_words(const char *cmdline)
{
	char *words = xstrdup(cmdline), *word, *rest;

	for (word = strtok_r(words, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (!strncmp(word, "cb.", 3) &&
		    strncmp(word, "cb.medium=", 10) &&
		    strncmp(word, "cb.entries=", 11))
			printf("%s ", word);
	}
	putchar('\n');
	free(words);
}

static int import(const struct args *a, struct text *log, struct text *console,
		  struct pieces *p, struct error *err)
{
	int last, run, boots;
	size_t i;

	if (text_read(log, a->log, err) ||
	    (a->console && text_read(console, a->console, err)))
		return -1;
	text_unwrap(log);
	if (pieces_find(p, log, a->log, err))
		return -1;
	last = p->v[p->n - 1].run;
	run = a->run ? a->run : last;
	if (run > last)
		return refuse(err, "--run %d: %s has runs 1 to %d", run, a->log,
			      last);
	boots = boots_write(p, run, log, console, a->out, err);
	if (boots < 0)
		return -1;
	printf("run %d of %d, boots: %d\n", run, last, boots);
	for (i = 0; p->v[i].run != run; i++)
		;
	print_words(text_of(p->v[i].hello, "cmdline"));
	printf("%s\n", text_of(p->v[i].hello, "kernel"));
	return 0;
}

int main(int argc, char **argv)
{
	struct args args = { 0 };
	struct text log = { 0 }, console = { 0 };
	struct pieces pieces = { 0 };
	struct error err = { "" };
	int bad = take_args(argc, argv, &args, &err);

	if (bad > 0)
		bad = fputs(usage, stdout) < 0;
	else if (!bad)
		bad = import(&args, &log, &console, &pieces, &err);
	if (bad)
		fprintf(stderr, "import: %s\n", err.text);
	pieces_free(&pieces);
	text_free(&log);
	text_free(&console);
	return bad ? 2 : 0;
}
