// SPDX-License-Identifier: GPL-2.0
/* The command that compares many results in the order of time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare/moves.h"
#include "view/trend.h"

#define NOT_WORSE 0
#define IS_WORSE 1
#define UNUSABLE 2

static const char usage[] =
	"usage: trend [--page FILE] DIR\n"
	"\n"
	"Reads each result.json below DIR, and each .json in it, in the order of\n"
	"time. Prints which verdicts and costs moved, and since which run. Each\n"
	"series of kernels is compared with itself. Files that are no results are\n"
	"named and left out.\n"
	"\n"
	"  --page FILE  also draw the trend, as a page that opens offline\n"
	"\n"
	"A verdict moved if it is another one than before. A cost in virtual ns\n"
	"moved if it left its level by more than its tolerance, or 0.5 %; for the\n"
	"same image and command line, by anything. A cost by the clock moved if\n"
	"the runs before and after differ by ranks (Mann-Whitney), and by 1 %\n"
	"or more; that takes several runs on each side.\n"
	"\n"
	"Exit status: 0; 1 if something is worse since it last moved; 2 unusable\n"
	"input.\n";

struct args {
	const char *page, *dir;
};

/* 1 for --help. */
static int take_args(int argc, char **argv, struct args *a, struct error *err)
{
	static const struct option options[] = {
		{ "page", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = option_next(argc, argv, options, "trend", err)) > 0) {
		if (c == 'h')
			return 1;
		a->page = optarg;
	}
	if (c < 0)
		return -1;
	if (argc - optind != 1)
		return refuse(err, "%d arguments; one folder of results",
			      argc - optind);
	a->dir = argv[optind];
	return 0;
}

static int trend(const struct args *a, struct error *err)
{
	const char *no_color = getenv("NO_COLOR");
	bool colour = isatty(STDOUT_FILENO) && !(no_color && *no_color);
	int status = UNUSABLE;
	struct history h;

	if (!history_load(&h, a->dir, err)) {
		moves_find(&h);
		status = moves_print(&h, stdout, colour) ? IS_WORSE : NOT_WORSE;
		if (ferror(stdout) || fclose(stdout)) {
			refuse(err, "standard output: %s", strerror(errno));
			status = UNUSABLE;
		} else if (a->page && trend_write(&h, a->page, err)) {
			status = UNUSABLE;
		}
	}
	history_free(&h);
	return status;
}

int main(int argc, char **argv)
{
	struct args args = { NULL, NULL };
	struct error err = { "" };
	int status;

	bound_json_memory();
	status = take_args(argc, argv, &args, &err);
	if (status > 0) {
		fputs(usage, stdout);
		return 0;
	}
	status = status < 0 ? UNUSABLE : trend(&args, &err);
	if (status == UNUSABLE)
		fprintf(stderr, "trend: %s\n", err.text);
	return status;
}
