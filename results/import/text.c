// SPDX-License-Identifier: GPL-2.0
/* The bytes of a log, as they came home. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "import/import.h"

int text_read(struct text *t, const char *path, struct error *err)
{
	FILE *f = fopen(path, "rb");
	size_t room = 0, n;

	memset(t, 0, sizeof(*t));
	if (!f)
		return refuse(err, "%s: %s", path, strerror(errno));
	do {
		if (t->len == room) {
			room = room ? 2 * room : 1 << 16;
			t->bytes = xrealloc(t->bytes, room);
		}
		n = fread(t->bytes + t->len, 1, room - t->len, f);
		t->len += n;
	} while (n && t->len <= LOG_BYTES_MAX);
	n = ferror(f);
	fclose(f);
	if (n)
		return refuse(err, "%s: cannot be read", path);
	if (t->len > LOG_BYTES_MAX)
		return refuse(err, "%s: more than %u MiB", path,
			      LOG_BYTES_MAX >> 20);
	return 0;
}

/* The message of one line of LAVA's log; NULL: it is no such line. */
static json_t *lava_message(const char *line, size_t len)
{
	json_t *o;

	if (len < 4 || memcmp(line, "- {", 3))
		return NULL;
	o = json_loadb(line + 2, len - 2, 0, NULL);
	if (json_is_string(json_object_get(o, "msg")) &&
	    !strcmp("target",
		    json_string_value(json_object_get(o, "lvl")) ?: ""))
		return o;
	json_decref(o);
	return NULL;
}

/*
 * LAVA 2023.01 puts a backslash before each quote of a line.  A record has
 * quotes without one otherwise, so a line in which each has one was changed.
 */
static bool has_plain_quote(const char *msg)
{
	const char *p = msg;

	while ((p = strchr(p, '"'))) {
		if (p == msg || p[-1] != '\\')
			return true;
		p++;
	}
	return false;
}

static void print_message(FILE *f, const char *msg)
{
	bool plain = has_plain_quote(msg);

	for (; *msg; msg++)
		if (plain || msg[0] != '\\' || msg[1] != '"')
			fputc(*msg, f);
	fputc('\n', f);
}

void text_unwrap(struct text *t)
{
	const char *p = t->bytes, *stop = p + t->len, *end;
	size_t size, found = 0;
	char *out;
	FILE *f = xmemstream(&out, &size);
	json_t *o;

	for (; p < stop; p = end + 1) {
		end = memchr(p, '\n', (size_t)(stop - p));
		if (!end)
			end = stop;
		o = lava_message(p, (size_t)(end - p));
		if (!o)
			continue;
		found++;
		print_message(f, json_string_value(json_object_get(o, "msg")));
		json_decref(o);
	}
	fclose(f);
	if (!found) {
		free(out);
		return;
	}
	free(t->bytes);
	t->bytes = out;
	t->len = size;
}

void text_free(struct text *t)
{
	free(t->bytes);
}
