// SPDX-License-Identifier: GPL-2.0
/* boot.json: how the boot ended. It is the last file to be written. */
#include "supervise.h"

/* False, with a line on stderr, when the host cannot store it. */
bool outcome_write(const struct outcome *o, const struct options *opt)
{
	const struct boot_info info = {
		.end = o->end,
		.detail = o->detail,
		.words = opt->append ? opt->append : "",
		.accel = opt->accel,
		.qemu = o->version,
		.mem = opt->mem,
		.clock = opt->virtual ? "virtual" : "wall",
		.smp = opt->smp,
		.wall_ms = o->wall_ms,
		.first_record_ms = o->first_record_ms,
		.truncated = o->truncated,
	};

	return write_outcome(&info, opt->out);
}
