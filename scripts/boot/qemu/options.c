// SPDX-License-Identifier: GPL-2.0
/* Parses the command line, checks it and sets defaults. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervise.h"

#define MAX_SMP 64

enum {
	OPT_IMAGE = 256,
	OPT_INITRD,
	OPT_OUT,
	OPT_APPEND,
	OPT_QEMU,
	OPT_ACCEL,
	OPT_MEM,
	OPT_SMP,
	OPT_DEADLINE,
	OPT_SILENCE,
	OPT_VIRTUAL,
	OPT_PLUGIN,
	OPT_GDB,
	OPT_INTERACTIVE,
	OPT_PROMPT,
	OPT_QUIET,
	OPT_SHARED,
	OPT_ETA,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "image", required_argument, NULL, OPT_IMAGE },
	{ "initrd", required_argument, NULL, OPT_INITRD },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "qemu", required_argument, NULL, OPT_QEMU },
	{ "accel", required_argument, NULL, OPT_ACCEL },
	{ "mem", required_argument, NULL, OPT_MEM },
	{ "smp", required_argument, NULL, OPT_SMP },
	{ "deadline", required_argument, NULL, OPT_DEADLINE },
	{ "silence", required_argument, NULL, OPT_SILENCE },
	{ "virtual", no_argument, NULL, OPT_VIRTUAL },
	{ "plugin", required_argument, NULL, OPT_PLUGIN },
	{ "gdb", no_argument, NULL, OPT_GDB },
	{ "interactive", no_argument, NULL, OPT_INTERACTIVE },
	{ "prompt", required_argument, NULL, OPT_PROMPT },
	{ "eta", no_argument, NULL, OPT_ETA },
	{ "quiet", no_argument, NULL, OPT_QUIET },
	{ "shared", no_argument, NULL, OPT_SHARED },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"usage: supervise --image FILE --out DIR [option...]\n"
	"\n"
	"Boots FILE in QEMU, watches it to its end, and writes to DIR:\n"
	"records.raw, console.log, qemu.log (if QEMU printed anything), and\n"
	"boot.json.  results/record/FORMAT.md describes these files.\n"
	"\n"
	"  --append WORDS   words for the kernel's command line\n"
	"  --accel NAME     tcg or kvm (default tcg)\n"
	"  --smp N          processors, 1 to 64 (default 2)\n"
	"  --mem SIZE       memory, such as 512M or 2G (default 1G)\n"
	"  --deadline TIME  bound for the whole run (default 300)\n"
	"  --silence TIME   bound for the time without a record; before the first\n"
	"                   record console output counts, too (default 30)\n"
	"                   TIME is in seconds, or in milliseconds with \"ms\";\n"
	"                   0 is no bound, the default with --interactive, --gdb\n"
	"  --virtual        the guest's clock counts its instructions, so that an\n"
	"                   image takes the same time on any host; exactly so\n"
	"                   with the plugin halt.so; needs --smp 1\n"
	"  --plugin WORDS   load a TCG plugin, as QEMU takes it; at most twice\n"
	"  --interactive    use the terminal as the console; Ctrl-A x quits\n"
	"  --prompt TEXT    read input that is no terminal once the guest prints TEXT\n"
	"  --gdb            wait for a debugger before the first instruction\n"
	"  --qemu PROGRAM   default qemu-system-x86_64\n"
	"  --initrd FILE    an initial file system beside the image\n"
	"  --eta            print the estimated time left with each result\n"
	"  --quiet          print no progress on stderr\n"
	"  --shared         print whole lines only: others write there, too\n"
	"\n"
	"Exit status: 0 the boot ended, in any way (see boot.json);\n"
	"2 wrong usage, or the host lacks something; 128 and the signal's number\n"
	"when interrupted.\n";

static unsigned int parse_smp(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < 1 || value > MAX_SMP)
		die("--smp %s: 1 to %d is allowed", text, MAX_SMP);
	return value;
}

static const char *check_mem(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || digits > 6 || *text == '0' ||
	    strlen(text) != digits + 1 || !strchr("MG", text[digits]))
		die("--mem %s: a number and M or G is allowed, such as 512M",
		    text);
	return text;
}

static const char *check_accel(const char *text)
{
	if (strcmp(text, "tcg") && strcmp(text, "kvm"))
		die("--accel %s: tcg or kvm is allowed", text);
	return text;
}

static void check_readable(const char *name, const char *file)
{
	struct stat st;

	if (stat(file, &st) || access(file, R_OK))
		die("%s %s: %s", name, file, strerror(errno));
	if (!S_ISREG(st.st_mode))
		die("%s %s: only a regular file is allowed", name, file);
}

static void help(void)
{
	fputs(usage, stdout);
	exit(fflush(stdout) ? STATUS_USAGE : 0);
}

static void add_plugin(struct options *opt, const char *arg)
{
	int i = 0;

	while (i < PLUGINS_MAX && opt->plugins[i])
		i++;
	if (i == PLUGINS_MAX)
		die("--plugin %s: %d at most", arg, PLUGINS_MAX);
	opt->plugins[i] = arg;
}

static bool take_flag(struct options *opt, int which)
{
	switch (which) {
	case OPT_VIRTUAL:
		opt->virtual = true;
		return true;
	case OPT_GDB:
		opt->gdb = true;
		return true;
	case OPT_INTERACTIVE:
		opt->interactive = true;
		return true;
	case OPT_ETA:
		opt->eta = true;
		return true;
	case OPT_QUIET:
		opt->quiet = true;
		return true;
	case OPT_SHARED:
		opt->shared = true;
		return true;
	default:
		return false;
	}
}

static void take(struct options *opt, int which, const char *arg)
{
	switch (which) {
	case OPT_IMAGE:
		opt->image = arg;
		break;
	case OPT_INITRD:
		opt->initrd = arg;
		break;
	case OPT_OUT:
		opt->out = arg;
		break;
	case OPT_APPEND:
		opt->append = arg;
		break;
	case OPT_QEMU:
		opt->qemu = arg;
		break;
	case OPT_ACCEL:
		opt->accel = check_accel(arg);
		break;
	case OPT_MEM:
		opt->mem = check_mem(arg);
		break;
	case OPT_SMP:
		opt->smp = parse_smp(arg);
		break;
	case OPT_DEADLINE:
		opt->deadline_ms = parse_time("--deadline", arg);
		break;
	case OPT_SILENCE:
		opt->silence_ms = parse_time("--silence", arg);
		break;
	case OPT_PLUGIN:
		add_plugin(opt, arg);
		break;
	case OPT_PROMPT:
		opt->prompt = arg;
		break;
	case OPT_HELP:
		help();
		break;
	default:
		if (!take_flag(opt, which))
			die("%s",
			    "wrong usage; supervise --help says what is allowed");
	}
}

void options_parse(struct options *opt, int argc, char **argv)
{
	int which;

	*opt = (struct options){
		.qemu = "qemu-system-x86_64",
		.accel = "tcg",
		.mem = "1G",
		.smp = 2,
		.deadline_ms = -1,
		.silence_ms = -1,
	};
	while ((which = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		take(opt, which, optarg);
	if (optind < argc)
		die("%s: only options are allowed, see --help", argv[optind]);
	if (!opt->image || !opt->out)
		die("%s is missing; see --help",
		    opt->image ? "--out" : "--image");
	if (opt->virtual &&
	    (strcmp(opt->accel, "tcg") || opt->smp != 1 || opt->interactive))
		die("%s", "--virtual takes --accel tcg, --smp 1 and no "
			  "--interactive");
	if (opt->plugins[0] && !opt->virtual)
		die("--plugin %s: takes --virtual", opt->plugins[0]);
	check_readable("--image", opt->image);
	if (opt->initrd)
		check_readable("--initrd", opt->initrd);

	/* At a prompt or in a debugger a person takes any time. */
	if (opt->deadline_ms < 0)
		opt->deadline_ms =
			opt->interactive || opt->gdb ? 0 : 300 * 1000;
	if (opt->silence_ms < 0)
		opt->silence_ms = opt->interactive || opt->gdb ? 0 : 30 * 1000;
}
