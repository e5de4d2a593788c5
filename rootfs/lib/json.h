/* SPDX-License-Identifier: GPL-2.0 */
/* One compact JSON object of at most RECORD_JSON_MAX bytes, front to back. */
#ifndef CB_JSON_H
#define CB_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "record/wire.h"

struct json {
	size_t len;
	bool comma;
	char text[RECORD_JSON_MAX + 1];
};

/* Begins the object with its member "t". */
void json_begin(struct json *j, const char *type);
void json_end(struct json *j);
/* A member, or with key NULL an element; a text that does not fit is cut. */
void json_text(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, long long value);
void json_flag(struct json *j, const char *key, bool value);
/* A nested object or array: open is '{' or '[', close is its counterpart. */
void json_open(struct json *j, const char *key, char open);
void json_close(struct json *j, char close);

#endif
