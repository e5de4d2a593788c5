// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes the record reader and the judge: the first byte chooses whether the
 * rest is a stream as it is, or a line per record, to which mark, number and
 * checksum are added.
 */
#include <stdlib.h>
#include <string.h>

#include "model/result.h"
#include "tests/help.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_lines(struct stream *s, const char *text, size_t len)
{
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;
		char *json = xasprintf("%.*s", (int)line, text);

		put_as(s, s->seq++, json);
		free(json);
		text += line + !!end;
		len -= line + !!end;
	}
}

static void judge(const struct stream *s)
{
	struct result r = { 0 };
	struct run run;

	judge_stream(&run, usual_plan(), "poweroff", s,
		     "* loop oom-bypass * xfail oom_kill=0..1 known");
	judge_result(&run, &r);
	json_decref(result_json(&r));
	result_free(&r);
	run_free(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream s = { 0 };

	if (!size)
		return 0;
	if (data[0] & 1) {
		put_hello(&s, usual_plan());
		put_lines(&s, (const char *)data + 1, size - 1);
	} else {
		put_bytes(&s, data + 1, size - 1);
	}
	judge(&s);
	stream_free(&s);
	return 0;
}
