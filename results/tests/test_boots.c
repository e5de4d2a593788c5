// SPDX-License-Identifier: GPL-2.0
/* Runs of several boots: where a run goes on, and what becomes of the rest. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "judge/shards.h"
#include "tests/command.h"

#define ENTRIES 12

/* Three scenarios of four entries each, as in the usual plan. */
static const char *long_plan(void)
{
	static const char *const names[] = { "first", "second", "third" };
	static const char *const drivers[] = { "cgloop-single", "none", "loop",
					       "cgloop" };
	static const char *const controls[] = { "false", "true", NULL, NULL };
	static char plan[4096];
	size_t len = 0;
	int i;

	for (i = 0; i < ENTRIES; i++) {
		char *line = plan_line(i, names[i / 4], "{}", drivers[i % 4],
				       controls[i % 4]);

		len += (size_t)snprintf(plan + len, sizeof(plan) - len, "%s",
					line);
		free(line);
	}
	return plan;
}

/* The entries [from, to), all as they must be. */
static void put_range(struct stream *s, int from, int to)
{
	for (; from < to; from++)
		put_entry(s, from, from % 4 ? "held" : "failed", "why");
}

static void put_begin(struct stream *s, int id)
{
	put(s, "{\"t\":\"begin\",\"id\":%d,\"ms\":100}", id);
}

/* Asserts the entries that follow the boots so far, as one boot; "" for none. */
static void assert_next(struct run *run, const char *want)
{
	struct times none = { 0 };
	char *shard = NULL;
	size_t n;

	replay(run);
	n = shards_make(run, &none, 1, &shard);
	assert_string_equal(n ? shard : "", want);
	free(shard);
}

/* A first boot that ends so while entry 5 runs; is it followed by next? */
static void begin_broken(struct run *run, const char *end, const char *next)
{
	struct stream s = { 0 };
	struct run first;
	int i;

	put_hello(&s, long_plan());
	put_range(&s, 0, 5);
	put_begin(&s, 5);
	for (i = 0; i < 2; i++) {
		run_begin(i ? run : &first, long_plan(), NULL);
		run_boot(i ? run : &first, "cb.suite=full cb.entries=0-11", end,
			 &s);
	}
	assert_next(&first, next);
	run_free(&first);
	stream_free(&s);
}

static void add_rest(struct run *run, const char *words, int from)
{
	struct stream s = { 0 };

	put_hello(&s, long_plan());
	put_range(&s, from, ENTRIES);
	put_bye(&s, ENTRIES - from);
	run_boot(run, words, "poweroff", &s);
	stream_free(&s);
}

static void goes_on_with_the_next_scenario(void **state)
{
	static const struct {
		const char *end;
		enum verdict verdict;
		const char *reason, *rest;
		int status;
	} cases[] = {
		{ "panic", PANIC, "panic", "after-panic", STATUS_MACHINE },
		{ "hang", HANG, "hang", "after-hang", STATUS_MACHINE },
		{ "reset", INCOMPLETE, "reset", "reset", STATUS_HARNESS },
		{ "poweroff", INCOMPLETE, "early-exit", "early-exit",
		  STATUS_HARNESS },
	};
	size_t i;
	int id;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct run run;

		begin_broken(&run, cases[i].end, "8-11");
		add_rest(&run, "cb.suite=full cb.entries=8-11", 8);
		judge_run(&run);
		assert_verdict(&run, 3, PASS, "");
		assert_verdict(&run, 5, cases[i].verdict, cases[i].reason);
		assert_string_equal(run.plan.v[5].detail, "last words");
		assert_verdict(&run, 6, INCOMPLETE, cases[i].rest);
		assert_verdict(&run, 7, INCOMPLETE, cases[i].rest);
		for (id = 8; id < ENTRIES; id++)
			assert_int_equal(run.plan.v[id].verdict, PASS);
		assert_ptr_equal(run.plan.v[7].boot, &run.boots[0]);
		assert_ptr_equal(run.plan.v[8].boot, &run.boots[1]);
		assert_int_equal(json_array_size(run.problems), 1);
		assert_int_equal(run.status, cases[i].status);
		run_free(&run);
	}
}

/* It may have died of what the last entry left behind. */
static void a_panic_between_entries_takes_the_scenario(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, long_plan());
	put_range(&s, 0, 6);
	run_begin(&run, long_plan(), NULL);
	run_boot(&run, "x.cb.entries=0-1 cb.entries=0-11 x", "panic", &s);
	assert_next(&run, "8-11");
	run_free(&run);
	stream_free(&s);
}

static void what_the_host_ended_is_over(void **state)
{
	static const char *const ends[] = { "deadline", "vmm-died",
					    "interrupted" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct run run;

		begin_broken(&run, ends[i], "");
		judge_run(&run);
		assert_verdict(&run, 8, INCOMPLETE, ends[i]);
		assert_int_equal(run.status, STATUS_HARNESS);
		run_free(&run);
	}
}

/* The entry ended well, and the guest left: only the machine is exchanged. */
static void goes_on_with_the_next_entry(void **state)
{
	static const struct {
		const char *claim;
		enum verdict verdict;
		const char *problem;
		int status;
	} cases[] = {
		{ "splat", SPLAT, "after-splat", STATUS_MACHINE },
		{ "timeout", TIMEOUT, "early-exit", STATUS_HARNESS },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct stream s = { 0 };
		struct run run;

		put_hello(&s, long_plan());
		put_range(&s, 0, 5);
		put_entry(&s, 5, cases[i].claim, "why");
		run_begin(&run, long_plan(), NULL);
		run_boot(&run, "cb.entries=0-11", "poweroff", &s);
		assert_next(&run, "6-11");
		run_free(&run);

		run_begin(&run, long_plan(), NULL);
		run_boot(&run, "cb.entries=0-11", "poweroff", &s);
		stream_free(&s);
		add_rest(&run, "cb.entries=6-11", 6);
		judge_run(&run);
		assert_verdict(&run, 5, cases[i].verdict, "why");
		assert_true(has_problem(&run, cases[i].problem));
		/* Its control that must fail ran on the other machine. */
		assert_verdict(&run, 6, INCOMPLETE, "control-missing");
		assert_verdict(&run, 10, PASS, "");
		assert_int_equal(run.status, cases[i].status);
		run_free(&run);
	}
}

/* A machine that dies at every boot comes to an end, the first time. */
static void no_progress_is_the_end(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, long_plan());
	begin_broken(&run, "panic", "8-11");
	run_boot(&run, "cb.entries=8-11", "panic", &s);
	assert_next(&run, "");
	run_free(&run);

	begin_broken(&run, "panic", "8-11");
	run_boot(&run, "cb.entries=8-11", "panic", &s);
	judge_run(&run);
	assert_verdict(&run, 5, PANIC, "panic");
	assert_verdict(&run, 8, INCOMPLETE, "after-panic");
	assert_int_equal(run.status, STATUS_MACHINE);
	run_free(&run);
	stream_free(&s);
}

/* No boot follows a bye, even if entries are missing. */
static void bye_is_the_end(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	put_hello(&s, long_plan());
	put_range(&s, 0, 6);
	put_bye(&s, 6);
	run_begin(&run, long_plan(), NULL);
	run_boot(&run, "", "poweroff", &s);
	assert_next(&run, "");
	run_free(&run);
	stream_free(&s);
}

static void hello_is_wanted_of_each_boot(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	begin_broken(&run, "panic", "8-11");
	s.seq = 1;
	put_range(&s, 8, ENTRIES);
	put_bye(&s, 4);
	run_boot(&run, "cb.entries=8-11", "poweroff", &s);
	judge_run(&run);
	assert_verdict(&run, 3, PASS, "");
	assert_verdict(&run, 8, INCOMPLETE, "no-hello");
	assert_true(has_problem(&run, "no-hello"));
	assert_true(has_problem(&run, "records-lost"));
	run_free(&run);
	stream_free(&s);
}

static void each_boot_has_the_same_plan(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	begin_broken(&run, "panic", "8-11");
	put_hello(&s, usual_plan());
	put_range(&s, 8, ENTRIES);
	put_bye(&s, 4);
	run_boot(&run, "cb.entries=8-11", "poweroff", &s);
	judge_run(&run);
	assert_verdict(&run, 3, PASS, "");
	assert_verdict(&run, 8, INCOMPLETE, "plan-mismatch");
	run_free(&run);
	stream_free(&s);
}

/* A second boot that reports an entry damages it. */
static void entries_belong_to_one_boot(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	begin_broken(&run, "panic", "8-11");
	put_hello(&s, long_plan());
	put_entry(&s, 3, "held", "");
	put_range(&s, 8, ENTRIES);
	put_bye(&s, 4);
	run_boot(&run, "cb.entries=8-11", "poweroff", &s);
	judge_run(&run);
	assert_verdict(&run, 2, PASS, "");
	assert_verdict(&run, 3, INCOMPLETE, "bad-record");
	assert_verdict(&run, 10, PASS, "");
	assert_true(has_problem(&run, "bad-record"));
	run_free(&run);
	stream_free(&s);
}

/* Nor may a boot run what it was not to run. */
static void what_was_left_out_stays_out(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	begin_broken(&run, "panic", "8-11");
	put_hello(&s, long_plan());
	put_range(&s, 6, ENTRIES);
	put_bye(&s, 6);
	run_boot(&run, "cb.entries=8-11", "poweroff", &s);
	judge_run(&run);
	assert_verdict(&run, 6, INCOMPLETE, "after-panic");
	assert_ptr_equal(run.plan.v[6].boot, &run.boots[0]);
	assert_verdict(&run, 10, PASS, "");
	assert_true(has_problem(&run, "bad-record"));
	run_free(&run);
	stream_free(&s);
}

/* Each stream counts from 0; a gap in one is no gap in the other. */
static void streams_are_apart(void **state)
{
	struct stream s = { 0 };
	struct run run;
	json_t *o, *stream;

	(void)state;
	run_begin(&run, long_plan(), NULL);
	add_rest(&run, "cb.entries=8-11", 8);
	put_hello(&s, long_plan());
	put_range(&s, 0, 3);
	s.seq++;
	put_range(&s, 3, 8);
	put_bye(&s, 8);
	run_boot(&run, "cb.entries=0-7", "reset", &s);
	judge_run(&run);
	assert_verdict(&run, 11, PASS, "");
	assert_verdict(&run, 7, PASS, "");
	assert_int_equal(run.status, STATUS_HARNESS);
	o = run_json(&run);
	stream = json_object_get(o, "stream");
	assert_int_equal(json_integer_value(json_object_get(stream, "missing")),
			 1);
	assert_int_equal(json_integer_value(
				 json_object_get(stream, "accepted")),
			 2 * 2 + 3 * ENTRIES);
	stream = json_object_get(o, "meta");
	assert_int_equal(json_integer_value(json_object_get(stream, "boots")),
			 2);
	assert_int_equal(json_integer_value(json_object_get(stream, "wall_ms")),
			 10000);
	assert_string_equal(json_string_value(json_object_get(stream, "end")),
			    "reset");
	json_decref(o);
	run_free(&run);
	stream_free(&s);
}

static void each_boot_is_counted(void **state)
{
	struct stream s = { 0 };
	struct run run;

	(void)state;
	run_begin(&run, long_plan(), NULL);
	add_rest(&run, "cb.entries=8-11", 8);
	put_hello(&s, long_plan());
	put_range(&s, 0, 8);
	put_bye(&s, 12);
	run_boot(&run, "cb.entries=0-7", "poweroff", &s);
	judge_run(&run);
	assert_int_equal(json_array_size(run.problems), 1);
	assert_true(has_problem(&run, "wrong-count"));
	assert_non_null(
		strstr(json_string_value(
			       json_object_get(json_array_get(run.problems, 0),
					       "detail")),
		       "boot 2: the guest ran 12 entries, the records show 8"));
	run_free(&run);
	stream_free(&s);
}

/* An entry that no boot was to run has not passed. */
static void what_no_boot_had_is_incomplete(void **state)
{
	struct run run;

	(void)state;
	run_begin(&run, long_plan(), NULL);
	add_rest(&run, "cb.entries=8-11", 8);
	judge_run(&run);
	assert_verdict(&run, 0, INCOMPLETE, "no-boot");
	assert_null(run.plan.v[0].boot);
	assert_verdict(&run, 8, PASS, "why");
	assert_int_equal(run.status, STATUS_HARNESS);
	run_free(&run);
}

static void odd_ranges_have_nothing(void **state)
{
	static const char *const odd[] = { "", "x", "-3", "3-x", ",3", "9-8" };
	struct stream s = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		char *words = xasprintf("cb.entries=%s", odd[i]);
		struct run run;

		run_begin(&run, long_plan(), NULL);
		run_boot(&run, words, "poweroff", &s);
		assert_false(boot_has(&run.boots[0], 4));
		run_free(&run);
		free(words);
	}
}

/* Whole scenarios, each in one shard, the slowest alone. */
static void shards_take_equally_long(void **state)
{
	struct time_of known[] = { { "first", 9000 },
				   { "second", 30000 },
				   { "third", 10000 } };
	struct times times = { known, 3 };
	char *shards[8];
	struct run run;

	(void)state;
	run_begin(&run, long_plan(), NULL);
	assert_int_equal(shards_make(&run, &times, 2, shards), 2);
	assert_string_equal(shards[0], "4-7");
	assert_string_equal(shards[1], "0-3,8-11");
	free(shards[0]);
	free(shards[1]);
	/* No more of them than there are scenarios. */
	assert_int_equal(shards_make(&run, &times, 8, shards), 3);
	assert_string_equal(shards[1], "8-11");
	free(shards[0]);
	free(shards[1]);
	free(shards[2]);
	run_free(&run);
}

/* Only the left-over entries of several boots. */
static void holes_stay_holes(void **state)
{
	static const struct {
		const char *words;
		int first;
	} boots[] = { { "cb.entries=0-3", 0 },
		      { "cb.entries=4-5", 4 },
		      { "cb.entries=6-7", 6 },
		      { "cb.entries=8-11", 9 } };
	struct run run;
	size_t i;

	(void)state;
	run_begin(&run, long_plan(), NULL);
	for (i = 0; i < sizeof(boots) / sizeof(*boots); i++) {
		struct stream s = { 0 };

		put_hello(&s, long_plan());
		put_entry(&s, boots[i].first, "splat", "why");
		run_boot(&run, boots[i].words, "poweroff", &s);
		stream_free(&s);
	}
	assert_next(&run, "1-3,5-5,7-7,10-11");
	run_free(&run);
}

static void short_plans_are_not_cut(void **state)
{
	struct times none = { 0 };
	char *shards[8];
	struct run run;

	(void)state;
	run_begin(&run, long_plan(), NULL);
	assert_int_equal(shards_make(&run, &none, 8, shards), 1);
	assert_string_equal(shards[0], "0-11");
	free(shards[0]);
	run_free(&run);
}

static char dir[] = "/tmp/boots-test-XXXXXX";

static int enter(void **state)
{
	(void)state;
	work_open(dir);
	save_text("plan", long_plan());
	save_text("times", "# name ms\nfirst 9000\nsecond 30000\n");
	return mkdir("boot", 0777);
}

static int leave(void **state)
{
	static const char *const names[] = {
		"stdout",
		"stderr",
		"plan",
		"times",
		"boot/records.raw",
		"boot/boot.json",
		"boot/console.log",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(names[i]);
	return rmdir("boot") || chdir("/") || rmdir(dir);
}

static void next_says_what_follows(void **state)
{
	struct stream s = { 0 };
	struct command c;

	(void)state;
	run_program(&c, "next", "stdout", RLIM_INFINITY,
		    "--plan plan --times times --jobs 2");
	assert_int_equal(c.status, 0);
	assert_string_equal(c.out, "4-7\n0-3,8-11\n");

	put_hello(&s, long_plan());
	put_range(&s, 0, 6);
	put_begin(&s, 6);
	save("boot/records.raw", s.data, s.len);
	save_text("boot/console.log", "");
	save_text("boot/boot.json", "{\"end\":\"panic\",\"words\":"
				    "\"cb.suite=full cb.entries=0-11\"}");
	run_program(&c, "next", "stdout", RLIM_INFINITY,
		    "--plan plan --times times --jobs 2 --boot boot");
	assert_string_equal(c.err, "");
	assert_string_equal(c.out, "8-11\n");
	stream_free(&s);
}

static void wrong_usage(void **state)
{
	static const struct {
		const char *args, *says;
	} cases[] = {
		{ "", "only options" },
		{ "--jobs 2", "--plan is missing" },
		{ "--plan plan --jobs 0", "--jobs '0': 1 to 1024" },
		{ "--plan plan --jobs 2x", "--jobs '2x': 1 to 1024" },
		{ "--plan none", "none: No such" },
		{ "--plan plan --times none", "none: No such" },
		{ "--plan plan --times plan", "plan:1: a line is NAME" },
		{ "--plan plan --boot none", "none/boot.json" },
		{ "--plan plan --fast", "'--fast' is unknown" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct command c;

		run_program(&c, "next", "stdout", RLIM_INFINITY, cases[i].args);
		assert_int_equal(c.status, 2);
		if (!strstr(c.err, cases[i].says))
			fail_msg("no '%s' in %s", cases[i].says, c.err);
		assert_string_equal(c.out, "");
	}
}

#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on_with_the_next_scenario),
		cmocka_unit_test(a_panic_between_entries_takes_the_scenario),
		cmocka_unit_test(what_the_host_ended_is_over),
		cmocka_unit_test(goes_on_with_the_next_entry),
		cmocka_unit_test(no_progress_is_the_end),
		cmocka_unit_test(bye_is_the_end),
		cmocka_unit_test(hello_is_wanted_of_each_boot),
		cmocka_unit_test(each_boot_has_the_same_plan),
		cmocka_unit_test(entries_belong_to_one_boot),
		cmocka_unit_test(what_was_left_out_stays_out),
		cmocka_unit_test(streams_are_apart),
		cmocka_unit_test(each_boot_is_counted),
		cmocka_unit_test(what_no_boot_had_is_incomplete),
		cmocka_unit_test(odd_ranges_have_nothing),
		cmocka_unit_test(shards_take_equally_long),
		cmocka_unit_test(holes_stay_holes),
		cmocka_unit_test(short_plans_are_not_cut),
		IN_FOLDER(next_says_what_follows),
		IN_FOLDER(wrong_usage),
	};

	return cmocka_run_group_tests_name("boots", tests, NULL, NULL);
}
