// SPDX-License-Identifier: GPL-2.0
/* attend: watches one boot of a real machine and writes down how it ended. */
#include "attend.h"

int main(int argc, char **argv)
{
	struct boot_info info;
	struct options opt;
	struct outcome o;
	int dir;

	fill_streams();
	end_with_parent();
	options_parse(&opt, argc, argv);
	dir = open_folder(opt.out);
	watch(&o, &opt, dir);
	info = (struct boot_info){
		.end = o.end,
		.detail = o.detail,
		.words = o.words,
		.accel = "none",
		.clock = "wall",
		.wall_ms = o.wall_ms,
		.first_record_ms = o.first_record_ms,
		.truncated = o.truncated,
	};
	if (!write_outcome(&info, opt.out))
		return STATUS_USAGE;
	return o.signal ? 128 + o.signal : 0;
}
