// SPDX-License-Identifier: GPL-2.0
// backing-name: does a device name the file that it is bound to, at any time?
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/loop.h>

#include "disk.h"
#include "fs.h"
#include "scenario.h"
#include "target.h"

#define SIZE MIB
#define CHANGES 100
#define READERS 2
#define READER_MS 30000

static struct target target = TARGET_NONE;
static char files[2][PATH_LEN], attribute[PATH_LEN];

/* Shared by all. */
struct shared {
	int stop, reads, wrong;
	char first[PATH_LEN];
};

static struct shared *shared;

/* Which of the two files the device names: 0 or 1; or another one: -1. */
static int named(char *text)
{
	int i;

	CHECK(file_read(attribute, text, PATH_LEN));
	text[strcspn(text, "\n")] = '\0';
	for (i = 0; i < 2; i++)
		if (!strcmp(text, files[i]))
			return i;
	return -1;
}

static void note(const char *text)
{
	if (!shared->wrong++)
		text_set(shared->first, PATH_LEN, "%s", text);
}

static void run_reader(void *unused)
{
	char text[PATH_LEN];

	(void)unused;
	while (!READ_ONCE(shared->stop)) {
		if (named(text) < 0)
			note(text);
		shared->reads++;
	}
}

static void setup(void)
{
	int i, fd;

	shared = shared_memory(sizeof(*shared));
	in_folder(files[0], "first");
	in_folder(files[1], "second");
	for (i = 0; i < 2; i++)
		fs_make_file(files[i], SIZE);
	target.number = CHECK(driver_reserve(driver(), target.path));
	CHECK(driver_bind(target.path, files[0], LO_FLAGS_READ_ONLY));
	disk_file(attribute, target.path, "loop/backing_file");
	fd = CHECK(open(attribute, O_RDONLY));
	CHECK(close(fd));
}

/* No descriptor keeps the old file: the device alone did. */
static void change(int to)
{
	int fd = CHECK(open(target.path, O_RDONLY | O_CLOEXEC));
	int file = CHECK(open(files[to], O_RDONLY | O_CLOEXEC));
	char text[PATH_LEN];

	CHECK(ioctl(fd, LOOP_CHANGE_FD, file));
	CHECK(close(file));
	CHECK(close(fd));
	if (named(text) != to)
		note(text);
}

static void run(void)
{
	pid_t pids[READERS];
	int i;

	for (i = 0; i < READERS; i++)
		pids[i] = process_start(NULL, run_reader, NULL);
	for (i = 0; i < CHANGES; i++)
		change((i + 1) % 2);
	shared->stop = 1;
	for (i = 0; i < READERS; i++)
		process_end(pids[i], READER_MS, "a reader");
	evidence("changes", CHANGES, "calls");
	evidence("names_read", shared->reads, "names");
	evidence("names_wrong", shared->wrong, "names");
	if (!shared->reads)
		FAIL(0, "nobody read a name");
	if (shared->wrong)
		failed("%d names were wrong; the first: %s", shared->wrong,
		       shared->first);
	held();
}

static void cleanup(void)
{
	target_remove(&target);
	unlink(files[0]);
	unlink(files[1]);
}

/*
 * The in-tree driver looks at the file without a reference while another may
 * free it, so it is left out: what it does then is not known beforehand.
 */
SCENARIO(backing_name,
	 .claim = "a loop device names the file that it is bound to, while "
		  "others change that",
	 .drivers = "cgloop", .needs = NEEDS("driver"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE, "stale-name" },
			      { "cgloop-single", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
