// SPDX-License-Identifier: GPL-2.0
/* Logs that came home: cut into boots, put together to runs. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "import/import.h"
#include "tests/command.h"
#include "tests/help.h"

/* A hello of boot number boot of run, as a guest with a medium says it. */
static void put_numbered(struct stream *s, int run, int boot, const char *after,
			 const char *entries)
{
	s->seq = 0;
	put(s,
	    "{\"t\":\"hello\",\"schema\":1,\"kernel\":\"6.12\","
	    "\"cmdline\":\"quiet cb.suite=smoke\",\"plan\":4,"
	    "\"plan_crc\":\"01234567\",\"run\":%d,\"run_boot\":%d,"
	    "\"after\":\"%s\",\"entries\":\"%s\"}",
	    run, boot, after, entries);
}

static void find(struct pieces *p, const struct stream *s)
{
	struct text log = { .bytes = s->data, .len = s->len };
	struct error err = { "" };

	assert_int_equal(pieces_find(p, &log, "log", &err), 0);
}

static void numbered_boots_are_runs(void **state)
{
	struct stream s = { 0 };
	struct pieces p;

	(void)state;
	put_numbered(&s, 1, 1, "", "");
	put_bye(&s, 4);
	put_numbered(&s, 2, 1, "", "");
	put_numbered(&s, 2, 2, "panic", "3-3");
	put_bye(&s, 1);
	find(&p, &s);
	assert_int_equal(p.n, 3);
	assert_int_equal(p.v[0].run, 1);
	assert_int_equal(p.v[1].run, 2);
	assert_int_equal(p.v[2].run, 2);
	assert_int_equal(p.v[2].number, 2);
	assert_true(p.v[0].bye && !p.v[1].bye && p.v[2].bye);
	pieces_free(&p);
	stream_free(&s);
}

static void a_serial_log_counts_for_itself(void **state)
{
	static const char noise[] = "\r\nBIOS 1.0 \x1b[2J {\"t\":\"hello\"\r\n";
	struct stream s = { 0 };
	struct pieces p;

	(void)state;
	put_bytes(&s, noise, strlen(noise));
	put_hello(&s, usual_plan());
	put_bytes(&s, noise, strlen(noise));
	s.seq = 0;
	put_hello(&s, usual_plan());
	put_bye(&s, 4);
	s.seq = 0;
	put_hello(&s, usual_plan());
	find(&p, &s);
	assert_int_equal(p.n, 3);
	assert_int_equal(p.v[0].start, strlen(noise));
	assert_int_equal(p.v[1].run, 1);
	assert_int_equal(p.v[1].number, 2);
	assert_int_equal(p.v[2].run, 2);
	assert_int_equal(p.v[2].number, 1);
	pieces_free(&p);
	stream_free(&s);
}

static void no_hello_is_refused(void **state)
{
	struct text log = { .bytes = "nothing of ours\n", .len = 16 };
	struct pieces p;
	struct error err = { "" };

	(void)state;
	assert_int_equal(pieces_find(&p, &log, "some.log", &err), -1);
	assert_non_null(strstr(err.text, "some.log: no boot"));
	pieces_free(&p);
}

static void lava_is_unwrapped(void **state)
{
	static const char lava[] =
		"- {\"dt\": \"x\", \"lvl\": \"info\", \"msg\": \"start\"}\n"
		"- {\"dt\": \"x\", \"lvl\": \"target\", \"msg\": \"a \\\"b\\\"\"}\n"
		"- {\"dt\": \"x\", \"lvl\": \"target\", "
		"\"msg\": \"\\\\\\\"d \\\\\\\\\\\"e\"}\n"
		"- {\"dt\": \"x\", \"lvl\": \"target\", \"msg\": \"c\"}\n";
	static const char want[] = "a \"b\"\n\"d \\\"e\nc\n";
	struct text t = { .bytes = xstrdup(lava), .len = strlen(lava) };
	struct text other = { .bytes = xstrdup("- {no\n"), .len = 6 };

	(void)state;
	text_unwrap(&t);
	assert_int_equal(t.len, strlen(want));
	assert_memory_equal(t.bytes, want, t.len);
	text_unwrap(&other);
	assert_memory_equal(other.bytes, "- {no\n", 6);
	text_free(&t);
	text_free(&other);
}

/* Returns the member "end" of the boot.json of this boot. */
static const char *end_of(const char *dir, int number, json_t **o)
{
	char *path = xasprintf("%s/boot-%d/boot.json", dir, number);

	*o = json_load_file(path, 0, NULL);
	free(path);
	assert_non_null(*o);
	return json_string_value(json_object_get(*o, "end"));
}

/* The three boots that the test wrote, and their folder. */
static void remove_work(const char *work)
{
	static const char *const names[] = { "records.raw", "console.log",
					     "boot.json" };
	char *path;
	int i, j;

	for (i = 1; i <= 3; i++) {
		for (j = 0; j < 3; j++) {
			path = xasprintf("boot-%d/%s", i, names[j]);
			assert_int_equal(unlink(path), 0);
			free(path);
		}
		path = xasprintf("boot-%d", i);
		assert_int_equal(rmdir(path), 0);
		free(path);
	}
	assert_int_equal(rmdir(work), 0);
}

static void a_next_boot_tells_the_end(void **state)
{
	char work[] = "/tmp/cb-import-XXXXXX";
	struct text log, console = { 0 };
	struct stream s = { 0 };
	struct pieces p;
	struct error err = { "" };
	json_t *o;

	(void)state;
	put_numbered(&s, 1, 1, "", "");
	put_numbered(&s, 1, 2, "watchdog", "2-3");
	put_numbered(&s, 1, 3, "", "3-3");
	find(&p, &s);
	log.bytes = s.data;
	log.len = s.len;
	work_open(work);
	assert_int_equal(boots_write(&p, 1, &log, &console, ".", &err), 3);
	assert_string_equal(end_of(".", 1, &o), "hang");
	json_decref(o);
	assert_string_equal(end_of(".", 2, &o), "reset");
	assert_string_equal(json_string_value(json_object_get(o, "words")),
			    "cb.entries=2-3");
	json_decref(o);
	assert_string_equal(end_of(".", 3, &o), "interrupted");
	json_decref(o);
	remove_work(work);
	pieces_free(&p);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbered_boots_are_runs),
		cmocka_unit_test(a_serial_log_counts_for_itself),
		cmocka_unit_test(no_hello_is_refused),
		cmocka_unit_test(lava_is_unwrapped),
		cmocka_unit_test(a_next_boot_tells_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
