// SPDX-License-Identifier: GPL-2.0
// A boot on a real machine: medium, watchdog, last words.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lastwords.h"
#include "medium.h"
#include "record.h"
#include "resume.h"
#include "rig.h"
#include "system.h"
#include "watchdog.h"

static int kmsg = -1;

/* Copies what the kernel has logged meanwhile, without its line headers. */
static void copy_log(void)
{
	char record[8192], *text;
	ssize_t n;

	while ((n = read(kmsg, record, sizeof(record) - 1)) > 0 ||
	       (n < 0 && errno == EPIPE)) {
		if (n < 0)
			continue;
		record[n] = '\0';
		text = strchr(record, ';');
		if (!text++)
			continue;
		text[strcspn(text, "\n") + 1] = '\0';
		medium_console(text, strlen(text));
	}
}

/* With each record: a machine whose runner is alive is fed. */
static bool on_record(const char *line, size_t len)
{
	watchdog_feed();
	if (!medium_is_open())
		return false;
	copy_log();
	return medium_record(line, len);
}

static void mark(const char *what, int run, int boot)
{
	char line[64];

	text_set(line, sizeof(line), "=== %s run %d boot %d\n", what, run,
		 boot);
	medium_console(line, strlen(line));
}

/* Sets which run this is and where it goes on. */
static void find_place(struct rig *rig, struct options *o,
		       const struct plan *plan)
{
	struct resume r;
	const char *records;
	size_t size;

	records = medium_records(&size);
	if (!records)
		FAIL(errno, "RECORDS.LOG cannot be read");
	resume_find(&r, records, size, plan_crc(plan));
	rig->run = r.run;
	rig->boot = r.boot;
	rig->done = r.hopeless || r.first >= plan->count;
	if (r.hopeless)
		printf("# %d boots have begun nothing: the run is given up\n",
		       FRUITLESS_MAX);
	if (r.first == 0 || o->entries)
		return;
	text_set(rig->entries, sizeof(rig->entries), "%d-%d", r.first,
		 plan->count - 1);
	o->entries = rig->entries;
}

static void open_medium(struct rig *rig, struct options *o,
			const struct plan *plan)
{
	char error[PATH_LEN];

	if (!medium_open(o->medium, error)) {
		printf("# nothing is written to a medium: %s\n", error);
		return;
	}
	find_place(rig, o, plan);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	mark("last words before", rig->run, rig->boot);
	if (lastwords_read(medium_console))
		rig->after = "panic";
	mark("console of", rig->run, rig->boot);
}

void rig_start(struct rig *rig, struct options *o, const struct plan *plan)
{
	memset(rig, 0, sizeof(*rig));
	rig->after = "";
	if (o->watchdog && !watchdog_arm(o->watchdog))
		printf("# this machine has no watchdog: a hang will stay\n");
	if (watchdog_has_reset())
		rig->after = "watchdog";
	if (o->medium)
		open_medium(rig, o, plan);
	/*
	 * A supervisor counts them by the words, too.  With kexec nothing boots
	 * this again but its user.
	 */
	if (!rig->run && !o->entries && !o->reboot && watchdog_has_reset()) {
		printf("# the watchdog has reset this machine, and there is "
		       "no medium to count its boots: powering off\n");
		watchdog_disarm();
		system_off();
	}
	fflush(stdout);
	record_hook = on_record;
}

void rig_stop(void)
{
	if (medium_is_open()) {
		copy_log();
		medium_close();
	}
	watchdog_disarm();
}
