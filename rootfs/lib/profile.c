// SPDX-License-Identifier: GPL-2.0
// Marks what is measured and reports what a profiler below cannot know.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mark.h"
#include "profile.h"
#include "report.h"
#include "util.h"

bool profile_wanted;

void profile_begin(void)
{
	if (profile_wanted)
		mark_begin();
}

void profile_end(const char *cell, const char *driver, long long requests)
{
	struct report r = { .kind = REPORT_WINDOW, .value = requests };

	if (!profile_wanted)
		return;
	mark_end();
	text_set(r.name, sizeof(r.name), "%s", cell);
	text_set(r.text, sizeof(r.text), "%s", driver);
	report_send(&r);
}

static void send_part(struct report *r)
{
	report_send(r);
	r->value++;
	*r->text = '\0';
}

void profile_symbols(void)
{
	struct report r = { .kind = REPORT_SYMBOLS };
	char line[sizeof(r.text)];
	size_t used;
	FILE *f;

	if (!profile_wanted)
		return;
	f = fopen("/proc/kallsyms", "re");
	if (!f)
		FAIL(errno, "/proc/kallsyms");
	text_set(r.name, sizeof(r.name), "modules");
	while (fgets(line, sizeof(line), f)) {
		/* The module's name is in brackets behind its symbol. */
		if (!strchr(line, '['))
			continue;
		if (strlen(r.text) + strlen(line) >= sizeof(r.text))
			send_part(&r);
		used = strlen(r.text);
		text_set(r.text + used, sizeof(r.text) - used, "%s", line);
	}
	fclose(f);
	send_part(&r);
}
