// SPDX-License-Identifier: GPL-2.0
// media-identity: can two files behind one device be told apart?
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/loop.h>

#include "fs.h"
#include "io.h"
#include "progress.h"
#include "scenario.h"
#include "uevent.h"

#define SIZE (1 << 20)
#define GONE_TURNS 1500

static char node[PATH_LEN], first[PATH_LEN], second[PATH_LEN];
static int number = -1, uevents = -1;

/* The kernel's events of the device since the last look. */
struct told {
	int changes, media_changes;
	long long diskseq; /* of the last one */
};

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void sys_file(char *path, const char *name)
{
	text_set(path, PATH_LEN, "/sys/block/%s/%s", name_of(node), name);
}

static long long diskseq(void)
{
	char path[PATH_LEN], text[64];

	sys_file(path, "diskseq");
	CHECK(file_read(path, text, sizeof(text)));
	return atoll(text);
}

static struct told look(void)
{
	struct told told = { .diskseq = -1 };
	struct uevent e;

	while (uevent_next(uevents, &e)) {
		if (strcmp(e.name, name_of(node)) || strcmp(e.action, "change"))
			continue;
		told.changes++;
		told.media_changes += e.media_change;
		told.diskseq = e.diskseq;
	}
	return told;
}

static void make_file(char *path, const char *name, char content)
{
	char *buf = zalloc(SIZE);
	int fd;

	in_folder(path, name);
	fs_make_file(path, SIZE);
	memset(buf, content, SIZE);
	fd = CHECK(open(path, O_WRONLY));
	CHECK(write(fd, buf, SIZE));
	CHECK(close(fd));
	free(buf);
}

static void setup(void)
{
	make_file(first, "first", '1');
	make_file(second, "second", '2');
	number = CHECK(driver_reserve(driver(), node));
	uevents = uevent_open();
}

static int open_file(const char *path)
{
	return CHECK(open(path, O_RDONLY | O_CLOEXEC));
}

/*
 * Returns the fault in a step of the device's life, or NULL. The event of
 * another medium comes before the number grows, and it is the last of a device
 * that is unbound; else the last event has the new number.
 */
static const char *step(const char *what, long long *last, bool unbound)
{
	struct told told = look();
	long long now = diskseq();
	const char *wrong = NULL;
	char name[64];

	text_set(name, sizeof(name), "diskseq_%s", what);
	evidence(name, now, "number");
	text_set(name, sizeof(name), "changes_%s", what);
	evidence(name, told.changes, "events");
	text_set(name, sizeof(name), "media_changes_%s", what);
	evidence(name, told.media_changes, "events");
	if (now <= *last)
		wrong = "its sequence number stayed";
	else if (!told.changes)
		wrong = "no event told of it";
	else if (!unbound && told.diskseq != now)
		wrong = "the event told another sequence number";
	else if (unbound && !told.media_changes)
		wrong = "no event told of another medium";
	*last = now;
	return wrong;
}

static const char *in_events_file(void)
{
	char path[PATH_LEN], text[64];
	bool there;

	sys_file(path, "events");
	CHECK(file_read(path, text, sizeof(text)));
	there = strstr(text, "media_change");
	evidence("announced", there, "files");
	return there ? NULL : "it does not announce that it may change";
}

/* Two files, and a third by LOOP_CHANGE_FD. */
static void run_numbers(void)
{
	long long last = diskseq();
	const char *wrong[5];
	int fd, file;
	size_t i;

	wrong[0] = in_events_file();
	look();
	CHECK(driver_bind(node, first, 0));
	wrong[1] = step("bound", &last, false);
	CHECK(driver_unbind(node));
	wrong[2] = step("unbound", &last, true);
	fd = CHECK(open(node, O_RDONLY | O_CLOEXEC));
	file = open_file(first);
	CHECK(ioctl(fd, LOOP_SET_FD, file));
	CHECK(close(file));
	wrong[3] = step("bound_again", &last, false);
	file = open_file(second);
	CHECK(ioctl(fd, LOOP_CHANGE_FD, file));
	CHECK(close(file));
	wrong[4] = step("changed", &last, false);
	CHECK(close(fd));
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		if (wrong[i])
			failed("another file behind the device: %s", wrong[i]);
	held();
}

static bool is_unbound(void *unused)
{
	(void)unused;
	return !driver_bound(node);
}

/* A mapping of the first file must not be there when the second is bound. */
static void run_mapping(void)
{
	int fd, file, late, err = 0;
	volatile char *map;
	bool mixed;

	CHECK(driver_bind(node, first, 0));
	fd = CHECK(open(node, O_RDWR | O_CLOEXEC));
	map = mmap(NULL, BLOCK, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED || map[0] != '1')
		FAIL(errno, "a mapping of the device");
	CHECK(ioctl(fd, LOOP_CLR_FD));
	late = open(node, O_RDONLY | O_CLOEXEC);
	evidence("opened_after_clear", late >= 0, "calls");
	file = open_file(second);
	if (ioctl(fd, LOOP_SET_FD, file) < 0)
		err = errno;
	mixed = !err && map[0] == '1';
	evidence("errno_of_the_second", err, "errno");
	evidence("mapped", map[0], "character");
	CHECK(close(file));
	if (late >= 0)
		CHECK(close(late));
	CHECK(munmap((void *)map, BLOCK));
	CHECK(close(fd));
	if (mixed)
		failed("the second file was bound under a mapping of the "
		       "first");
	if (!progress_until(is_unbound, NULL, GONE_TURNS, "the device"))
		failed("it stays bound after the last close");
	held();
}

static void run(void)
{
	if (cell_is("by", "mapping"))
		run_mapping();
	else
		run_numbers();
}

static void cleanup(void)
{
	if (uevents >= 0)
		CHECK(close(uevents));
	if (number >= 0)
		CHECK(driver_remove(driver(), number));
	unlink(first);
	unlink(second);
}

SCENARIO(media_identity,
	 .claim = "two files that are bound to one loop device after another "
		  "can be told apart",
	 .needs = NEEDS("driver"), .cells = CELLS("by=number", "by=mapping"),
	 .controls = CONTROLS({ "cgloop-inject", EXPECT_FALSE,
				"same-medium,unbind-at-once" },
			      { "cgloop-single", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
