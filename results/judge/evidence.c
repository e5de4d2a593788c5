// SPDX-License-Identifier: GPL-2.0
/*
 * How a known hole shows: the evidence that an expectation demands, as
 * name=bounds, separated by commas. Bounds are whole numbers: 5, 5..9, 5.. or
 * ..9, both ends included.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"

struct bounds {
	size_t name_len; /* of the name in front of them */
	long long low;
	long long high;
};

/* Parses a number and advances *s past it. */
static bool take_number(const char **s, long long *number)
{
	char *end;

	errno = 0;
	*number = strtoll(*s, &end, 10);
	if (end == *s || errno || strchr(" \t+", **s))
		return false;
	*s = end;
	return true;
}

/* Parses "5", "5..9", "5.." or "..9" and advances *s past it. */
static bool take_bounds(const char **s, struct bounds *b)
{
	static const char dots[] = "..";
	bool has_low = strncmp(*s, dots, 2);

	b->low = LLONG_MIN;
	b->high = LLONG_MAX;
	if (has_low && !take_number(s, &b->low))
		return false;
	if (strncmp(*s, dots, 2)) {
		b->high = b->low;
		return true;
	}
	*s += 2;
	if (**s && **s != ',')
		return take_number(s, &b->high) && b->low <= b->high;
	return has_low;
}

/* Parses name=bounds and advances *s past it and a comma. */
static bool take_demand(const char **s, struct bounds *b)
{
	b->name_len = strcspn(*s, "=,");
	if (!b->name_len || (*s)[b->name_len] != '=')
		return false;
	*s += b->name_len + 1;
	if (!take_bounds(s, b))
		return false;
	if (!**s)
		return true;
	return *(*s)++ == ',' && **s;
}

bool evidence_demand_is_good(const char *s)
{
	struct bounds b;

	do {
		if (!take_demand(&s, &b))
			return false;
	} while (*s);
	return true;
}

/* NULL: the entry has no evidence of this name. */
static const json_t *value_of(const struct entry *e, const char *name)
{
	return json_object_get(json_object_get(e->evidence, name), "value");
}

/* Returns a text that names the evidence out of its bounds, or NULL. */
static char *differs(const struct entry *e, const char *name,
		     const struct bounds *b)
{
	const json_t *value = value_of(e, name);
	double is = json_number_value(value);

	if (!value)
		return xasprintf("there is no %s", name);
	if (is < (double)b->low || is > (double)b->high)
		return xasprintf("%s is %.15g", name, is);
	return NULL;
}

char *evidence_differs(const struct entry *e, const char *demand)
{
	char *why = NULL;

	while (!why && *demand) {
		const char *at = demand;
		struct bounds b;
		char *name;

		if (!take_demand(&demand, &b))
			break;
		name = xasprintf("%.*s", (int)b.name_len, at);
		why = differs(e, name, &b);
		free(name);
	}
	return why;
}
