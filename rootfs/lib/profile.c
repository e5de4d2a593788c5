// SPDX-License-Identifier: GPL-2.0
// Marks the measured part, and names what a profiler cannot know.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mark.h"
#include "profile.h"
#include "util.h"

bool profile_wanted;

void profile_begin(void)
{
	if (profile_wanted)
		mark_begin();
}

/* A module's symbol has its module behind it, in brackets. */
static void print_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512];

	if (!f)
		FAIL(errno, "/proc/kallsyms");
	while (fgets(line, sizeof(line), f)) {
		if (strchr(line, '['))
			printf("symbol %s", line);
	}
	fclose(f);
}

void profile_end(const char *what, long long requests)
{
	if (!profile_wanted)
		return;
	mark_end();
	printf("window %lld %s\n", requests, what);
	print_symbols();
	fflush(stdout);
}
