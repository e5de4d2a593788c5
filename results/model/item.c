// SPDX-License-Identifier: GPL-2.0
/* An entry of a result: its fields as they stand in the file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/result.h"

/* How a field is read and written. */
enum kind {
	TEXT,
	WORD, /* a text, not empty */
	NULLABLE, /* a text; null in the file when it is empty */
	FLAG,
	NUMBER, /* whole */
	AMOUNT,
	CELL,
	VERDICT,
	MEASURED,
	STRINGS,
};

enum {
	OPTIONAL = 1, /* for a reader: a baseline need not have it */
	SPARE = 2, /* for the writer: left out when it is empty */
};

/* In the order of the file. A new field needs a line here and a member. */
static const struct field {
	const char *key;
	enum kind kind;
	int flags;
	size_t offset; /* in struct item */
	long min, max; /* of a number */
	const char *want;
} fields[] = {
	{ "id", NUMBER, OPTIONAL, offsetof(struct item, id), 0, ENTRIES_MAX,
	  "id must be a number from 0 to 100000" },
	{ "name", WORD, 0, offsetof(struct item, name), 0, 0,
	  "name and driver must be strings, and not empty" },
	{ "cell", CELL, 0, offsetof(struct item, cell), 0, 0,
	  "cell must be an object of strings" },
	{ "driver", WORD, 0, offsetof(struct item, driver), 0, 0,
	  "name and driver must be strings, and not empty" },
	{ "control", FLAG, 0, offsetof(struct item, control), 0, 0,
	  "control must be true or false" },
	{ "variant", TEXT, OPTIONAL | SPARE, offsetof(struct item, variant), 0,
	  0, "variant must be a string" },
	{ "expect", TEXT, OPTIONAL | SPARE, offsetof(struct item, expect), 0, 0,
	  "expect must be a string" },
	{ "claim", TEXT, OPTIONAL, offsetof(struct item, claim), 0, 0,
	  "claim must be a string" },
	{ "metric", TEXT, OPTIONAL | SPARE, offsetof(struct item, metric), 0, 0,
	  "metric must be a string" },
	{ "outcome", NULLABLE, OPTIONAL, offsetof(struct item, outcome), 0, 0,
	  "outcome must be a string or null" },
	{ "verdict", VERDICT, 0, offsetof(struct item, verdict), 0, 0,
	  "verdict must be one of those that there are" },
	{ "reason", TEXT, 0, offsetof(struct item, reason), 0, 0,
	  "reason must be a string" },
	{ "detail", TEXT, OPTIONAL, offsetof(struct item, detail), 0, 0,
	  "detail must be a string" },
	{ "duration_ms", AMOUNT, OPTIONAL, offsetof(struct item, duration_ms),
	  0, 0, "duration_ms must be a number from 0 to 1e15" },
	{ "evidence", MEASURED, 0, offsetof(struct item, evidence), 0, 0,
	  "evidence must be an object of value and unit, of no more than "
	  "256" },
	{ "meters", STRINGS, OPTIONAL, offsetof(struct item, meters), 0, 0,
	  "meters must be an array of strings" },
	{ "warnings", STRINGS, OPTIONAL | SPARE,
	  offsetof(struct item, warnings), 0, 0,
	  "warnings must be an array of strings" },
	{ "boot", NUMBER, OPTIONAL | SPARE, offsetof(struct item, boot), 1,
	  BOOTS_MAX, "boot must be a number from 1 to 1000" },
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

static bool are_strings(json_t *a)
{
	json_t *one;
	size_t i;

	json_array_foreach(a, i, one) {
		if (!json_is_string(one))
			return false;
	}
	return json_is_array(a);
}

static bool read_verdict(const json_t *value, enum verdict *to)
{
	const char *name = json_string_value(value);
	int i;

	for (i = 0; name && i < VERDICTS; i++) {
		if (strcmp(name, verdict_names[i]))
			continue;
		*to = (enum verdict)i;
		return true;
	}
	return false;
}

static bool read_number(const struct field *f, const json_t *value, size_t *to)
{
	json_int_t n = json_integer_value(value);

	*to = (size_t)n;
	return json_is_integer(value) && n >= f->min && n <= f->max;
}

static bool read_text(const struct field *f, const json_t *value,
		      const char **to)
{
	if (f->kind == NULLABLE && json_is_null(value))
		return true;
	*to = json_string_value(value);
	return *to && (f->kind != WORD || **to);
}

static bool read_object(const struct field *f, json_t *value, json_t **to)
{
	*to = value;
	return f->kind == CELL	   ? is_cell(value) :
	       f->kind == MEASURED ? is_measured(value) :
				     are_strings(value);
}

static bool read_field(const struct field *f, struct item *it, json_t *value)
{
	void *to = (char *)it + f->offset;

	switch (f->kind) {
	case TEXT:
	case WORD:
	case NULLABLE:
		return read_text(f, value, to);
	case FLAG:
		*(bool *)to = json_is_true(value);
		return json_is_boolean(value);
	case NUMBER:
		return read_number(f, value, to);
	case AMOUNT:
		return is_amount(value, to);
	case VERDICT:
		return read_verdict(value, to);
	default:
		return read_object(f, value, to);
	}
}

static bool is_text(const struct field *f)
{
	return f->kind == TEXT || f->kind == WORD || f->kind == NULLABLE;
}

/* Views rely on it that no text is NULL. */
static void set_texts(struct item *it)
{
	size_t i;

	for (i = 0; i < FIELDS; i++) {
		const char **to = (void *)((char *)it + fields[i].offset);

		if (is_text(&fields[i]) && !*to)
			*to = "";
	}
}

const char *item_read(struct item *it, json_t *o)
{
	const char *wrong = NULL;
	size_t i;

	for (i = 0; i < FIELDS && !wrong; i++) {
		const struct field *f = &fields[i];
		json_t *value = json_object_get(o, f->key);

		if (!value && (f->flags & OPTIONAL))
			continue;
		if (!read_field(f, it, value))
			wrong = f->want;
	}
	if (!wrong)
		item_finish(it);
	return wrong;
}

/* A whole number of milliseconds is written as one. */
static json_t *amount_json(double value)
{
	json_int_t whole = (json_int_t)value;

	return (double)whole == value ? json_integer(whole) : json_real(value);
}

static json_t *text_json(const struct field *f, const char *s)
{
	if (!*s && (f->flags & SPARE))
		return NULL;
	return !*s && f->kind == NULLABLE ? json_null() : json_string(s);
}

/* An object or an array. */
static json_t *object_json(const struct field *f, json_t *value)
{
	if ((f->flags & SPARE) && !json_array_size(value))
		return NULL;
	return json_incref(value);
}

static json_t *number_json(const struct field *f, size_t n)
{
	if (!n && (f->flags & SPARE))
		return NULL;
	return json_integer((json_int_t)n);
}

/* NULL: it is left out. */
static json_t *field_json(const struct field *f, const struct item *it)
{
	const void *from = (const char *)it + f->offset;

	switch (f->kind) {
	case TEXT:
	case WORD:
	case NULLABLE:
		return text_json(f, *(const char *const *)from);
	case FLAG:
		return json_boolean(*(const bool *)from);
	case NUMBER:
		return number_json(f, *(const size_t *)from);
	case AMOUNT:
		return amount_json(*(const double *)from);
	case VERDICT:
		return json_string(verdict_names[*(const enum verdict *)from]);
	default:
		return object_json(f, *(json_t *const *)from);
	}
}

json_t *item_json(const struct item *it)
{
	json_t *o = json_object();
	size_t i;

	for (i = 0; i < FIELDS; i++) {
		json_t *value = field_json(&fields[i], it);

		if (value)
			json_object_set_new(o, fields[i].key, value);
	}
	return o;
}

void item_finish(struct item *it)
{
	set_texts(it);
	it->label = xasprintf("%s%s%s", it->driver, *it->variant ? "/" : "",
			      it->variant);
	it->cell_text = text_cell(it->cell);
	/* A part that holds a newline can only match another such part. */
	it->key =
		xasprintf("%s\n%s\n%s\n%s\n%s", it->name, it->cell_text,
			  it->label, it->control ? "control" : "", it->expect);
}

bool item_unexpected_control(const struct item *it)
{
	return it->control && it->verdict == ERROR &&
	       !strcmp(it->reason, "control-unexpected");
}
