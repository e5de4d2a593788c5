// SPDX-License-Identifier: GPL-2.0
/* Profiles: what a plugin could have written, as table, graph and change. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/command.h"

static char dir[] = "/tmp/profile-test-XXXXXX";

static const char map[] = "ffffffff81000000 T start\n"
			  "ffffffff81000100 t submit.part.0\n"
			  "ffffffff81000200 T copy\n"
			  "ffffffff81000280 D data\n"
			  "ffffffff81000300 T asm_sysvec_timer\n";

static const char shorter[] = "{\"t\":\"window\",\"name\":\"cost rw=read <b>\","
			      "\"requests\":100,\"driver\":\"loop\"}";
static const char longer[] = "{\"t\":\"window\",\"name\":\"cost rw=read <b>\","
			     "\"requests\":400,\"driver\":\"loop\"}";
/* Two parts of one list. */
static const char symbols[] =
	"{\"t\":\"symbols\",\"name\":\"modules\",\"part\":0,\"text\":"
	"\"ffffffffa0001000 t queue\\t[loop]\\n\"}";
static const char more_symbols[] =
	"{\"t\":\"symbols\",\"name\":\"modules\",\"part\":1,\"text\":"
	"\"ffffffffa0002000 t other\\t[loop]\\n\"}";

/*
 * submit calls queue, which calls copy, which calls itself and is interrupted;
 * user space.
 */
static const char less[] = "chargeback-profile 1\n"
			   "0 0 0\n"
			   "0 1 1000\n"
			   "0 ffffffff81000110 100\n";
static const char more[] = "chargeback-profile 1\n"
			   "0 0 0\n"
			   "0 1 1600\n"
			   "0 ffffffff81000110 3100\n"
			   "2 ffffffffa0001010 1500\n"
			   "3 ffffffff81000200 6000\n"
			   "4 ffffffff81000214 300\n"
			   "4 ffffffff81000310 60\n"
			   "0 ffffffff91000000 0\n";

/* The records of a boot: at most four of them. */
static void save_records(const char *a, const char *b, const char *c,
			 const char *d)
{
	const char *const all[] = { a, b, c, d };
	struct stream s = { 0 };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all) && all[i]; i++)
		put(&s, "%s", all[i]);
	save("boot/records.raw", s.data ? s.data : "", s.len);
	stream_free(&s);
}

static int enter(void **state)
{
	(void)state;
	work_open(dir);
	assert_int_equal(mkdir("run", 0777), 0);
	assert_int_equal(mkdir("boot", 0777), 0);
	save_text("map", map);
	save_text("boot/console.log", "window 100 cost loop\n");
	save_records(shorter, longer, symbols, more_symbols);
	save_text("raw.1", less);
	save_text("raw.2", more);
	return 0;
}

static int leave(void **state)
{
	static const char *const names[] = {
		"map",
		"raw.1",
		"raw.2",
		"stdout",
		"stderr",
		"base.json",
		"boot/console.log",
		"boot/records.raw",
		"run/profile-loop.txt",
		"run/profile-loop.svg",
		"run/profile-loop.json",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(names[i]);
	return rmdir("run") || rmdir("boot") || chdir("/") || rmdir(dir);
}

static void make(struct command *c)
{
	run_program(c, "profile", "stdout", RLIM_INFINITY,
		    "--raw raw --symbols map --boot boot run");
}

static void refuses(const char *says)
{
	struct command c;

	make(&c);
	assert_int_equal(c.status, 2);
	if (!strstr(c.err, says))
		fail_msg("no '%s' in: %s", says, c.err);
	assert_ptr_equal(strchr(c.err, '\n'), c.err + strlen(c.err) - 1);
}

/* The longer run less the shorter, for each of the 300 requests between. */
static void table(void **state)
{
	struct command c;
	char text[16384];

	(void)state;
	make(&c);
	assert_string_equal(c.err, "");
	assert_int_equal(c.status, 0);
	assert_string_equal(
		c.out,
		"cost rw=read <b> loop: 38.2 instructions a request, of 300\n\n"
		"       own  share  with callees  share  function\n"
		"      21.0  55.0%          21.0  55.0%  copy\n"
		"      10.0  26.2%          36.0  94.2%  submit\n"
		"       5.0  13.1%          26.0  68.1%  queue [loop]\n"
		"       2.0   5.2%           2.0   5.2%  user space\n"
		"       0.2   0.5%           0.2   0.5%  asm_sysvec_timer\n");
	read_back("run/profile-loop.txt", text, sizeof(text));
	assert_string_equal(text, c.out);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void graph(void **state)
{
	struct command c;
	char svg[16384];

	(void)state;
	make(&c);
	read_back("run/profile-loop.svg", svg, sizeof(svg));
	assert_int_equal(strncmp(svg, "<svg ", 5), 0);
	assert_non_null(strstr(svg, "rw=read &lt;b&gt; loop: 38.2 instr"));
	/* The root, four that call each other, an interrupt, user space. */
	assert_int_equal(count(svg, "<title>"), 7);
	assert_non_null(strstr(svg, "<g class=\"driver\"><title>queue [loop]: "
				    "26.0 a request, 68.06 %</title>"));
	assert_non_null(strstr(svg, "x=\"0.00\" y=\"124\" width=\"1200.00\""));
	assert_int_equal(count(svg, "width=\"816.75\""), 1);
	assert_string_equal(svg + strlen(svg) - 7, "</svg>\n");
}

static void comparison(void **state)
{
	struct command c;
	char json[16384];

	(void)state;
	make(&c);
	assert_int_equal(rename("run/profile-loop.json", "base.json"), 0);
	save_text("raw.2", "chargeback-profile 1\n0 0 0\n0 1 1600\n"
			   "0 ffffffff81000110 6100\n2 ffffffffa0001010 1500\n"
			   "3 ffffffff81000210 6000\n");
	make(&c);
	read_back("run/profile-loop.json", json, sizeof(json));
	assert_non_null(strstr(json, "\"requests\": 300"));
	run_program(&c, "profile", "stdout", RLIM_INFINITY,
		    "--compare base.json run/profile-loop.json");
	assert_int_equal(c.status, 0);
	assert_string_equal(
		c.out, "      base        head       moved  function\n"
		       "      10.0        20.0       +10.0  submit\n"
		       "      21.0        20.0        -1.0  copy\n"
		       "       0.2         0.0        -0.2  asm_sysvec_timer\n"
		       "      38.2        47.0        +8.8  all\n");
	save_text("base.json", "{\"schema\": 2}");
	run_program(&c, "profile", "stdout", RLIM_INFINITY,
		    "--compare base.json run/profile-loop.json");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "base.json: no profile of schema 1"));
}

static void refuses_what_is_no_profile(void **state)
{
	static const char other[] = "{\"t\":\"window\",\"name\":\"a\","
				    "\"requests\":400,\"driver\":\"loop\"}";
	static const char elsewhere[] =
		"{\"t\":\"window\",\"name\":\"cost rw=read <b>\","
		"\"requests\":400,\"driver\":\"none\"}";
	static const char *const broken[] = {
		"",
		"@cb 1 2 {}\n",
		"chargeback-profile 2\n0 0 0\n",
		"chargeback-profile 1\n0 0 0\n0 1\n",
		"chargeback-profile 1\n0 0 0\n1 1 5\n",
		"chargeback-profile 1\n0 0 0\n0 1 -5\n",
		"chargeback-profile 1\n0 0 0\n0 1 x\n"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		save_text("raw.2", broken[i]);
		refuses("raw.2");
	}
	/* As much in the shorter run as in the longer. */
	save_text("raw.2", less);
	refuses("nothing was counted");
	unlink("raw.2");
	refuses("raw.2: No such file");
	save_records(NULL, NULL, NULL, NULL);
	refuses("boot: 0 measured parts");
	save_records(shorter, NULL, NULL, NULL);
	refuses("boot: 1 measured parts");
	save_records(longer, shorter, NULL, NULL);
	refuses("no shorter and longer run of one cell");
	save_records(shorter, other, NULL, NULL);
	refuses("no shorter and longer run of one cell");
	save_records(shorter, elsewhere, NULL, NULL);
	refuses("no shorter and longer run of one cell");
}

/* Symbols that were lost would be counted as another function's. */
static void refuses_lost_records(void **state)
{
	struct stream s = { 0 };

	(void)state;
	put(&s, "%s", shorter);
	put(&s, "%s", longer);
	put_as(&s, 3, symbols);
	save("boot/records.raw", s.data, s.len);
	refuses("boot: records are missing");
	stream_free(&s);
}

static void wrong_usage(void **state)
{
	static const struct {
		const char *args, *says;
	} cases[] = {
		{ "run", "are needed" },
		{ "--raw raw run", "are needed" },
		{ "--compare run", "are needed" },
		{ "--wrong", "'--wrong' is unknown" },
		{ "--raw", "'--raw' needs a value" },
		{ "--raw raw --symbols map run", "are needed" },
		{ "--raw raw --symbols none --boot boot run",
		  "none: No such file" },
		{ "--raw raw --symbols map --boot none run",
		  "none/records.raw: No" },
		{ "--compare none none", "none: " },
	};
	struct command c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run_program(&c, "profile", "stdout", RLIM_INFINITY,
			    cases[i].args);
		assert_int_equal(c.status, 2);
		if (!strstr(c.err, cases[i].says))
			fail_msg("no '%s' in: %s", cases[i].says, c.err);
	}
	run_program(&c, "profile", "stdout", RLIM_INFINITY, "--help");
	assert_int_equal(c.status, 0);
	assert_non_null(strstr(c.out, "usage: profile "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(table),
		TEST(graph),
		TEST(comparison),
		TEST(refuses_what_is_no_profile),
		TEST(refuses_lost_records),
		TEST(wrong_usage),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
