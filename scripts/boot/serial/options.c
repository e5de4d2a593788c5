// SPDX-License-Identifier: GPL-2.0
/* Parses the command line, checks it and sets defaults. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "attend.h"

static const char usage[] =
	"usage: attend --console WHERE --out DIR [OPTION...]\n"
	"\n"
	"Switches a real machine on, reads its console to the end of a boot of\n"
	"chargeback, and writes console.log, records.raw (empty: the console\n"
	"carries the records), power.log and boot.json.\n"
	"\n"
	"  --console WHERE  a serial port such as /dev/ttyUSB0, at 115200 baud;\n"
	"                   HOST:PORT of a console server, raw or telnet; or a\n"
	"                   command, such as \"ipmitool ... sol activate\"\n"
	"  --out DIR        the folder of the boot; it is made if missing\n"
	"  --off COMMAND    first switch the machine off by this shell command\n"
	"  --on COMMAND     then on; without it somebody else does.  Both must\n"
	"                   return within 120 s; CB_WORDS has the words\n"
	"  --words WORDS    words for the kernel's command line\n"
	"  --deadline TIME  bound for the whole boot (default 1800)\n"
	"  --start TIME     bound until the first record (default 600)\n"
	"  --silence TIME   bound without a record after that (default 30)\n"
	"                   TIME is in seconds, or in milliseconds with \"ms\";\n"
	"                   0 is no bound\n"
	"  --eta            print the estimated time left with each result\n"
	"  --quiet          print no progress on stderr\n"
	"\n"
	"Exit status: 0 the boot ended, in any way (see boot.json);\n"
	"2 wrong usage, no console, or a command that failed; 128 and the\n"
	"signal's number when interrupted, which leaves the machine as it is.\n";

enum {
	OPT_CONSOLE = 256,
	OPT_OUT,
	OPT_OFF,
	OPT_ON,
	OPT_WORDS,
	OPT_DEADLINE,
	OPT_START,
	OPT_SILENCE,
	OPT_ETA,
	OPT_QUIET,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "console", required_argument, NULL, OPT_CONSOLE },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "off", required_argument, NULL, OPT_OFF },
	{ "on", required_argument, NULL, OPT_ON },
	{ "words", required_argument, NULL, OPT_WORDS },
	{ "deadline", required_argument, NULL, OPT_DEADLINE },
	{ "start", required_argument, NULL, OPT_START },
	{ "silence", required_argument, NULL, OPT_SILENCE },
	{ "eta", no_argument, NULL, OPT_ETA },
	{ "quiet", no_argument, NULL, OPT_QUIET },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static void take(struct options *opt, int which, const char *arg)
{
	switch (which) {
	case OPT_CONSOLE:
		opt->console = arg;
		break;
	case OPT_OUT:
		opt->out = arg;
		break;
	case OPT_OFF:
		opt->off = arg;
		break;
	case OPT_ON:
		opt->on = arg;
		break;
	case OPT_WORDS:
		opt->words = arg;
		break;
	case OPT_DEADLINE:
		opt->deadline_ms = parse_time("--deadline", arg);
		break;
	case OPT_START:
		opt->start_ms = parse_time("--start", arg);
		break;
	case OPT_SILENCE:
		opt->silence_ms = parse_time("--silence", arg);
		break;
	case OPT_ETA:
		opt->eta = true;
		break;
	case OPT_QUIET:
		opt->quiet = true;
		break;
	case OPT_HELP:
		fputs(usage, stdout);
		exit(fflush(stdout) ? STATUS_USAGE : 0);
	default:
		die("%s", "wrong usage; attend --help says what is allowed");
	}
}

void options_parse(struct options *opt, int argc, char **argv)
{
	int which;

	*opt = (struct options){
		.words = "",
		.deadline_ms = 1800 * 1000,
		.start_ms = 600 * 1000,
		.silence_ms = 30 * 1000,
	};
	while ((which = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		take(opt, which, optarg);
	if (optind < argc)
		die("%s: only options are allowed, see --help", argv[optind]);
	if (!opt->console || !*opt->console || !opt->out)
		die("%s is missing; see --help",
		    opt->out ? "--console" : "--out");
}
