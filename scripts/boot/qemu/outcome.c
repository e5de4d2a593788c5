// SPDX-License-Identifier: GPL-2.0
/* boot.json: how the boot ended. There, it is whole: it is written last. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "supervise.h"

#define NAME "boot.json"
#define PARTIAL "boot.json.part"

static const char *const end_names[] = {
	[END_NONE] = "vmm-died",     [END_POWEROFF] = "poweroff",
	[END_RESET] = "reset",	     [END_PANIC] = "panic",
	[END_HANG] = "hang",	     [END_DEADLINE] = "deadline",
	[END_VMM_DIED] = "vmm-died", [END_INTERRUPTED] = "interrupted",
};

/* An older boot's answer must not be taken for this one's. 0 or an errno. */
int outcome_forget(int dir)
{
	static const char *const names[] = { NAME, PARTIAL, "qemu.log" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (unlinkat(dir, names[i], 0) && errno != ENOENT)
			return errno;
	return 0;
}

static json_t *build(const struct outcome *o, const struct options *opt)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:i,s:s,s:s,s:b}", "end",
			 end_names[o->end], "detail", o->detail, "words",
			 opt->append ? opt->append : "", "accel", opt->accel,
			 "qemu", o->version, "wall_ms", (json_int_t)o->wall_ms,
			 "first_record_ms", (json_int_t)o->first_record_ms,
			 "smp", (int)opt->smp, "mem", opt->mem, "clock",
			 opt->virtual ? "virtual" : "wall", "truncated",
			 (int)o->truncated);
}

static bool dump(const json_t *root, int dir)
{
	int fd = openat(dir, PARTIAL, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			0666);
	bool ok;

	if (fd < 0)
		return false;
	ok = !json_dumpfd(root, fd, JSON_COMPACT) && write(fd, "\n", 1) == 1;
	return !close(fd) && ok;
}

/* False, with a line on stderr, when the host cannot store it. */
bool outcome_write(const struct outcome *o, const struct options *opt, int dir)
{
	json_t *root = build(o, opt);
	bool ok = root && dump(root, dir) && !renameat(dir, PARTIAL, dir, NAME);

	if (!ok) {
		fprintf(stderr, "supervise: %s: %s\n", NAME, strerror(errno));
		unlinkat(dir, PARTIAL, 0);
	}
	json_decref(root);
	return ok;
}
