// SPDX-License-Identifier: GPL-2.0
/* boot.json: how the boot ended. It is the last file to be written. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "supervise.h"

/* Removes what an older boot left, so that it is never read as this one's. */
int outcome_forget(int dir)
{
	static const char *const names[] = { BOOT_INFO, "." BOOT_INFO ".tmp",
					     "qemu.log" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (unlinkat(dir, names[i], 0) && errno != ENOENT)
			return errno;
	return 0;
}

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
	struct error err;

	if (!boot_info_write(&info, opt->out, &err))
		return true;
	fprintf(stderr, "supervise: %s\n", err.text);
	return false;
}
