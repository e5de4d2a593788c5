// SPDX-License-Identifier: GPL-2.0
/* Untrusted text and numbers, formatted for terminals and line-based files. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/util.h"

char *text_clean(const char *s)
{
	char *copy = xstrdup(s);
	unsigned char *p;

	for (p = (unsigned char *)copy; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
		/* U+0080 to U+009F: some terminals obey these too. */
		if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) {
			*p++ = '?';
			*p = '?';
		}
	}
	return copy;
}

size_t text_width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

/* At most one decimal, and none where it would be a zero. */
static char *scaled(double v, const char *unit)
{
	v = round(v * 10) / 10;
	if (v == floor(v))
		return xasprintf("%.0f %s", v, unit);
	return xasprintf("%.1f %s", v, unit);
}

static char *bytes(double v)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	size_t i = 0;

	if (fabs(v) < 1024)
		return xasprintf("%.0f B", v);
	for (v /= 1024; fabs(v) >= 1024 && i < 3; i++)
		v /= 1024;
	return scaled(v, units[i]);
}

char *text_quantity(const json_t *value, const char *unit)
{
	double v = json_number_value(value);
	char *clean, *s;

	if (!strcmp(unit, "bytes"))
		return bytes(v);
	if (!strcmp(unit, "ms") && fabs(v) >= 1000)
		return xasprintf("%.2f s", v / 1000);

	clean = text_clean(unit);
	/* Counts have no unit: the name of the evidence is enough. */
	if (!*unit || !strcmp(unit, "events") || !strcmp(unit, "count") ||
	    !strcmp(unit, "status"))
		*clean = '\0';
	if (json_is_integer(value))
		s = xasprintf("%" JSON_INTEGER_FORMAT "%s%s",
			      json_integer_value(value), *clean ? " " : "",
			      clean);
	else
		s = xasprintf("%.6g%s%s", v, *clean ? " " : "", clean);
	free(clean);
	return s;
}

char *text_reason(const char *reason, const char *detail)
{
	char *both, *clean;

	if (!reason)
		reason = "";
	if (!detail)
		detail = "";
	both = xasprintf("%s%s%s", reason, *reason && *detail ? ": " : "",
			 detail);
	clean = text_clean(both);
	free(both);
	return clean;
}

char *text_problem(const json_t *problem)
{
	return text_reason(json_string_value(
				   json_object_get(problem, "reason")),
			   json_string_value(
				   json_object_get(problem, "detail")));
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *text_cell(json_t *cell)
{
	size_t n = json_object_size(cell), i = 0;
	char **pairs = xrealloc(NULL, (n + 1) * sizeof(*pairs));
	char *text = xstrdup("");
	const char *key;
	json_t *value;
	bool good = true;

	json_object_foreach(cell, key, value) {
		good = good && json_is_string(value);
		pairs[i++] = xasprintf("%s=%s", key,
				       good ? json_string_value(value) : "");
	}
	qsort(pairs, n, sizeof(*pairs), compare_text);
	for (i = 0; i < n; i++) {
		char *longer =
			xasprintf("%s%s%s", text, i ? "," : "", pairs[i]);

		free(text);
		free(pairs[i]);
		text = longer;
	}
	free(pairs);
	if (good)
		return text;
	free(text);
	return NULL;
}

size_t text_decode(const char *text, size_t len, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	size_t n, i;

	if (*s < 0x80) {
		*c = *s;
		return 1;
	}
	n = *s >= 0xf0 ? 4 : *s >= 0xe0 ? 3 : 2;
	if (*s < 0xc2 || *s > 0xf4 || n > len)
		return 0;
	*c = *s & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return n;
}

char *text_excerpt(const char *s, size_t len, size_t most)
{
	size_t at = len > most ? len - most : 0, n, room;
	char *text;
	FILE *f;

	/* Do not begin within a character. */
	while (at < len && len > most && (s[at] & 0xc0) == 0x80)
		at++;
	f = xmemstream(&text, &room);
	for (; at < len; at += n) {
		unsigned char c = (unsigned char)s[at];
		uint32_t whole;

		n = text_decode(s + at, len - at, &whole);
		if (!n || (c < 0x20 && !strchr("\n\t", c)) || c == 0x7f || !c)
			fputc('?', f);
		else
			fwrite(s + at, 1, n, f);
		n = n ? n : 1;
	}
	fclose(f);
	return text;
}
