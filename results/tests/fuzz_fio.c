// SPDX-License-Identifier: GPL-2.0
/* Fuzzes the reader of fio's output: the input is that of the longer run. */
#include <stdlib.h>
#include <string.h>

#include "record/crc32.h"
#include "tests/help.h"

#define SHORT                                                 \
	"{\"jobs\":[{\"jobname\":\"b\",\"error\":0,\"read\":" \
	"{\"total_ios\":1000},\"write\":{\"total_ios\":0}}]}"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const metrics[] = {
	"\"ns_per_io\"",
	"\"iops\"",
	"\"latency\",\"of\":\"b\"",
};

/* false: no record can hold this text. */
static bool put_output(struct stream *s, const char *name, const char *text,
		       size_t len)
{
	json_t *o = json_pack("{s:s,s:i,s:s,s:i,s:s%}", "t", "output", "id", 0,
			      "name", name, "part", 0, "text", text, len);
	char *line = o ? json_dumps(o, JSON_COMPACT) : NULL;

	json_decref(o);
	if (!line)
		return false;
	put_as(s, s->seq++, line);
	free(line);
	put(s,
	    "{\"t\":\"output-end\",\"id\":0,\"name\":\"%s\",\"parts\":1,"
	    "\"crc\":\"%08x\"}",
	    name, crc32_ieee(0, text, len));
	return true;
}

static void judge(const char *metric, const char *text, size_t len)
{
	char *plan = xasprintf("{\"t\":\"plan\",\"id\":0,\"name\":\"cost\","
			       "\"cell\":{\"bs\":\"4k\"},\"driver\":\"none\","
			       "\"control\":false,\"claim\":\"c\","
			       "\"timeout_s\":60,\"metric\":%s,\"round\":0}\n",
			       metric);
	struct stream s = { 0 };
	struct run run;

	put_hello(&s, plan);
	put(&s, "{\"t\":\"begin\",\"id\":0,\"ms\":100}");
	put_output(&s, "short", SHORT, strlen(SHORT));
	put(&s, "{\"t\":\"evidence\",\"id\":0,\"name\":\"short_run\","
		"\"value\":100,\"unit\":\"us\"}");
	if (put_output(&s, "long", text, len)) {
		put(&s, "{\"t\":\"evidence\",\"id\":0,\"name\":\"long_run\","
			"\"value\":400,\"unit\":\"us\"}");
		put_end(&s, 0, "held", "", "");
		put_bye(&s, 1);
		judge_stream(&run, plan, "poweroff", &s, NULL);
		run_free(&run);
	}
	stream_free(&s);
	free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size)
		judge(metrics[data[0] % 3], (const char *)data + 1, size - 1);
	return 0;
}
