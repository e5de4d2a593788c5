// SPDX-License-Identifier: GPL-2.0
// One compact JSON object of at most RECORD_JSON_MAX bytes, front to back.
#include <stdio.h>
#include <string.h>

#include "json.h"

/* Texts leave this much free, so that keys and brackets are never cut. */
#define JSON_ROOM 256
/* The longest text. */
#define JSON_TEXT 1536

static void put(struct json *j, const char *bytes, size_t len)
{
	if (j->len + len > RECORD_JSON_MAX)
		return;
	memcpy(j->text + j->len, bytes, len);
	j->len += len;
	j->text[j->len] = '\0';
}

/* The length of the valid UTF-8 sequence at s; 0 where there is none. */
static size_t utf8_len(const unsigned char *s)
{
	size_t i, len = s[0] < 0x80 ? 1 :
			s[0] < 0xc2 ? 0 :
			s[0] < 0xe0 ? 2 :
			s[0] < 0xf0 ? 3 :
			s[0] < 0xf5 ? 4 :
				      0;

	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

static void put_text(struct json *j, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t end = j->len + JSON_TEXT;
	char escape[8];
	size_t n;

	if (end > RECORD_JSON_MAX - JSON_ROOM)
		end = RECORD_JSON_MAX - JSON_ROOM;
	put(j, "\"", 1);
	while (*s && j->len + sizeof(escape) < end) {
		n = utf8_len(s);
		if (*s == '"' || *s == '\\') {
			put(j, (const char[]){ '\\', *s }, 2);
			n = 1;
		} else if (*s < 0x20 || !n) {
			snprintf(escape, sizeof(escape), "\\u%04x", *s);
			put(j, escape, 6);
			n = 1;
		} else {
			put(j, (const char *)s, n);
		}
		s += n;
	}
	put(j, "\"", 1);
}

static void put_key(struct json *j, const char *key)
{
	if (j->comma)
		put(j, ",", 1);
	j->comma = true;
	if (key) {
		put(j, "\"", 1);
		put(j, key, strlen(key));
		put(j, "\":", 2);
	}
}

void json_begin(struct json *j, const char *type)
{
	j->len = 0;
	j->comma = false;
	put(j, "{", 1);
	json_text(j, "t", type);
}

void json_end(struct json *j)
{
	put(j, "}", 1);
}

void json_text(struct json *j, const char *key, const char *value)
{
	put_key(j, key);
	put_text(j, value);
}

void json_number(struct json *j, const char *key, long long value)
{
	char digits[24];

	put_key(j, key);
	snprintf(digits, sizeof(digits), "%lld", value);
	put(j, digits, strlen(digits));
}

void json_flag(struct json *j, const char *key, bool value)
{
	put_key(j, key);
	put(j, value ? "true" : "false", value ? 4 : 5);
}

void json_open(struct json *j, const char *key, char open)
{
	put_key(j, key);
	put(j, &open, 1);
	j->comma = false;
}

void json_close(struct json *j, char close)
{
	put(j, &close, 1);
	j->comma = true;
}
