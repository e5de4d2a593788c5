// SPDX-License-Identifier: GPL-2.0
/* supervise: boots an image once and writes down how that ended. */
#include "supervise.h"

int main(int argc, char **argv)
{
	struct options opt;
	struct outcome outcome;
	int dir;

	fill_streams();
	end_with_parent();
	options_parse(&opt, argc, argv);
	dir = open_folder(opt.out);
	watch(&outcome, &opt, dir);
	if (!outcome_write(&outcome, &opt))
		return STATUS_USAGE;
	if (outcome.signal)
		return 128 + outcome.signal;
	/* The guest never ran an instruction, so the host is at fault. */
	if (!outcome.started && outcome.end == END_VMM_DIED)
		die("%s", outcome.detail);
	return 0;
}
