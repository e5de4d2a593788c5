// SPDX-License-Identifier: GPL-2.0
/* The comparer: its rules, its outputs, and what it refuses to read. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare/diff.h"
#include "tests/command.h"

static char dir[] = "/tmp/compare-test-XXXXXX";

#define IMAGE_A "aaaaaaaaaaaaaaaaaaaa"
#define IMAGE_B "bbbbbbbbbbbbbbbbbbbb"

/* The usual run's result, as the judge writes it, with two costs. */
static json_t *usual(void)
{
	static const char matrices[] =
		"[{\"name\":\"cost\",\"driver\":\"loop\","
		"\"cell\":{\"rw\":\"randread\"},\"metrics\":"
		"{\"ns_per_io\":{\"value\":20000,\"unit\":\"virtual ns\"},"
		"\"iops\":{\"value\":7,\"unit\":\"1/s\"}}},"
		"{\"name\":\"cost\",\"driver\":\"cgloop\","
		"\"cell\":{\"rw\":\"randread\"},\"metrics\":"
		"{\"ns_per_io\":{\"value\":10000,\"unit\":\"virtual ns\"}}}]";
	struct stream s = { 0 };
	struct run run;
	json_t *o;

	put_usual(&s);
	judge_stream(&run, usual_plan(), "poweroff", &s, NULL);
	json_object_set_new(run.meta, "image_sha256", json_string(IMAGE_A));
	o = run_json(&run);
	json_object_set_new(o, "matrices", json_loads(matrices, 0, NULL));
	run_free(&run);
	stream_free(&s);
	return o;
}

static json_t *entry(json_t *o, size_t at)
{
	return json_array_get(json_object_get(o, "scenarios"), at);
}

static json_t *cost(json_t *o, size_t at)
{
	return json_array_get(json_object_get(o, "matrices"), at);
}

static void set(json_t *o, const char *key, const char *value)
{
	assert_int_equal(json_object_set_new(o, key, json_string(value)), 0);
}

static void set_verdict(json_t *o, size_t at, const char *verdict)
{
	set(entry(o, at), "verdict", verdict);
}

static void set_ns(json_t *o, size_t at, double value)
{
	json_t *metrics = json_object_get(cost(o, at), "metrics");

	json_object_set_new(json_object_get(metrics, "ns_per_io"), "value",
			    json_real(value));
}

static void set_image(json_t *o, const char *image)
{
	set(json_object_get(o, "meta"), "image_sha256", image);
}

static void save_json(const char *name, json_t *o)
{
	assert_int_equal(json_dump_file(o, name, JSON_ENCODE_ANY), 0);
	json_decref(o);
}

static int enter(void **state)
{
	(void)state;
	work_open(dir);
	save_json("base", usual());
	return 0;
}

static int leave(void **state)
{
	static const char *const names[] = {
		"base",
		"head",
		"head2",
		"stdout",
		"stderr",
		"table.md",
		"junit.xml",
		"run/result.json",
		"lines/6.12.json",
		"lines/base.json",
		"fifo",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(names[i]);
	rmdir("run");
	rmdir("lines");
	/* A temporary file left behind makes these fail. */
	return chdir("/") || rmdir(dir);
}

static void run(struct command *c, const char *args)
{
	run_program(c, "compare", "stdout", RLIM_INFINITY, args);
}

/* base and this head, which it takes over. */
static void compare(struct command *c, json_t *head)
{
	save_json("head", head);
	run(c, "base head");
	assert_string_equal(c->err, "");
}

static void assert_says(const struct command *c, const char *line)
{
	if (!strstr(c->out, line))
		fail_msg("no '%s' in:\n%s", line, c->out);
}

static void same_is_not_worse(void **state)
{
	struct command c;

	(void)state;
	compare(&c, usual());
	assert_int_equal(c.status, 0);
	assert_says(&c, "not worse: 0 worse, 0 better, 0 other, 7 the same; "
			"0 holes opened, 0 closed; 1 costs are not judged");
	assert_null(strstr(c.out, "warning"));
	assert_null(strchr(c.out, '\033'));
}

/* All that a pass may become, and what may become a pass. */
static void rules_of_verdicts(void **state)
{
	static const enum verdict broken[] = { SPLAT,	PANIC, HANG,
					       TIMEOUT, ERROR, INCOMPLETE };
	size_t i;

	(void)state;
	assert_int_equal(change_of(PASS, PASS), SAME);
	assert_int_equal(change_of(PASS, XPASS), OTHER);
	assert_int_equal(change_of(XPASS, PASS), OTHER);
	assert_int_equal(change_of(PASS, XFAIL), WORSE);
	assert_int_equal(change_of(PASS, SKIP), WORSE);
	assert_int_equal(change_of(PASS, FAIL), WORSE);
	assert_int_equal(change_of(XPASS, FAIL), WORSE);
	assert_int_equal(change_of(FAIL, PASS), BETTER);
	assert_int_equal(change_of(XFAIL, PASS), BETTER);
	assert_int_equal(change_of(XFAIL, XPASS), BETTER);
	assert_int_equal(change_of(SKIP, PASS), BETTER);
	assert_int_equal(change_of(XFAIL, FAIL), WORSE);
	assert_int_equal(change_of(FAIL, XFAIL), OTHER);
	assert_int_equal(change_of(SKIP, FAIL), WORSE);
	assert_int_equal(change_of(FAIL, SKIP), OTHER);
	assert_int_equal(change_of(FAIL, FAIL), SAME);
	assert_int_equal(change_of(ERROR, TIMEOUT), OTHER);
	assert_int_equal(change_of(INCOMPLETE, PANIC), WORSE);
	assert_int_equal(change_of(PANIC, HANG), OTHER);
	assert_int_equal(change_of(SPLAT, FAIL), BETTER);
	assert_int_equal(change_of(PANIC, ERROR), OTHER);
	assert_int_equal(change_of(HANG, INCOMPLETE), OTHER);
	assert_int_equal(change_of(VERDICTS, PASS), OTHER);
	assert_int_equal(change_of(VERDICTS, FAIL), WORSE);
	assert_int_equal(change_of(FAIL, VERDICTS), WORSE);
	for (i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		assert_int_equal(change_of(PASS, broken[i]), WORSE);
		assert_int_equal(change_of(XFAIL, broken[i]), WORSE);
		assert_int_equal(change_of(FAIL, broken[i]), WORSE);
		assert_int_equal(change_of(broken[i], PASS), BETTER);
		assert_int_equal(change_of(broken[i], SKIP), OTHER);
		assert_int_equal(change_of(broken[i], broken[i]), SAME);
		assert_int_equal(change_of(VERDICTS, broken[i]), WORSE);
		assert_int_equal(change_of(broken[i], VERDICTS), WORSE);
	}
}

static void flipped_verdict(void **state)
{
	json_t *head = usual();
	struct command c;

	(void)state;
	set_verdict(head, 2, "fail");
	set(entry(head, 2), "reason", "nothing was killed");
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "\nworse (1)\n  oom-bypass form=c,io=direct loop: "
			"pass -> fail: hole opened: nothing was killed\n");
	assert_says(&c, "worse: 1 worse, 0 better, 0 other, 6 the same; "
			"1 holes opened, 0 closed");

	run(&c, "head base");
	assert_int_equal(c.status, 0);
	assert_says(&c, "\nbetter (1)\n  oom-bypass form=c,io=direct loop: "
			"fail -> pass: hole closed\n");
	assert_says(&c, "0 holes opened, 1 closed");
}

static void entries_come_and_go(void **state)
{
	json_t *head = usual();
	struct command c;

	(void)state;
	json_array_remove(json_object_get(head, "scenarios"), 3);
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "cgloop: pass -> none: no longer there\n");
	run(&c, "head base");
	assert_int_equal(c.status, 0);
	assert_says(&c, "\nother (1)\n  oom-bypass form=c,io=direct cgloop: "
			"none -> pass: new\n");

	/* One of another cell is both. */
	head = usual();
	set(json_object_get(entry(head, 3), "cell"), "io", "buffered");
	set_verdict(head, 3, "fail");
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "worse (2)");
	assert_says(&c, "form=c,io=buffered cgloop: none -> fail: new");
}

static void control_becomes_unexpected(void **state)
{
	json_t *head = usual();
	struct command c;

	(void)state;
	set_verdict(head, 0, "error");
	set(entry(head, 0), "reason", "control-unexpected");
	set_verdict(head, 2, "incomplete");
	set(entry(head, 2), "reason", "control-unexpected");
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "cgloop-single (control): pass -> error: the control "
			"is no longer as it must be: control-unexpected\n");
	assert_says(&c, "loop: pass -> incomplete: control-unexpected\n");
	assert_says(&c, "1 controls became unexpected");
	/* Not again where it was so before. */
	run(&c, "head head");
	assert_int_equal(c.status, 0);
	assert_null(strstr(c.out, "became unexpected"));

	/* A control is no hole. */
	head = usual();
	set_verdict(head, 0, "fail");
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "0 holes opened, 0 closed");
}

static void problems_count(void **state)
{
	json_t *head = usual();
	struct command c;

	(void)state;
	json_array_append_new(json_object_get(head, "problems"),
			      json_pack("{s:s,s:s}", "reason", "records-lost",
					"detail", "3 never came"));
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "the run: new: records-lost: 3 never came\n");
	run(&c, "head base");
	assert_int_equal(c.status, 0);
	assert_says(&c, "\nbetter (1)\n  the run: gone: records-lost");
	run(&c, "head head");
	assert_int_equal(c.status, 0);
	assert_says(&c, "0 worse, 0 better");
}

/* Of the same image any difference, of another beyond the tolerance. */
static void costs(void **state)
{
	static const struct {
		const char *image;
		double tolerance, ns;
		int status;
		const char *says;
	} cases[] = {
		{ IMAGE_A, -1, 20001, 1, "20000 -> 20001 virtual ns, x1.0001" },

		{ IMAGE_A, 5, 20001, 1, "x1.0001, exact" },
		{ IMAGE_A, -1, 19999, 0,
		  "\nbetter (1)\n  cost rw=randread "
		  "loop ns_per_io: 20000 -> 19999" },
		{ IMAGE_B, -1, 20099, 0, "0 worse, 0 better" },
		{ IMAGE_B, -1, 20101, 1, "x1.0050, 0.5 % allowed" },
		{ IMAGE_B, -1, 19901, 0, "0 worse, 0 better" },
		{ IMAGE_B, -1, 19899, 0, "0 worse, 1 better" },
		{ IMAGE_B, 1, 20199, 0, "0 worse, 0 better" },
		{ IMAGE_B, 1, 20201, 1, "1 % allowed" },
		{ IMAGE_B, 0, 20001, 1, "x1.0001" },
		{ "", -1, 20001, 0, "0 worse, 0 better" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *base = usual(), *head = usual();
		struct command c;

		if (cases[i].tolerance >= 0)
			json_object_set_new(cost(base, 0), "tolerance",
					    json_pack("{s:f,s:s}", "value",
						      cases[i].tolerance,
						      "unit", "%"));
		/* Two images of which nothing is known are not the same. */
		if (!*cases[i].image)
			set_image(base, "");
		save_json("base", base);
		set_image(head, cases[i].image);
		set_ns(head, 0, cases[i].ns);
		compare(&c, head);
		assert_int_equal(c.status, cases[i].status);
		assert_says(&c, cases[i].says);
	}
}

/* The command line is part of the machine's memory. */
static void costs_of_other_words(void **state)
{
	json_t *head = usual();
	struct command c;

	(void)state;
	set(json_object_get(head, "meta"), "words", "cb.matrices=cost");
	set_ns(head, 0, 20099);
	compare(&c, head);
	assert_int_equal(c.status, 0);
	assert_says(&c, "0 worse, 0 better");
	head = usual();
	set(json_object_get(head, "meta"), "words", "cb.matrices=cost");
	set_ns(head, 0, 20101);
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "x1.0050, 0.5 % allowed");
}

static void costs_come_and_go(void **state)
{
	json_t *head = usual();
	struct command c;

	(void)state;
	json_array_remove(json_object_get(head, "matrices"), 1);
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "cost rw=randread cgloop ns_per_io: 10000 virtual ns "
			"-> none: no longer there\n");
	run(&c, "head base");
	assert_int_equal(c.status, 0);
	assert_says(&c, "none -> 10000 virtual ns: new\n");
}

/* A cost by the clock in place of the first one, n rounds around a median. */
static void set_rounds(json_t *o, const char *unit, double median, int n)
{
	json_t *cell = cost(o, 0), *rounds = json_array();
	int i;

	for (i = 0; i < n; i++)
		json_array_append_new(rounds,
				      json_real(median *
						(1 + 0.0005 * (i - n / 2))));
	json_object_set_new(cell, "metrics",
			    json_pack("{s:{s:f,s:s,s:o}}", "latency", "value",
				      median, "unit", unit, "samples", rounds));
}

/* Never by their means: by their ranks, and by how far the median went. */
static void clock_costs(void **state)
{
	static const struct {
		const char *unit;
		int rounds;
		double is;
		int status;
		const char *says;
	} cases[] = {
		{ "ns", 9, 1000, 0, "0 worse, 0 better" },
		{ "ns", 9, 1100, 1,
		  "latency: 1000 -> 1100 ns, x1.1000, higher in 100 % of "
		  "pairs, p 4.1e-05\n" },
		{ "ns", 9, 900, 0, "0 worse, 1 better" },
		{ "IOPS", 9, 900, 1, "x0.9000, higher in 0 % of pairs" },
		{ "IOPS", 9, 1100, 0, "0 worse, 1 better" },
		/* As sure as can be, and too little to matter. */
		{ "ns", 9, 1008, 0, "0 worse, 0 better" },
		{ "ns", 3, 2000, 0,
		  "not judged (1)\n  cost rw=randread loop latency: 1000 -> "
		  "2000 ns, not judged: 3 and 3 rounds are too few\n" },
		{ "ns", 0, 2000, 0, "not judged: by the clock, and without" },
		{ "requests", 9, 2000, 0, "0 closed\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *base = usual(), *head = usual();
		struct command c;

		set_rounds(base, cases[i].unit, 1000, cases[i].rounds);
		save_json("base", base);
		set_rounds(head, cases[i].unit, cases[i].is, cases[i].rounds);
		compare(&c, head);
		assert_int_equal(c.status, cases[i].status);
		assert_says(&c, cases[i].says);
	}
}

/* One outlier in nine moves the mean by half, and nothing else. */
static void clock_outlier(void **state)
{
	json_t *base = usual(), *head = usual(), *rounds;
	struct command c;

	(void)state;
	set_rounds(base, "ns", 1000, 9);
	save_json("base", base);
	set_rounds(head, "ns", 1000, 9);
	rounds = json_object_get(json_object_get(json_object_get(cost(head, 0),
								 "metrics"),
						 "latency"),
				 "samples");
	json_array_set_new(rounds, 8, json_real(5000));
	compare(&c, head);
	assert_int_equal(c.status, 0);
	assert_says(&c, "not worse: 0 worse, 0 better, 0 other");
}

/* One cell of many must be surer than one alone. */
static void clock_costs_together(void **state)
{
	json_t *both[2];
	struct command c;
	int i, j;

	(void)state;
	for (i = 0; i < 2; i++) {
		both[i] = usual();
		set_rounds(both[i], "ns", i ? 1100 : 1000, 5);
		for (j = 0; j < 30; j++) {
			json_t *list = json_object_get(both[i], "matrices");
			json_t *more = json_deep_copy(cost(both[0], 0));
			char name[32];

			snprintf(name, sizeof(name), "other%d", j);
			set(more, "name", name);
			json_array_append_new(list, more);
		}
	}
	save_json("base", both[0]);
	compare(&c, both[1]);
	assert_int_equal(c.status, 0);

	/* All of them together are sure enough, with as few rounds. */
	both[0] = usual();
	both[1] = usual();
	for (i = 0; i < 2; i++) {
		for (j = 0; j < 30; j++) {
			json_t *more;
			char name[32];

			set_rounds(both[i], "ns", i ? 1100 : 1000, 5);
			more = json_deep_copy(cost(both[i], 0));
			snprintf(name, sizeof(name), "other%d", j);
			set(more, "name", name);
			json_array_append_new(json_object_get(both[i],
							      "matrices"),
					      more);
		}
	}
	save_json("base", both[0]);
	compare(&c, both[1]);
	assert_int_equal(c.status, 1);
	assert_says(&c, "worse: 31 worse");
}

/* Named, whichever of the two it is, and not judged. */
static void unstable_costs(void **state)
{
	json_t *head = usual();
	struct command c;
	char text[16384];

	(void)state;
	set_ns(head, 0, 30000);
	set(cost(head, 0), "unstable", "repeats differ by 4 %");
	compare(&c, head);
	assert_int_equal(c.status, 0);
	assert_says(&c, "\nnot judged (2)\n  cost rw=randread loop ns_per_io: "
			"20000 -> 30000 virtual ns, not judged: unstable in "
			"head: repeats differ by 4 %\n");
	run(&c, "head base");
	assert_int_equal(c.status, 0);
	assert_says(&c, "not judged: unstable in base: repeats");
	run(&c, "--markdown table.md --junit junit.xml base head head");
	assert_int_equal(c.status, 0);
	assert_says(&c,
		    "\nhead 2:  cost rw=randread loop ns_per_io: 20000 -> ");
	read_back("table.md", text, sizeof(text));
	assert_non_null(strstr(text, "**Not judged: 2**"));
	assert_non_null(strstr(text, "unstable in head: repeats differ"));
	read_back("junit.xml", text, sizeof(text));
	assert_non_null(strstr(text, "failures=\"0\" errors=\"0\" "
				     "skipped=\"4\""));
	assert_non_null(strstr(text, "<skipped message=\"unstable in head: "));
}

/* A run and a bench are of different kinds: what both have is compared. */
static void verdicts_alone_or_costs_alone(void **state)
{
	json_t *head = usual();
	struct command c;
	size_t i;

	(void)state;
	json_array_clear(json_object_get(head, "matrices"));
	set_verdict(head, 2, "fail");
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "warning: head has no costs: those of base are not");
	assert_says(&c, "worse: 1 worse, 0 better, 0 other, 3 the same; ");

	head = usual();
	json_array_clear(json_object_get(head, "scenarios"));
	set_ns(head, 0, 30000);
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "warning: head has no verdicts: those of base are");
	assert_says(&c, "worse: 1 worse, 0 better, 0 other, 2 the same; ");
	/* In a table of several, too. */
	run(&c, "--junit junit.xml head base base");
	assert_int_equal(c.status, 0);
	assert_says(&c, "head 1: not worse: 0 worse, 1 better, 4 other, ");

	/* A bench with a failed cell is still a bench. */
	head = usual();
	json_array_remove(json_object_get(head, "scenarios"), 3);
	json_array_remove(json_object_get(head, "scenarios"), 2);
	json_array_remove(json_object_get(head, "scenarios"), 1);
	set(entry(head, 0), "name", "cost");
	set_verdict(head, 0, "error");
	save_json("head2", head);
	run(&c, "base head2");
	assert_int_equal(c.status, 1);
	assert_says(&c, "worse: 1 worse, 0 better, 0 other, 3 the same; ");
	assert_says(&c, "\nworse (1)\n  cost form=c,io=direct cgloop-single "
			"(control): none -> error: new: ");

	/* Entirely other entries without costs are no bench, but a loss. */
	head = usual();
	json_array_clear(json_object_get(head, "matrices"));
	for (i = 0; i < 4; i++)
		set(entry(head, i), "name", "other");
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "loop: pass -> none: no longer there");

	head = usual();
	json_array_clear(json_object_get(head, "scenarios"));
	save_json("head", head);
	head = usual();
	json_array_clear(json_object_get(head, "matrices"));
	save_json("head2", head);
	run(&c, "head head2");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "nothing can be compared"));
}

static void provenance_differs(void **state)
{
	static const char *const keys[] = { "kernel", "compiler", "qemu",
					    "accel", "image_sha256" };
	json_t *head = usual();
	struct command c;
	const char *p;
	size_t i, lines = 0;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		set(json_object_get(head, "meta"), keys[i], "new\033[1mone");
	compare(&c, head);
	assert_int_equal(c.status, 0);
	for (p = c.out; (p = strstr(p, "\nwarning: ")); p++)
		lines++;
	assert_int_equal(lines, 5);
	assert_says(&c, "warning: kernel differs: 6.12.117 -> new?[1mone\n");
	assert_says(&c, "warning: accelerator differs: tcg -> ");
	assert_says(&c, "warning: image differs: aaaaaaaaaaaa -> new?[1mone\n");
	assert_null(strchr(c.out, '\033'));
}

/* Long text is cut between characters. */
static void provenance_is_cut(void **state)
{
	char value[206], line[256];
	json_t *head = usual();
	struct command c;

	(void)state;
	memset(value, 'x', 199);
	strcpy(value + 199, "\xc3\xa4yy");
	set(json_object_get(head, "meta"), "compiler", value);
	compare(&c, head);
	snprintf(line, sizeof(line), "compiler differs: unknown -> %.199s\n",
		 value);
	assert_says(&c, line);
}

/* Counts always; sizes only where the verdict changed too. */
static void evidence_is_told(void **state)
{
	json_t *base = usual(), *head = usual(), *o;
	struct command c;

	(void)state;
	o = json_object_get(entry(base, 2), "evidence");
	json_object_set_new(o, "moved",
			    json_pack("{s:i,s:s}", "value", 1024, "unit",
				      "bytes"));
	save_json("base", base);
	o = json_object_get(entry(head, 2), "evidence");
	json_object_set_new(o, "oom_kill",
			    json_pack("{s:i,s:s}", "value", 2, "unit",
				      "events"));
	compare(&c, json_deep_copy(head));
	assert_int_equal(c.status, 0);
	assert_says(&c, "\nother evidence, same verdict\n  oom-bypass "
			"form=c,io=direct loop: oom_kill 1 -> 2\n");
	set_verdict(head, 2, "fail");
	compare(&c, head);
	assert_int_equal(c.status, 1);
	assert_says(&c, "\n      oom_kill 1 -> 2, moved 1 KiB -> none\n");
}

static void several_heads(void **state)
{
	json_t *one = usual(), *two = usual();
	struct command c;

	(void)state;
	set_verdict(one, 2, "fail");
	save_json("head", one);
	set_ns(two, 1, 20000);
	json_array_remove(json_object_get(two, "scenarios"), 3);
	save_json("head2", two);
	run(&c, "base head head2");
	assert_int_equal(c.status, 1);
	assert_says(&c, "\nbase        head 1      head 2      \n"
			"pass        fail        pass        oom-bypass "
			"form=c,io=direct loop\n"
			"pass        pass        none        oom-bypass "
			"form=c,io=direct cgloop\n"
			"10000       x1.0000     x2.0000     cost rw=randread "
			"cgloop ns_per_io\n");
	assert_says(&c, "head 1: worse: 1 worse");
	assert_says(&c, "head 2: worse: 2 worse");
	run(&c, "head base base");
	assert_int_equal(c.status, 0);
	assert_says(&c, "\nfail        pass        pass        oom-bypass ");
	/* Any head that is worse makes it so. */
	run(&c, "base base head");
	assert_int_equal(c.status, 1);
	run(&c, "base head base");
	assert_int_equal(c.status, 1);
	run(&c, "base base base");
	assert_int_equal(c.status, 0);
	assert_says(&c, "\nnothing that base has moved\n");
}

static void ways_to_name_a_result(void **state)
{
	struct command c;

	(void)state;
	assert_int_equal(mkdir("run", 0777) | mkdir("lines", 0777), 0);
	save_json("run/result.json", usual());
	save_json("lines/6.12.json", usual());
	run(&c, "--baselines lines 6.12 run");
	assert_int_equal(c.status, 0);
	assert_says(&c, "base   lines/6.12.json: 6.12.117, 4 entries, 3 costs");
	assert_says(&c, "head   run/result.json: ");
	/* A file that is there comes before a baseline of its name. */
	save_text("lines/base.json", "{");
	run(&c, "--baselines lines base run");
	assert_int_equal(c.status, 0);
	run(&c, "--baselines lines run/ 6.1");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "6.1: No such file"));
	run(&c, "--baselines lines lines run");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "lines/result.json: No such file"));
}

#define EVIL "a|b`<i>@all\033[1m\n#1\xef\xbf\xbe&"

static void markdown_is_safe(void **state)
{
	json_t *head = usual();
	struct command c;
	char text[16384];

	(void)state;
	set_verdict(head, 2, "fail");
	set(entry(head, 2), "reason", EVIL);
	set(json_object_get(head, "meta"), "kernel", EVIL);
	save_json("head", head);
	run(&c, "--markdown table.md --junit junit.xml base head");
	assert_int_equal(c.status, 1);
	read_back("table.md", text, sizeof(text));
	assert_non_null(strstr(text, "### Worse: <code>base</code> to "
				     "<code>head</code>\n"));
	assert_non_null(strstr(text, "\n**Worse: 1**\n\n| what | base | head |"
				     " why |\n| --- | --- | --- | --- |\n"
				     "| <code>oom-bypass form=c,io=direct loop"
				     "</code> | <code>pass</code> | "
				     "<code>fail</code> | <code>hole opened: "
				     "a&#124;b&#96;&#60;i&#62;@all?&#91;1m?"));
	assert_null(strstr(text, "<i>"));
	assert_null(strchr(text, '\033'));

	read_back("junit.xml", text, sizeof(text));
	assert_non_null(strstr(text, " tests=\"7\" failures=\"1\""));
	assert_non_null(strstr(text, "<failure type=\"worse\" message=\"pass "
				     "-&gt; fail: hole opened: a|b`&lt;i&gt;"
				     "@all?[1m?#1&amp;\"/>\n"));
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, "\xef\xbf\xbe"));
}

/* The head is this text. */
static void refuses(const char *text, size_t len, const char *says)
{
	struct command c;

	save("head", text, len);
	run(&c, "base head");
	assert_int_equal(c.status, 2);
	assert_string_equal(c.out, "");
	if (!strstr(c.err, says))
		fail_msg("no '%s' in: %s", says, c.err);
	assert_int_equal(strncmp(c.err, "compare: head", 13), 0);
	assert_ptr_equal(strchr(c.err, '\n'), c.err + strlen(c.err) - 1);
	/* The other way round it is as bad. */
	run(&c, "head base");
	assert_int_equal(c.status, 2);
}

/* The result with the text "from" replaced by "to". */
static void refuses_changed(const char *from, const char *to, const char *says)
{
	json_t *o = usual();
	char *text = json_dumps(o, JSON_COMPACT), *at = strstr(text, from);
	char *changed;

	assert_non_null(at);
	changed = xasprintf("%.*s%s%s", (int)(at - text), text, to,
			    at + strlen(from));
	refuses(changed, strlen(changed), says);
	free(changed);
	free(text);
	json_decref(o);
}

static void refuses_what_is_no_result(void **state)
{
	json_t *o = usual();
	char *text = json_dumps(o, JSON_COMPACT);
	size_t len = strlen(text);

	(void)state;
	refuses("", 0, "empty");
	refuses(text, len - 1, "head:1: ");
	refuses(text, len / 2, "head:1: ");
	refuses("\0\0\0\0", 4, "head:1: ");
	refuses("\x7f"
		"ELF\033[31m",
		9, "head:1: ");
	refuses("\xff\xfe", 2, "head:1: ");
	refuses("[]", 2, "no \"schema\"");
	refuses("{}", 2, "no \"schema\"");
	refuses("{\"schema\":1,\"schema\":1}", 23, "duplicate");
	refuses("{\"schema\":1}", 12, "no object \"meta\"");
	free(text);
	json_decref(o);
}

/* A change of a good result, and the expected message. */
static const struct {
	const char *from, *to, *says;
} wrong[] = {
	{ "\"schema\":1", "\"schema\":2", "schema 2; only schema 1" },
	{ "\"schema\":1", "\"schema\":\"1\"", "no \"schema\"" },
	{ "\"schema\":1", "\"schema\":99999999999999999999", "big" },
	{ "\"status\":0", "\"status\":5", "status must be" },
	{ "\"status\":0", "\"status\":-1", "status must be" },
	{ "\"status\":0", "\"state\":0", "status must be" },
	{ "\"scenarios\":", "\"scenario\":", "array \"scenarios\"" },
	{ "\"matrices\":", "\"matrix\":", "array \"matrices\"" },
	{ "\"problems\":[]", "\"problems\":{}", "array \"problems\"" },
	{ "\"problems\":[]", "\"problems\":[1]", "problems[0]: reason" },
	{ "\"meta\":{", "\"meta\":{\"x\":[],", "meta: values" },
	{ "\"verdict\":\"pass\"", "\"verdict\":\"good\"",
	  "scenarios[0]: verdict" },
	{ "\"verdict\":\"pass\"", "\"verdict\":1", "scenarios[0]: verdict" },
	{ "\"control\":true", "\"control\":1", "control must be" },
	{ "\"driver\":\"loop\"", "\"driver\":\"\"",
	  "scenarios[2]: name and driver" },
	{ "\"driver\":\"loop\"", "\"driver\":\"cgloop\"",
	  "twice the same: oom-bypass form=c,io=direct cgloop" },
	{ "\"io\":\"direct\"", "\"io\":1", "cell must be" },
	{ "\"reason\":", "\"season\":", "reason must be" },
	{ "\"duration_ms\":412", "\"duration_ms\":-1", "duration_ms" },
	{ "\"duration_ms\":412", "\"duration_ms\":1e300", "duration_ms" },
	{ "\"duration_ms\":412", "\"duration_ms\":NaN", "head:1: " },
	{ "\"value\":1,", "\"value\":\"1\",", "evidence must be" },
	{ "\"meters\":[]", "\"meters\":[0]", "meters must be" },
	{ "\"value\":20000", "\"value\":-1", "matrices[0]: a metric" },
	{ "\"value\":20000", "\"value\":0", "more than 0" },
	{ "\"value\":20000", "\"value\":1e16", "from 0 to 1e15" },
	{ "\"value\":20000", "\"value\":1e999", "overflow" },
	{ "\"value\":20000", "\"value\":NaN", "head:1: " },
	{ "\"value\":20000", "\"value\":Infinity", "head:1: " },
	{ "\"value\":20000", "\"value\":true", "metrics must be" },
	{ "\"value\":20000", "\"worth\":20000", "metrics must be" },
	{ "\"rw\":\"randread\"", "\"rw\":[]", "matrices[0]: cell" },
	{ "\"name\":\"cost\",", "\"name\":\"cost\",\"tolerance\":1,",
	  "matrices[0]: tolerance" },
	{ "\"name\":\"cost\",",
	  "\"name\":\"cost\",\"tolerance\":{\"value\":-1,"
	  "\"unit\":\"%\"},",
	  "matrices[0]: tolerance" },
	{ "\"name\":\"cost\",",
	  "\"name\":\"cost\",\"tolerance\":{\"value\":1,"
	  "\"unit\":\"ns\"},",
	  "matrices[0]: tolerance" },
	{ "\"name\":\"cost\",", "\"name\":\"cost\",\"unstable\":true,",
	  "matrices[0]: unstable must be" },
	{ "\"value\":20000", "\"samples\":[1,-1],\"value\":20000",
	  "samples must be" },
	{ "\"value\":20000", "\"samples\":7,\"value\":20000",
	  "samples must be" },
	{ "\"value\":20000", "\"samples\":[NaN],\"value\":20000", "head:1: " },
	{ "\"driver\":\"cgloop\",\"cell\":{\"rw",
	  "\"driver\":\"loop\",\"cell\":{\"rw",
	  "twice the same: cost rw=randread loop ns_per_io" },
};

static void refuses_what_is_wrong_in_it(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		refuses_changed(wrong[i].from, wrong[i].to, wrong[i].says);
}

/* Too large, too deep, too much of it; and what would never end. */
static void refuses_floods(void **state)
{
	static const char empty[] =
		"{\"schema\":1,\"meta\":{},\"scenarios\":[],\"matrices\":[],"
		"\"problems\":[],\"status\":0}";
	size_t len = RESULT_BYTES_MAX;
	char *text = xrealloc(NULL, len);
	struct command c;
	size_t i;

	(void)state;
	save_text("head", "{");
	assert_int_equal(truncate("head", 500 << 20), 0);
	run(&c, "base head");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "head: 524288000 bytes; no more than"));

	memset(text, '[', len);
	refuses(text, len, "depth");
	for (i = 1; i + 3 <= len; i += 3)
		memcpy(text + i, "{},", 3);
	refuses(text, len, "takes too much memory to read");
	free(text);

	refuses(empty, strlen(empty), "holds no entry");
	assert_int_equal(mkfifo("fifo", 0666), 0);
	run(&c, "base fifo");
	assert_int_equal(c.status, 2);
	assert_non_null(strstr(c.err, "fifo: not a regular file"));
	run(&c, "/dev/zero base");
	assert_int_equal(c.status, 2);
}

static void wrong_usage(void **state)
{
	static const struct {
		const char *args, *says;
	} cases[] = {
		{ "base", "1 results; one BASE and" },
		{ "--wrong base base", "'--wrong' is unknown" },
		{ "base base --junit", "'--junit' needs a value" },
		{ "base none", "none: No such file" },
		{ "none base", "none: No such file" },
		{ "--markdown none/x base base", "none/x: No such file" },
		{ "--junit none/x base base", "none/x: No such file" },
		{ "--junit . base base", "'.': not a regular file" },
		{ "--junit /dev/stdout base base", "not a regular file" },
	};
	struct command c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run(&c, cases[i].args);
		assert_int_equal(c.status, 2);
		assert_non_null(strstr(c.err, cases[i].says));
		assert_ptr_equal(strchr(c.err, '\n'),
				 c.err + strlen(c.err) - 1);
		assert_string_equal(c.out, "");
	}
	run_program(&c, "compare", "/dev/full", RLIM_INFINITY, "base base");
	assert_int_equal(c.status, 2);
	run(&c, "--help");
	assert_int_equal(c.status, 0);
	assert_says(&c, "usage: compare ");
	assert_says(&c, "\n  pass xpass                =     W      W     W   "
			"  W      W      W\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_verdicts),
		TEST(same_is_not_worse),
		TEST(flipped_verdict),
		TEST(entries_come_and_go),
		TEST(control_becomes_unexpected),
		TEST(problems_count),
		TEST(costs),
		TEST(costs_of_other_words),
		TEST(costs_come_and_go),
		TEST(clock_costs),
		TEST(clock_outlier),
		TEST(clock_costs_together),
		TEST(unstable_costs),
		TEST(verdicts_alone_or_costs_alone),
		TEST(provenance_differs),
		TEST(provenance_is_cut),
		TEST(evidence_is_told),
		TEST(several_heads),
		TEST(ways_to_name_a_result),
		TEST(markdown_is_safe),
		TEST(refuses_what_is_no_result),
		TEST(refuses_what_is_wrong_in_it),
		TEST(refuses_floods),
		TEST(wrong_usage),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
