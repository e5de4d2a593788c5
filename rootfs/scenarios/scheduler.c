// SPDX-License-Identifier: GPL-2.0
// scheduler: can a scheduler be chosen for a loop device?
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"
#include "dm.h"
#include "scenario.h"
#include "target.h"

static struct target target = TARGET_NONE;
static char disk[PATH_LEN], file[PATH_LEN];

/* A bio-based disk has no queue of requests, so nothing to put in order. */
static void setup(void)
{
	if (variant_is("bio-based"))
		dm_make_disk(disk);
	else
		text_set(disk, sizeof(disk), "%s", SLOW_DISK);
	target_make(&target, disk, 0);
	disk_file(file, target.path, "queue/scheduler");
}

/* The file lists them all, with the one in use in brackets. */
static bool find_idle(char name[32])
{
	char text[256] = "", *word, *rest = text;

	file_read(file, text, sizeof(text));
	while ((word = strsep(&rest, " \n"))) {
		if (!*word || *word == '[')
			continue;
		text_set(name, 32, "%s", word);
		return true;
	}
	return false;
}

static bool is_in_use(const char *name)
{
	char text[256] = "", word[40];

	text_set(word, sizeof(word), "[%s]", name);
	file_read(file, text, sizeof(text));
	return strstr(text, word);
}

static void run(void)
{
	char name[32] = "mq-deadline";
	bool offered = find_idle(name);
	bool taken = !file_write(file, name);
	bool in_use = is_in_use(name);

	evidence("file", !access(file, F_OK), "files");
	evidence("offered", offered, "schedulers");
	evidence("write_succeeded", taken, "writes");
	evidence("in_use", in_use, "schedulers");
	if (access(file, F_OK) < 0)
		failed("there is no file queue/scheduler");
	if (!in_use)
		failed("%s was written to queue/scheduler, and is not in use",
		       name);
	held();
}

static void cleanup(void)
{
	if (*file && !driver()->module)
		file_write(file, "none");
	target_remove(&target);
	if (variant_is("bio-based"))
		dm_remove_disk();
}

SCENARIO(scheduler,
	 .claim = "a scheduler can be chosen for a loop device, as for a disk",
	 .needs = NEEDS("driver", NEEDS_SLOW_DISK, NEEDS_RAM_DISK,
			"load:dm_mod"),
	 .controls = CONTROLS({ "none", EXPECT_FALSE, "bio-based" },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
