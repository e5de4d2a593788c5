// SPDX-License-Identifier: GPL-2.0
/* A run goes on where the records on a medium end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "json.h"
#include "record/crc32.h"
#include "resume.h"

#define PLAN 0x0a0b0c0d

static char log_text[65536];
static size_t len;

static int begin_log(void **state)
{
	(void)state;
	len = 0;
	return 0;
}

static void put(const char *json)
{
	len += sprintf(log_text + len, "@cb 7 %08x %s\n",
		       crc32_ieee(0, json, strlen(json)), json);
}

static void put_hello(int run, int boot, unsigned int plan)
{
	char json[256];

	sprintf(json,
		"{\"t\":\"hello\",\"plan_crc\":\"%08x\",\"run\":%d,"
		"\"run_boot\":%d}",
		plan, run, boot);
	put(json);
}

static void put_begin(int id)
{
	char json[64];

	sprintf(json, "{\"t\":\"begin\",\"id\":%d,\"ms\":1}", id);
	put(json);
}

static void expect(int run, int boot, int first, int hopeless)
{
	struct resume r;

	/* As on the medium: newlines behind what was written. */
	memset(log_text + len, '\n', 4096);
	resume_find(&r, log_text, len + 4096, PLAN);
	assert_int_equal(r.run, run);
	assert_int_equal(r.boot, boot);
	assert_int_equal(r.first, first);
	assert_int_equal(r.hopeless, hopeless);
}

static void a_new_medium(void **state)
{
	(void)state;
	expect(1, 1, 0, 0);
}

static void after_bye_a_run_begins(void **state)
{
	(void)state;
	put_hello(3, 1, PLAN);
	put_begin(0);
	put("{\"t\":\"bye\",\"ran\":1}");
	expect(4, 1, 0, 0);
}

static void a_cut_run_goes_on_behind_what_began(void **state)
{
	(void)state;
	put_hello(1, 1, PLAN);
	put_begin(0);
	put_begin(1);
	expect(1, 2, 2, 0);
	put_hello(1, 2, PLAN);
	put_begin(2);
	/* Half a line: what a power cut leaves. */
	len += sprintf(log_text + len, "@cb 9 0123abcd {\"t\":\"begin\",\"i");
	expect(1, 3, 3, 0);
}

static void another_plan_is_another_run(void **state)
{
	(void)state;
	put_hello(1, 1, PLAN + 1);
	put_begin(5);
	expect(2, 1, 0, 0);
}

static void a_damaged_record_counts_for_nothing(void **state)
{
	(void)state;
	put_hello(1, 1, PLAN);
	put_begin(0);
	put_begin(1);
	log_text[len - 3] = '2';
	expect(1, 2, 1, 0);
}

static void boots_that_begin_nothing_end(void **state)
{
	(void)state;
	put_hello(1, 1, PLAN);
	put_begin(4);
	put_hello(1, 2, PLAN);
	expect(1, 3, 5, 0);
	put_hello(1, 3, PLAN);
	expect(1, 4, 5, 0);
	put_hello(1, 4, PLAN);
	expect(1, 5, 5, 1);
	/* It said bye then: whoever starts the rig again gets a new run. */
	put_hello(1, 5, PLAN);
	put("{\"t\":\"bye\",\"ran\":0}");
	expect(2, 1, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_new_medium, begin_log),
		cmocka_unit_test_setup(after_bye_a_run_begins, begin_log),
		cmocka_unit_test_setup(a_cut_run_goes_on_behind_what_began,
				       begin_log),
		cmocka_unit_test_setup(another_plan_is_another_run, begin_log),
		cmocka_unit_test_setup(a_damaged_record_counts_for_nothing,
				       begin_log),
		cmocka_unit_test_setup(boots_that_begin_nothing_end, begin_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
