// SPDX-License-Identifier: GPL-2.0
// Reads from the records on the medium which entries earlier boots left to do.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/wire.h"
#include "record/crc32.h"
#include "resume.h"
#include "util.h"

/* The state of the last run, record by record. */
struct history {
	int run, boot, last; /* last: the entry that began last, or -1 */
	int fruitless;
	bool begun; /* something, in the boot at hand */
	bool over;
	uint32_t plan_crc;
};

/* The JSON of a whole record between line and end, in buf; else false. */
static bool record_of(const char *line, const char *end, char *buf, size_t size)
{
	unsigned int crc;
	size_t len = end - line;
	int at = 0;

	if (len >= size)
		return false;
	memcpy(buf, line, len);
	buf[len] = '\0';
	if (sscanf(buf, "@cb %*u %8x %n", &crc, &at) < 1 || !at)
		return false;
	memmove(buf, buf + at, len - at + 1);
	return crc32_ieee(0, buf, len - at) == crc;
}

/* The number behind the key; fallback where there is none. */
static long number(const char *json, const char *key, int base, long fallback)
{
	const char *at = strstr(json, key);

	return at ? strtol(at + strlen(key), NULL, base) : fallback;
}

static bool is_a(const char *json, const char *type)
{
	char head[32];

	text_set(head, sizeof(head), "{\"t\":\"%s\"", type);
	return !strncmp(json, head, strlen(head));
}

static void take(struct history *h, const char *json)
{
	int run;

	if (is_a(json, "hello")) {
		run = number(json, "\"run\":", 10, 0);
		if (run != h->run) {
			memset(h, 0, sizeof(*h));
			h->last = -1;
			h->run = run;
		} else {
			h->fruitless = h->begun ? 0 : h->fruitless + 1;
		}
		h->begun = false;
		h->boot = number(json, "\"run_boot\":", 10, 0);
		h->plan_crc = number(json, "\"plan_crc\":\"", 16, 0);
	} else if (is_a(json, "begin")) {
		h->begun = true;
		h->last = number(json, "\"id\":", 10, h->last);
	} else if (is_a(json, "bye")) {
		h->over = true;
	}
}

void resume_find(struct resume *r, const char *records, size_t size,
		 uint32_t plan_crc)
{
	struct history h = { .last = -1, .over = true };
	const char *line = records, *stop = records + size, *end;
	char json[RECORD_JSON_MAX + 64];

	while (line < stop && (end = memchr(line, '\n', stop - line))) {
		if (*line == '@' && record_of(line, end, json, sizeof(json)))
			take(&h, json);
		line = end + 1;
	}
	memset(r, 0, sizeof(*r));
	if (h.over || h.plan_crc != plan_crc) {
		r->run = h.run + 1;
		r->boot = 1;
		return;
	}
	r->run = h.run;
	r->boot = h.boot + 1;
	r->first = h.last + 1;
	r->hopeless = !h.begun && h.fruitless + 1 >= FRUITLESS_MAX;
}
