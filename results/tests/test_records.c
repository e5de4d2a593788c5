// SPDX-License-Identifier: GPL-2.0
/* The record reader against streams that are cut, garbled and flooded. */
#include <stdlib.h>
#include <string.h>

#include "record/crc32.h"
#include "tests/help.h"

/* Feeds s in pieces of step bytes. */
static void read_stream(struct records *r, const struct stream *s, size_t step)
{
	size_t at;

	records_init(r);
	for (at = 0; at < s->len; at += step)
		records_feed(r, s->data + at,
			     s->len - at < step ? s->len - at : step);
	records_finish(r);
}

static uint64_t damage(const struct record_counts *c)
{
	return c->crc_errors + c->conflicting + c->malformed + c->truncated +
	       c->missing + c->unkept;
}

static void put_three(struct stream *s)
{
	put(s, "{\"t\":\"a\"}");
	put(s, "{\"t\":\"b\",\"x\":\"\\u0000\"}");
	put(s, "{\"t\":\"c\"}");
}

static void crc_is_ieee(void **state)
{
	(void)state;
	assert_int_equal(crc32_ieee(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc32_ieee(crc32_ieee(0, "1234", 4), "56789", 5),
			 0xcbf43926);
	assert_int_equal(crc32_ieee(0, "", 0), 0);
}

static void any_piece_size(void **state)
{
	struct stream s = { 0 };
	struct records r;
	size_t step;

	(void)state;
	put_usual(&s);
	for (step = 1; step <= s.len; step += step < 100 ? 1 : 97) {
		read_stream(&r, &s, step);
		assert_int_equal(r.counts.accepted, 14);
		assert_int_equal(r.n, 14);
		assert_int_equal(r.counts.lines, 14);
		assert_int_equal(r.counts.bytes, s.len);
		assert_int_equal(damage(&r.counts), 0);
		records_free(&r);
	}
	stream_free(&s);
}

static void crlf_and_other_text(void **state)
{
	static const char text[] = "[ 1.0] kernel: words \033[31m\0\1\xff "
				   "@cb 1 ac4b6a5e {\"t\":\"begun";
	struct stream s = { 0 };
	struct records r;

	(void)state;
	put(&s, "{\"t\":\"a\"}");
	s.data[s.len - 1] = '\r';
	put_bytes(&s, "\r\n", 2);
	put_bytes(&s, text, sizeof(text) - 1);
	put(&s, "{\"t\":\"b\"}");
	read_stream(&r, &s, 7);
	assert_int_equal(r.counts.accepted, 2);
	assert_int_equal(r.v[1]->seq, 1);
	assert_int_equal(r.v[1]->len, 9);
	assert_memory_equal(r.v[1]->json, "{\"t\":\"b\"}", 9);
	assert_int_equal(r.counts.crc_errors, 1);
	assert_int_equal(damage(&r.counts), 1);
	records_free(&r);
	stream_free(&s);
}

static void cut_leaves_whole_records(void **state)
{
	struct stream s = { 0 };
	struct records r;
	size_t cut, lines = 0;

	(void)state;
	put_usual(&s);
	for (cut = 0; cut <= s.len; cut++) {
		struct stream part = { .data = s.data, .len = cut };

		lines += cut && s.data[cut - 1] == '\n';
		read_stream(&r, &part, s.len);
		assert_int_equal(r.counts.accepted, lines);
		assert_int_equal(damage(&r.counts), r.counts.truncated);
		records_free(&r);
	}
	assert_int_equal(lines, 14);
	stream_free(&s);
}

/* No record is ever accepted with other bytes than were sent. */
static void corrupted_is_noticed(void **state)
{
	static const unsigned char flips[] = { 1, 2, 0x10, 0x20, 0x80, 0xff };
	struct stream s = { 0 };
	struct records r;
	size_t at, i, k;

	(void)state;
	put_three(&s);
	for (at = 0; at < s.len; at++) {
		for (i = 0; i < sizeof(flips); i++) {
			s.data[at] = (char)(s.data[at] ^ flips[i]);
			read_stream(&r, &s, s.len);
			assert_true(r.counts.accepted < 3 || r.counts.missing);
			for (k = 0; k < r.n; k++)
				assert_non_null(memmem(s.data, s.len,
						       r.v[k]->json,
						       r.v[k]->len));
			records_free(&r);
			s.data[at] = (char)(s.data[at] ^ flips[i]);
		}
	}
	stream_free(&s);
}

static void reordered_comes_sorted(void **state)
{
	static const int order[] = { 4, 0, 3, 1, 2 };
	struct stream s = { 0 };
	struct records r;
	uint64_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		char json[] = "{\"t\":\"0\"}";

		json[6] = (char)('0' + order[i]);
		put_as(&s, (uint64_t)order[i], json);
	}
	read_stream(&r, &s, 3);
	assert_int_equal(r.counts.accepted, 5);
	assert_int_equal(r.counts.reordered, 4);
	assert_int_equal(damage(&r.counts), 0);
	for (i = 0; i < 5; i++) {
		assert_int_equal(r.v[i]->seq, i);
		assert_int_equal(r.v[i]->json[6], '0' + (int)i);
	}
	records_free(&r);
	stream_free(&s);
}

static void repeated_is_dropped(void **state)
{
	struct stream s = { 0 }, twice = { 0 };
	struct records r;

	(void)state;
	put_three(&s);
	put_bytes(&twice, s.data, s.len);
	put_bytes(&twice, s.data, s.len);
	read_stream(&r, &twice, 11);
	assert_int_equal(r.counts.accepted, 3);
	assert_int_equal(r.counts.repeated, 3);
	assert_int_equal(r.counts.reordered, 0);
	assert_int_equal(damage(&r.counts), 0);
	records_free(&r);
	stream_free(&s);
	stream_free(&twice);
}

/* Neither version is used, however often they come. */
static void conflicting_is_not_believed(void **state)
{
	struct stream s = { 0 };
	struct records r;

	(void)state;
	put_three(&s);
	put_as(&s, 1, "{\"t\":\"d\"}");
	put_as(&s, 1, "{\"t\":\"b\",\"x\":\"\\u0000\"}");
	put_as(&s, 1, "{\"t\":\"e\"}");
	read_stream(&r, &s, 5);
	assert_int_equal(r.counts.accepted, 2);
	assert_int_equal(r.counts.conflicting, 2);
	assert_int_equal(r.counts.missing, 0);
	assert_true(r.v[1]->conflicting);
	assert_false(records_whole(&r, 0, 2));
	assert_true(records_whole(&r, 2, 2));
	records_free(&r);
	stream_free(&s);
}

static void gaps_are_counted(void **state)
{
	struct stream s = { 0 };
	struct records r;

	(void)state;
	put_as(&s, 2, "{\"t\":\"a\"}");
	put_as(&s, 3, "{\"t\":\"b\"}");
	put_as(&s, 999999999, "{\"t\":\"c\"}");
	read_stream(&r, &s, 1);
	assert_int_equal(r.counts.accepted, 3);
	assert_int_equal(r.counts.gaps, 2);
	assert_int_equal(r.counts.missing, 2 + 999999999 - 4);
	assert_true(records_whole(&r, 2, 3));
	assert_false(records_whole(&r, 1, 3));
	assert_false(records_whole(&r, 3, 4));
	records_free(&r);
	stream_free(&s);
}

/* Bad heads, and JSON that no record may have, under a right checksum. */
static void malformed_is_refused(void **state)
{
	static const char *const lines[] = {
		"@cb ",
		"@cb x",
		"@cb 1",
		"@cb -1 00000000 {}",
		"@cb 01 2d3b5b4f {\"t\":\"a\"}",
		"@cb 1  {\"t\":\"a\"}",
		"@cb 1234567890 00000000 {}",
		"@cb 1 0000000 {}",
		"@cb 1 0000000G {}",
		"@cb 1 000000000 {}",
	};
	static const char *const jsons[] = {
		"{}",
		"[]",
		"1",
		"{\"t\":1}",
		"{\"t\":\"a\"} ",
		" {\"t\":\"a\"}",
		"{\"t\":\"a\"}{}",
		"{\"t\":\"\xff\"}",
		"{\"t\":\"a\",\"v\":NaN}",
		"{\"t\":\"a\",\"v\":1e999}",
		"{\"t\":\"a\",\"v\":-Infinity}",
		"{\"t\":\"a\",\"v\":99999999999999999999}",
		"{\"t\":\"a\",\"t\":\"b\"}",
		"{\"t\":\"a\",\"seq\":1}",
		"{\"t\":\"a\",\"boot\":1}",
	};
	size_t i, n = sizeof(lines) / sizeof(*lines);

	(void)state;
	for (i = 0; i < n + sizeof(jsons) / sizeof(*jsons); i++) {
		struct stream s = { 0 };
		struct records r;

		if (i < n) {
			put_bytes(&s, lines[i], strlen(lines[i]));
			put_bytes(&s, "\n", 1);
		} else {
			put_as(&s, 0, jsons[i - n]);
		}
		read_stream(&r, &s, s.len);
		assert_int_equal(r.counts.accepted, 0);
		assert_int_equal(r.counts.malformed, 1);
		records_free(&r);
		stream_free(&s);
	}
}

static void longest_json_is_bounded(void **state)
{
	size_t extra;

	(void)state;
	for (extra = 0; extra < 2; extra++) {
		char *text = xrealloc(NULL, RECORD_JSON_MAX + 2);
		struct stream s = { 0 };
		struct records r;

		memset(text, 'x', RECORD_JSON_MAX + 1);
		memcpy(text, "{\"t\":\"", 6);
		memcpy(text + RECORD_JSON_MAX + extra - 2, "\"}", 3);
		put_as(&s, 0, text);
		read_stream(&r, &s, 4096);
		assert_int_equal(r.counts.accepted, 1 - extra);
		assert_int_equal(r.counts.malformed, extra);
		records_free(&r);
		stream_free(&s);
		free(text);
	}
}

/* A line of any length is no reason to miss the record at its end. */
static void overlong_lines(void **state)
{
	static const size_t sizes[] = {
		60000,		 RECORD_LINE_MAX - 24, RECORD_LINE_MAX - 23,
		RECORD_LINE_MAX, RECORD_LINE_MAX + 1,  1000000
	};
	size_t i, step;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (step = 1000; step < 2000000; step *= 1999) {
			struct stream s = { 0 };
			struct records r;
			char *junk = xrealloc(NULL, sizes[i]);

			memset(junk, '@', sizes[i]);
			put_bytes(&s, junk, sizes[i]);
			put(&s, "{\"t\":\"a\"}");
			put_bytes(&s, junk, sizes[i]);
			put_bytes(&s, "\n", 1);
			put(&s, "{\"t\":\"b\"}");
			read_stream(&r, &s, step);
			assert_int_equal(r.counts.accepted, 2);
			assert_int_equal(r.counts.lines, 3);
			assert_int_equal(damage(&r.counts), 0);
			if (sizes[i] > RECORD_LINE_MAX)
				assert_int_equal(r.counts.overlong, 2);
			records_free(&r);
			stream_free(&s);
			free(junk);
		}
	}
}

static void lost_in_long_line_shows(void **state)
{
	struct stream s = { 0 };
	struct records r;
	char junk[RECORD_LINE_MAX];

	(void)state;
	memset(junk, 'x', sizeof(junk));
	put(&s, "{\"t\":\"a\"}");
	s.len--;
	put_bytes(&s, junk, sizeof(junk));
	put_bytes(&s, junk, sizeof(junk));
	put_bytes(&s, "\n", 1);
	read_stream(&r, &s, 512);
	assert_int_equal(r.counts.accepted, 0);
	assert_int_equal(r.counts.malformed, 1);
	assert_int_equal(r.counts.overlong, 1);
	records_free(&r);
	stream_free(&s);
}

/* Junk between, of every byte there is, in lines and without. */
static void flood_of_junk(void **state)
{
	struct stream s = { 0 };
	struct records r;
	uint32_t x = 1;
	int i, k;

	(void)state;
	for (i = 0; i < 50; i++) {
		char junk[8192];

		for (k = 0; k < (int)sizeof(junk); k++) {
			x = x * 1664525 + 1013904223;
			junk[k] = (char)(x >> 24);
		}
		put_bytes(&s, junk, sizeof(junk));
		put(&s, "{\"t\":\"a\",\"i\":%d}", i);
	}
	read_stream(&r, &s, 65536);
	assert_int_equal(r.counts.accepted, 50);
	assert_int_equal(damage(&r.counts), 0);
	records_free(&r);
	stream_free(&s);
}

static void too_many_are_counted(void **state)
{
	static const char json[] = "{\"t\":\"a\"}";
	uint32_t crc = crc32_ieee(0, json, sizeof(json) - 1);
	struct records r;
	int i;

	(void)state;
	records_init(&r);
	for (i = 0; i < RECORDS_MAX + 3; i++) {
		char line[64];
		int n = snprintf(line, sizeof(line), "@cb %d %08x %s\n", i, crc,
				 json);

		records_feed(&r, line, (size_t)n);
	}
	records_finish(&r);
	assert_int_equal(r.counts.accepted, RECORDS_MAX);
	assert_int_equal(r.counts.unkept, 3);
	records_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc_is_ieee),
		cmocka_unit_test(any_piece_size),
		cmocka_unit_test(crlf_and_other_text),
		cmocka_unit_test(cut_leaves_whole_records),
		cmocka_unit_test(corrupted_is_noticed),
		cmocka_unit_test(reordered_comes_sorted),
		cmocka_unit_test(repeated_is_dropped),
		cmocka_unit_test(conflicting_is_not_believed),
		cmocka_unit_test(gaps_are_counted),
		cmocka_unit_test(malformed_is_refused),
		cmocka_unit_test(longest_json_is_bounded),
		cmocka_unit_test(overlong_lines),
		cmocka_unit_test(lost_in_long_line_shows),
		cmocka_unit_test(flood_of_junk),
		cmocka_unit_test(too_many_are_counted),
	};

	return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
