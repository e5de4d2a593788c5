// SPDX-License-Identifier: GPL-2.0
/* The command that prints fields of a boot folder, for the shell. */
#include <stdlib.h>

#include "record/boot.h"
#include "record/status.h"

static const char usage[] =
	"usage: boot DIR FIELD...\n"
	"\n"
	"Prints fields of DIR/boot.json, which states how a boot ended: a line\n"
	"for each FIELD, an empty line for one that is not known. Fields:\n"
	"end, detail, words, accel, qemu, mem, clock, smp, wall_ms,\n"
	"first_record_ms, truncated; results/record/FORMAT.md describes them.\n"
	"\n"
	"Exit status: 0, or 2 for input that cannot be used.\n";

static int print_fields(const struct boot_info *b, char **fields,
			struct error *err)
{
	for (; *fields; fields++) {
		char *text = boot_info_field(b, *fields);

		if (!text)
			return refuse(err, "'%s' is no field; there are: %s",
				      *fields, boot_info_fields);
		puts(text);
		free(text);
	}
	return 0;
}

static int run(int argc, char **argv, struct error *err)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct boot_info b;
	int c, bad;

	while ((c = option_next(argc, argv, options, "boot", err)) > 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (c < 0)
		return -1;
	if (argc - optind < 2)
		return refuse(err, "DIR and a FIELD are needed; see "
				   "boot --help");
	bad = boot_info_read(&b, argv[optind], err);
	if (!bad)
		bad = print_fields(&b, argv + optind + 1, err);
	boot_info_free(&b);
	return bad;
}

int main(int argc, char **argv)
{
	struct error err = { "" };
	int bad = run(argc, argv, &err);

	if (!bad && (ferror(stdout) || fclose(stdout)))
		bad = refuse(&err, "standard output cannot be written");
	if (bad)
		fprintf(stderr, "boot: %s\n", err.text);
	return bad ? STATUS_USAGE : STATUS_EXPECTED;
}
