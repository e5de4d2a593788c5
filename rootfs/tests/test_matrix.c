// SPDX-License-Identifier: GPL-2.0
// Heads of matrices, good and bad, and the jobs of their cells.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"
#include "util.h"

/* A matrix lives as long as the program that reads it. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

#define HEAD                      \
	"#: about one and two\n"  \
	"#: metric ns_per_io\n"   \
	"#: drivers none loop\n"  \
	"#: size 32m\n"           \
	"#: ios 4096\n"           \
	"#: axis rw read write\n" \
	"#: axis depth 1 16\n"    \
	"#: smoke ios 256\n"
#define JOB "[a]\nrw=${rw}\niodepth=${depth}\n"

static const struct given given = {
	.target = "/dev/loop0",
	.group = "cost.7",
	.direct = true,
	.ios = 1000,
};

static void good(struct matrix *m, const char *text, bool smoke)
{
	char error[PATH_LEN] = "";

	if (!matrix_parse(m, "m", text, smoke, error))
		fail_msg("%s", error);
}

static int cells_of(const struct matrix *m)
{
	int n = 0;

	while (m->cells[n])
		n++;
	return n;
}

static void all_combinations(void **state)
{
	struct matrix m;

	(void)state;
	good(&m, HEAD JOB, false);
	assert_string_equal(m.about, "one and two");
	assert_int_equal(m.size, 32 << 20);
	assert_int_equal(m.ios, 4096);
	assert_int_equal(cells_of(&m), 4);
	assert_string_equal(m.cells[0], "rw=read depth=1");
	assert_string_equal(m.cells[3], "rw=write depth=16");
	assert_true(matrix_has_clock(&m, "virtual"));
	assert_true(matrix_has_clock(&m, "wall"));
}

static void some_are_left_out(void **state)
{
	struct matrix m;

	(void)state;
	good(&m, HEAD "#: without rw=read depth=16\n" JOB, false);
	assert_int_equal(cells_of(&m), 3);
	assert_string_equal(m.cells[1], "rw=write depth=1");
}

static void smoke_is_a_part(void **state)
{
	struct matrix m;

	(void)state;
	good(&m, HEAD "#: smoke rw write\n#: smoke drivers loop\n" JOB, true);
	assert_true(matrix_in_smoke(&m));
	assert_int_equal(m.ios, 256);
	assert_int_equal(cells_of(&m), 2);
	assert_string_equal(m.cells[0], "rw=write depth=1");
	assert_int_equal(m.head[HEAD_DRIVERS].of[0].count, 1);
	assert_string_equal(m.head[HEAD_DRIVERS].of[0].word[0], "loop");
	good(&m, HEAD "#: smoke rw write\n" JOB, false);
	assert_int_equal(cells_of(&m), 4);
	assert_int_equal(m.ios, 4096);
}

static void job_is(const char *text, const char *cell, const char *want)
{
	struct matrix m;
	char *job;

	good(&m, text, false);
	job = matrix_job(&m, cell, &given);
	assert_string_equal(job, want);
	free(job);
}

static void names_are_replaced(void **state)
{
	(void)state;
	job_is(HEAD "[global]\nfilename=${target}\n# a comment ${nothing}\n"
		    "direct=${direct}\nsize=${size}\nnumber_ios=${ios}\n"
		    "cgroup=${group}/b\nexec_prerun=echo $X\n" JOB,
	       "rw=write depth=16",
	       "[global]\nfilename=/dev/loop0\ndirect=1\nsize=33554432\n"
	       "number_ios=1000\ncgroup=cost.7/b\nexec_prerun=echo $X\n"
	       "[a]\nrw=write\niodepth=16\n");
}

/* Two of the four turns, each with its share of the I/Os. */
static void sections_are_repeated(void **state)
{
	(void)state;
	job_is(HEAD
	       "#: each g n\n#: axis n 1 2\n[global]\nrw=${rw}\n"
	       "iodepth=${depth}\n[w${g}]\nname=${turn}\nnumber_ios=${ios}\n"
	       "[z]\nnumber_ios=${ios}\n",
	       "rw=read depth=1 n=2",
	       "[global]\nrw=read\niodepth=1\n"
	       "[w0]\nname=1000\nnumber_ios=500\n"
	       "[w1]\nname=1000\nnumber_ios=500\n[z]\nnumber_ios=1000\n");
}

/* The I/Os stay the job's own; a turn has its share. */
static void one_job_takes_turns(void **state)
{
	(void)state;
	job_is(HEAD "#: turns n\n#: axis n 1 4\n[global]\nrw=${rw}\n"
		    "iodepth=${depth}\n[w]\nnumber_ios=${ios}\n"
		    "thinktime_blocks=${turn}\n",
	       "rw=read depth=1 n=4",
	       "[global]\nrw=read\niodepth=1\n[w]\nnumber_ios=1000\n"
	       "thinktime_blocks=250\n");
}

static void sections_of_some_cells(void **state)
{
	static const char text[] =
		HEAD "#: only b rw=write\n" JOB "[b]\nname=b\n[bb]\nname=bb\n";

	(void)state;
	job_is(text, "rw=write depth=1",
	       "[a]\nrw=write\niodepth=1\n[b]\nname=b\n[bb]\nname=bb\n");
	job_is(text, "rw=read depth=1",
	       "[a]\nrw=read\niodepth=1\n[bb]\nname=bb\n");
}

/* An error names the line, the bad value, and what is allowed. */
static void bad_ones_are_named(void **state)
{
	static const struct {
		const char *text, *line, *why;
	} cases[] = {
		{ HEAD "[a]\nrw=${rv}\niodepth=${depth}\n", ":10:",
		  "${rv} is not declared; there are: rw depth target group "
		  "direct size ios turn" },
		{ HEAD "[a]\nrw=${rw\niodepth=${depth}\n",
		  ":10:", "${rw has no closing }" },
		{ HEAD "[a]\nrw=${rw}\n", ":7:", "axis depth is not used" },
		{ HEAD "#: axsi a 1\n" JOB,
		  ":9:", "'axsi' is no key of a head; there are: about" },
		{ HEAD "#:\n" JOB, ":9:", "'' is no key" },
		{ HEAD "#: axis rw a\n" JOB, ":9:", "declared twice" },
		{ HEAD "#: axis rw\n" JOB, ":9:", "NAME VALUE..." },
		{ HEAD "#: axis R 1\n" JOB, ":9:", "a-z, 0-9 and _" },
		{ HEAD "#: axis a b/c\n" JOB, ":9:", "'b/c'" },
		{ HEAD "#: axis target a\n" JOB,
		  ":9:", "target is the runner's own" },
		{ HEAD "#: axis backing nfs\n" JOB,
		  ":9:", "'nfs': allowed is tmpfs ext4 disk" },
		{ HEAD "#: without rw=trim\n" JOB, ":9:", "'rw=trim'" },
		{ HEAD "#: without rw\n" JOB, ":9:", "'rw'" },
		{ HEAD "#: only a bs=4k\n" JOB, ":9:", "'bs=4k'" },
		{ HEAD "#: only c rw=read\n" JOB, ":9:", "no section [c]" },
		{ HEAD "#: each g n\n" JOB, ":9:", "no axis n" },
		{ HEAD "#: each g rw\n" JOB, ":9:", "no number" },
		{ HEAD "#: turns depth\n" JOB, ":9:", "no line thinktime" },
		{ HEAD "#: turns n\n" JOB "thinktime_blocks=${turn}\n",
		  ":9:", "no axis n" },
		{ HEAD "#: smoke bs 4k\n" JOB, ":9:", "'bs'" },
		{ HEAD "#: smoke rw trim\n" JOB, ":9:", "has no 'trim'" },
		{ HEAD "#: smoke ios none\n" JOB, ":9:", "'ios'" },
		{ HEAD "#: clock sun\n" JOB, ":9:", "virtual or wall" },
		{ HEAD "#: size 1m\n" JOB, ":9:", "size: allowed is 1 such" },
		{ HEAD "#: metric latency\n" JOB,
		  ":9:", "metric: allowed is 1 such" },
		{ HEAD "#: without rw=read\n#: without rw=write\n" JOB,
		  ":0:", "no cell" },
		{ JOB, ":0:", "no line #: about" },
	};
	char error[PATH_LEN];
	struct matrix m;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (matrix_parse(&m, "m", cases[i].text, false, error))
			fail_msg("taken: %s", cases[i].why);
		if (strncmp(error, "matrices/m.fio", 14) ||
		    !strstr(error, cases[i].line) ||
		    !strstr(error, cases[i].why))
			fail_msg("%s: %s", cases[i].why, error);
	}
}

/* The same, with a line of the head in place of the good one. */
static void bad_values_are_named(void **state)
{
	static const struct {
		const char *old, *new, *why;
	} cases[] = {
		{ "32m", "32q", "size: allowed is 1m to 512m" },
		{ "32m", "1g", "size: allowed is 1m to 512m" },
		{ "ios 4096", "ios 3", "from 4 on" },
		{ "ios 4096", "ios -8", "from 4 on" },
		{ "none loop", "none nbd", "there is no 'nbd'" },
		{ "ns_per_io", "latency", "latency SECTION" },
		{ "ns_per_io", "ns_per_io a", "latency SECTION" },
		{ "ns_per_io", "latency z", "no section [z]" },
	};
	static const char text[] = HEAD JOB;
	char changed[1024], error[PATH_LEN];
	struct matrix m;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *at = strstr(text, cases[i].old);

		snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text),
			 text, cases[i].new, at + strlen(cases[i].old));
		if (matrix_parse(&m, "m", changed, false, error))
			fail_msg("taken: %s", cases[i].new);
		if (!strstr(error, cases[i].why))
			fail_msg("%s: %s", cases[i].why, error);
	}
}

static void value_of_a_cell(void **state)
{
	char value[PATH_LEN];

	(void)state;
	assert_true(matrix_value("a=1 ab=2", "ab", value));
	assert_string_equal(value, "2");
	assert_true(matrix_value("a=1 ab=2", "a", value));
	assert_string_equal(value, "1");
	assert_false(matrix_value("a=1 ab=2", "b", value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_combinations),
		cmocka_unit_test(some_are_left_out),
		cmocka_unit_test(smoke_is_a_part),
		cmocka_unit_test(names_are_replaced),
		cmocka_unit_test(sections_are_repeated),
		cmocka_unit_test(one_job_takes_turns),
		cmocka_unit_test(sections_of_some_cells),
		cmocka_unit_test(bad_ones_are_named),
		cmocka_unit_test(bad_values_are_named),
		cmocka_unit_test(value_of_a_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
