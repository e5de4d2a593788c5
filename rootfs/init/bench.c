// SPDX-License-Identifier: GPL-2.0
/*
 * A cell of a matrix: fio's job on a backing of its own, through the entry's
 * driver.
 *
 * The job runs twice, the second time with four times as many I/Os, and both
 * times and outputs go on record.  Their difference is the cost of the I/Os
 * alone:
 *	cost per I/O = (t_long - t_short) / (n_long - n_short)
 * fio's own numbers do not show that.  Its run time is in whole milliseconds.
 * Its latencies are those of one I/O among others in flight, and leave out the
 * work after the completion.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/falloc.h>
#include <linux/loop.h>

#include "backing.h"
#include "bench.h"
#include "disk.h"
#include "fs.h"
#include "mover.h"
#include "own_disk.h"
#include "profile.h"
#include "record.h"
#include "target.h"

#define TIMEOUT_S 900
#define SCATTERED (16 * MIB)
/* Of fio's output, in bytes; a larger one is an error. */
#define OUTPUT_MAX 1048576
/* Jobs of one run. */
#define SPANS_MAX 1100
#define SHARE 4 /* of the I/Os, for the shorter run */

/* Filled by the linker: a name and a text each, with a zero behind each. */
extern const char __start_matrices[], __stop_matrices[];

static struct backing backing;
static struct target target = TARGET_NONE;
static char group[PATH_LEN];
/* The file, or the disk itself. */
static const char *below;

static const struct matrix *matrix(void)
{
	return playing()->scenario->matrix;
}

/* The cell's value on an axis that it need not have. */
static bool value_is(const char *axis, const char *value)
{
	char buf[PATH_LEN];

	return matrix_value(playing()->cell, axis, buf) && !strcmp(buf, value);
}

/*
 * Writes all of the backing, so that no I/O of the job allocates anything.  The
 * job's own group does it: an inode that another group has dirtied would switch
 * to this one some time, and writeback would cost more from then on.
 */
static void fill_backing(void *unused)
{
	(void)unused;
	fs_fill(below, (matrix()->size + MIB - 1) / MIB * MIB);
}

static void drop_caches(void)
{
	sync();
	file_put("/proc/sys/vm/drop_caches", "3");
}

/* Makes the backing a hole again, or has all of it in its page cache. */
static void prepare_backing(void)
{
	bool hole = value_is("written", "no");
	int fd = CHECK(open(below, O_RDWR));

	if (hole)
		CHECK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				0, matrix()->size));
	drop_caches();
	if (value_is("written", "cached"))
		io_range(fd, false, MIB, 0, matrix()->size / MIB * MIB);
	CHECK(close(fd));
}

/* The disk of the cells backing=disk: the operator's, if one was named. */
static const char *whole_disk(void)
{
	const char *node = own_disk();

	return node ? node : RAM_DISK;
}

/* Makes a group, with its io.max of the disk. */
static void make_cgroup(const struct head_line *line)
{
	char name[PATH_LEN], limit[PATH_LEN];
	int i;

	make_group(name, line->word[0], "");
	if (line->count == 1)
		return;
	disk_number(limit, value_is("backing", "disk") ? below : RAM_DISK);
	for (i = 1; i < line->count; i++)
		text_set(limit + strlen(limit), sizeof(limit) - strlen(limit),
			 " %s", line->word[i]);
	CHECK(cgroup_write(name, "io.max", limit));
}

/* Makes as many groups as the cell's value on an axis, named by numbers. */
static void make_numbered_groups(const char *axis)
{
	char count[PATH_LEN], name[PATH_LEN];
	int i;

	if (!matrix_value(playing()->cell, axis, count))
		return;
	for (i = 0; i < atoi(count); i++) {
		snprintf(name, sizeof(name), "%d", i);
		make_cgroup(&(struct head_line){ { name }, 1, 0 });
	}
}

/* Makes one group per turn, and those that the head declares. */
static void make_groups(void)
{
	const struct matrix *m = matrix();
	int i;

	for (i = 0; i < m->head[HEAD_CGROUP].count; i++)
		make_cgroup(&m->head[HEAD_CGROUP].of[i]);
	for (i = 0; i < m->head[HEAD_EACH].count; i++)
		make_numbered_groups(m->head[HEAD_EACH].of[i].word[1]);
	if (m->head[HEAD_TURNS].count)
		make_numbered_groups(m->head[HEAD_TURNS].of[0].word[0]);
}

static void setup(void)
{
	bool ext4 = value_is("backing", "ext4");

	in_group(group, "main");
	if (value_is("backing", "disk")) {
		below = whole_disk();
	} else {
		backing_make(&backing, ext4 ? BACKING_EXT4 : BACKING_TMPFS,
			     matrix()->size);
		below = backing.file;
	}
	if (!value_is("written", "no") &&
	    process_run(group, fill_backing, NULL, TIMEOUT_S * 1000))
		FAIL(0, "%s cannot be filled", below);
	target_make(&target, below,
		    value_is("io", "direct") ? LO_FLAGS_DIRECT_IO : 0);
	make_groups();
}

static void write_job(long long ios)
{
	char path[PATH_LEN], name[PATH_LEN], above[PATH_LEN], *job;
	struct given given = {
		.target = target.path,
		.group = above,
		.direct = driver()->module || value_is("io", "direct"),
		.ios = ios,
	};

	entry_group(playing(), name);
	text_set(above, sizeof(above), CGROUP_ROOT "/%s", name);
	job = matrix_job(matrix(), playing()->cell, &given);
	in_folder(path, "job.fio");
	CHECK(close(CHECK(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600))));
	CHECK(file_write(path, job));
	free(job);
}

/* fio's errors may stand in fio.err or in fio.json. */
static void exec_fio(void *unused)
{
	char folder[PATH_LEN];
	int fd;

	(void)unused;
	in_folder(folder, "");
	CHECK(chdir(folder));
	fd = CHECK(open("fio.err", O_WRONLY | O_CREAT | O_TRUNC, 0600));
	CHECK(dup2(fd, STDERR_FILENO));
	CHECK(dup2(fd, STDOUT_FILENO));
	CHECK(execl("/bin/fio", "fio", "--output-format=json",
		    "--output=fio.json", "--eta=never", "job.fio", NULL));
}

/* Calls each() for the scenario's files that match; returns their number. */
static int each_file(const char *pattern, void (*each)(const char *path))
{
	char path[PATH_LEN];
	glob_t found;
	size_t i;

	in_folder(path, pattern);
	if (glob(path, 0, NULL, &found))
		return 0;
	for (i = 0; i < found.gl_pathc; i++)
		each(found.gl_pathv[i]);
	globfree(&found);
	return i;
}

static void remove_file(const char *path)
{
	unlink(path);
}

/* From when to when a job did its I/O, in microseconds. */
static struct span {
	long long begin, end;
} spans[SPANS_MAX];
static int span_count;

static long long stamp(const char *path)
{
	long long s, us;
	char text[64], rest;

	CHECK(file_read(path, text, sizeof(text)));
	if (sscanf(text, "%lld.%6lld%c", &s, &us, &rest) != 3 || rest != '\n')
		FAIL(0, "%s: '%s' is no time", path, text);
	return s * 1000000 + us;
}

static void take_span(const char *path)
{
	char end[PATH_LEN];

	if (span_count == SPANS_MAX)
		FAIL(0, "more than %d jobs", SPANS_MAX);
	text_set(end, sizeof(end), "%.*s.postrun.txt",
		 (int)(strlen(path) - strlen(".prerun.txt")), path);
	spans[span_count].begin = stamp(path);
	spans[span_count++].end = stamp(end);
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->begin > y->begin) - (x->begin < y->begin);
}

/* The time during which at least one job did its I/O. */
static long long time_of_jobs(void)
{
	long long us = 0, until = 0, from;
	int i;

	qsort(spans, span_count, sizeof(*spans), compare_spans);
	for (i = 0; i < span_count; i++) {
		from = spans[i].begin > until ? spans[i].begin : until;
		if (spans[i].end > from) {
			us += spans[i].end - from;
			until = spans[i].end;
		}
	}
	return us;
}

/* The first line of one of fio's files. */
static void put_why(const char *name, char *why, size_t size)
{
	char path[PATH_LEN];

	in_folder(path, name);
	if (file_read(path, why, size) < 0)
		*why = '\0';
	why[strcspn(why, "\n")] = '\0';
}

static __noreturn void fio_failed(int status)
{
	char why[320];

	put_why("fio.err", why, sizeof(why));
	if (!*why)
		put_why("fio.json", why, sizeof(why));
	if (WIFSIGNALED(status))
		FAIL(0, "fio ended by signal %d: %s", WTERMSIG(status), why);
	FAIL(0, "fio ended with status %d: %s", WEXITSTATUS(status), why);
}

/* Sends the JSON without indentation: it is half as long. */
static void send_output(const char *run)
{
	char path[PATH_LEN], *text = zalloc(OUTPUT_MAX), *from, *to;
	ssize_t len;

	in_folder(path, "fio.json");
	len = CHECK(file_read(path, text, OUTPUT_MAX));
	if (len == OUTPUT_MAX - 1)
		FAIL(0, "fio's output is larger than %d bytes", OUTPUT_MAX);
	from = *text == '{' ? text : strstr(text, "\n{");
	if (!from)
		FAIL(0, "fio's output is no JSON: %.200s", text);
	for (to = text; *from; from++) {
		if (*from == '\n')
			from += strspn(from, "\n ") - 1;
		else
			*to++ = *from;
	}
	*to = '\0';
	output(run, text);
	free(text);
}

/*
 * Frees every other page of a large area.  The number of segments of a 64 KiB
 * I/O depends on how many pages of fio's buffers are adjacent, and so on what
 * ran before.  Now no free page has a free neighbour, so an I/O always has as
 * many segments as possible, as on a machine that has been up for long.
 */
static void *scatter_free_pages(void)
{
	char *pages = mmap(NULL, SCATTERED, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	long page = sysconf(_SC_PAGESIZE), at;

	if (pages == MAP_FAILED)
		FAIL(errno, "mmap");
	for (at = 0; at < SCATTERED; at += 2 * page)
		CHECK(madvise(pages + at, page, MADV_DONTNEED));
	return pages;
}

static void run_job(const char *run, long long ios)
{
	void *scattered;
	int status, turns = matrix_turns(matrix(), playing()->cell);
	char name[PATH_LEN];
	pid_t mover = 0;

	prepare_backing();
	scattered = scatter_free_pages();
	write_job(ios);
	span_count = 0;
	profile_begin();
	if (turns > 1)
		mover = mover_start(group, turns);
	status = process_run(group, exec_fio, NULL, TIMEOUT_S * 1000);
	text_set(name, sizeof(name), "%s %s",
		 scenario_name(playing()->scenario), playing()->cell);
	profile_end(name, driver()->name, ios);
	CHECK(munmap(scattered, SCATTERED));
	if (status)
		fio_failed(status);
	if (mover)
		mover_end(mover);
	each_file("*.prerun.txt", take_span);
	send_output(run);
	text_set(name, sizeof(name), "%s_run", run);
	evidence(name, time_of_jobs(), "us");
	each_file("*.txt", remove_file);
}

static void run(void)
{
	run_job("short", matrix()->ios / SHARE);
	run_job("long", matrix()->ios);
	profile_symbols();
	held();
}

static void cleanup(void)
{
	target_remove(&target);
	each_file("*.*", remove_file);
	backing_remove(&backing);
	if (value_is("backing", "disk"))
		own_disk_release();
}

static const char *nth_string(int n)
{
	const char *at = __start_matrices;

	for (; n && at != __stop_matrices; n--)
		at += strlen(at) + 1;
	return at != __stop_matrices ? at : NULL;
}

const char *bench_name(int number)
{
	return nth_string(2 * number);
}

const char *bench_text(int number)
{
	return nth_string(2 * number + 1);
}

struct scenario *bench_scenario(const struct matrix *m)
{
	static const struct control no_controls[] = { { 0 } };
	static const char *const needs[] = {
		"cgroup:memory",
		"cgroup:io",
		"driver",
		"/bin/fio",
		NEEDS_IF_BACKING_EXT4,
		"backing=disk " NEEDS_RAM_DISK,
		NULL,
	};
	struct scenario *s = zalloc(sizeof(*s));

	*s = (struct scenario){
		.id = m->name,
		.claim = m->about,
		.needs = needs,
		.cells = m->cells,
		.controls = no_controls,
		.timeout_s = TIMEOUT_S,
		.setup = setup,
		.run = run,
		.cleanup = cleanup,
		.matrix = m,
	};
	return s;
}
