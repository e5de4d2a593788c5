// SPDX-License-Identifier: GPL-2.0
// The head of a matrix: what it declares, and whether that is all there is.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "matrix.h"
#include "util.h"

#define MARK "#:"
/* "matrix.NNNN/NNNN" must fit into what fio keeps for a cgroup's name. */
#define NAME_LEN 24
/* A run of a quarter as many must do something. */
#define IOS_MIN 4

static const struct key {
	const char *name, *takes;
	int least, most; /* words */
	int times;
} keys[HEADS] = {
	[HEAD_ABOUT] = { "about", "a sentence", 1, MATRIX_WORDS, 1 },
	[HEAD_METRIC] = { "metric", "ns_per_io, iops or latency SECTION", 1, 2,
			  1 },
	[HEAD_DRIVERS] = { "drivers", "NAME...", 1, MATRIX_WORDS, 1 },
	[HEAD_AXIS] = { "axis", "NAME VALUE...", 2, MATRIX_WORDS,
			MATRIX_LINES },
	[HEAD_SMOKE] = { "smoke", "NAME VALUE...", 2, MATRIX_WORDS,
			 MATRIX_LINES },
	[HEAD_WITHOUT] = { "without", "NAME=VALUE...", 1, MATRIX_WORDS,
			   MATRIX_LINES },
	[HEAD_ONLY] = { "only", "SECTION NAME=VALUE...", 2, MATRIX_WORDS,
			MATRIX_LINES },
	[HEAD_EACH] = { "each", "NAME AXIS", 2, 2, MATRIX_LINES },
	[HEAD_LIMIT] = { "limit", "GROUP KEY=VALUE...", 2, MATRIX_WORDS,
			 MATRIX_LINES },
	[HEAD_CLOCK] = { "clock", "virtual or wall", 1, 1, 1 },
	[HEAD_SIZE] = { "size", "bytes, as in 32m", 1, 1, 1 },
	[HEAD_IOS] = { "ios", "a number from 4 on", 1, 1, 1 },
};

/* Axes that the runner heeds, and so need no place in the job. */
static const struct {
	const char *name;
	const char *values[4];
} heeded[] = {
	{ "backing", { "tmpfs", "ext4", "disk", NULL } },
	{ "io", { "direct", "buffered", NULL } },
};

static const char *const givens[] = { "target", "group", "direct", "size",
				      "ios" };

struct parse {
	struct matrix *m;
	char *error;
	bool used[MATRIX_LINES]; /* the axes */
};

/* Names the place; always false. */
static __printf(3, 4) bool bad(struct parse *p, int line, const char *fmt, ...)
{
	va_list args;
	size_t n;

	snprintf(p->error, PATH_LEN, "matrices/%s.fio:%d: ", p->m->name, line);
	n = strlen(p->error);
	va_start(args, fmt);
	vsnprintf(p->error + n, PATH_LEN - n, fmt, args);
	va_end(args);
	return false;
}

static const struct head_line *find(const struct matrix *m, enum head key,
				    const char *name)
{
	int i;

	for (i = 0; i < m->head[key].count; i++)
		if (!strcmp(m->head[key].of[i].word[0], name))
			return &m->head[key].of[i];
	return NULL;
}

/* Line 0 stands for the whole file. */
static int line_of(const struct matrix *m, enum head key)
{
	return m->head[key].count ? m->head[key].of[0].number : 0;
}

static bool key_unknown(struct parse *p, int number, const char *word)
{
	char all[PATH_LEN] = "";
	int i;

	for (i = 0; i < HEADS; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), " %s",
			 keys[i].name);
	return bad(p, number,
		   "'%.40s' is nothing a head declares; there are:%s",
		   word ? word : "", all);
}

static bool take_line(struct parse *p, char *text, int number)
{
	char *key, *word, *rest;
	struct head_line *line;
	int i;

	key = strtok_r(text, " \t", &rest);
	for (i = 0; i < HEADS && key; i++)
		if (!strcmp(keys[i].name, key))
			break;
	if (!key || i == HEADS)
		return key_unknown(p, number, key);
	if (p->m->head[i].count == keys[i].times)
		return bad(p, number, "%s: %d times is once too often", key,
			   keys[i].times + 1);
	line = &p->m->head[i].of[p->m->head[i].count++];
	line->number = number;
	if (i == HEAD_ABOUT)
		p->m->about = rest + strspn(rest, " \t");
	while ((word = strtok_r(NULL, i == HEAD_ABOUT ? "" : " \t", &rest))) {
		if (line->count == keys[i].most)
			return bad(p, number, "%s: more than %d words", key,
				   keys[i].most);
		line->word[line->count++] = word;
	}
	if (line->count < keys[i].least)
		return bad(p, number, "%s: what it takes is %s", key,
			   keys[i].takes);
	return true;
}

static bool take_head(struct parse *p)
{
	char *copy = strdup(p->m->body), *line, *end;
	int number = 1;

	if (!copy)
		FAIL(errno, "a matrix");
	for (line = copy; line; line = end, number++) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (!strncmp(line, MARK, strlen(MARK)) &&
		    !take_line(p, line + strlen(MARK), number))
			return false;
	}
	return true;
}

static bool is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz_0123456789");

	return n && n < NAME_LEN && !s[n];
}

/* What goes into a cell's name, and through it into a shell's words. */
static bool is_value(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return n && n < NAME_LEN && !s[n];
}

static bool heeds(struct parse *p, const struct head_line *axis)
{
	const char *const *v;
	size_t i;
	int j;

	for (i = 0; i < ARRAY_SIZE(heeded); i++) {
		if (strcmp(heeded[i].name, axis->word[0]))
			continue;
		for (j = 1; j < axis->count; j++) {
			for (v = heeded[i].values; *v; v++)
				if (!strcmp(*v, axis->word[j]))
					break;
			if (!*v)
				return bad(p, axis->number,
					   "axis %s: '%s' is no value of it",
					   axis->word[0], axis->word[j]);
		}
	}
	return true;
}

static bool check_axes(struct parse *p)
{
	const struct head_line *axis;
	int i, j;

	for (i = 0; i < p->m->head[HEAD_AXIS].count; i++) {
		axis = &p->m->head[HEAD_AXIS].of[i];
		if (!is_name(axis->word[0]))
			return bad(p, axis->number, "axis '%s': a-z, 0-9 and _",
				   axis->word[0]);
		if (find(p->m, HEAD_AXIS, axis->word[0]) != axis)
			return bad(p, axis->number, "axis %s: declared before",
				   axis->word[0]);
		for (j = 1; j < axis->count; j++)
			if (!is_value(axis->word[j]))
				return bad(p, axis->number,
					   "axis %s: '%s': letters, digits and "
					   "._- are allowed",
					   axis->word[0], axis->word[j]);
		if (!heeds(p, axis))
			return false;
	}
	return true;
}

static bool check_drivers(struct parse *p)
{
	const struct head_line *line = p->m->head[HEAD_DRIVERS].of;
	int i;

	for (i = 0; i < line->count; i++)
		if (!driver_find(line->word[i]))
			return bad(p, line->number, "drivers: there is no '%s'",
				   line->word[i]);
	return true;
}

static bool check_metric(struct parse *p)
{
	const struct head_line *line = p->m->head[HEAD_METRIC].of;
	bool one = !strcmp(line->word[0], "ns_per_io") ||
		   !strcmp(line->word[0], "iops");
	bool two = !strcmp(line->word[0], "latency");

	if ((one && line->count == 1) || (two && line->count == 2))
		return true;
	return bad(p, line->number, "metric: what it takes is %s",
		   keys[HEAD_METRIC].takes);
}

/* A number with fio's suffixes; 0: it is none. */
static long long amount(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (*end == 'k' || *end == 'm' || *end == 'g')
		n <<= *end == 'k' ? 10 : *end == 'm' ? 20 : 30;
	else
		end -= *end != '\0';
	return end == text || (*end && end[1]) || n < 0 || n > 1LL << 40 ? 0 :
									   n;
}

static bool check_numbers(struct parse *p)
{
	struct matrix *m = p->m;

	m->size = amount(m->head[HEAD_SIZE].of[0].word[0]);
	if (m->size < 1 << 20 || m->size > 1 << 29)
		return bad(p, line_of(m, HEAD_SIZE), "size: 1m to 512m");
	m->ios = amount(m->head[HEAD_IOS].of[0].word[0]);
	if (m->ios < IOS_MIN)
		return bad(p, line_of(m, HEAD_IOS), "ios: what it takes is %s",
			   keys[HEAD_IOS].takes);
	return true;
}

/* Each of NAME=VALUE... must be of an axis. */
static bool check_pairs(struct parse *p, const struct head_line *line, int from)
{
	const struct head_line *axis;
	char name[PATH_LEN], *value;
	int i, j;

	for (i = from; i < line->count; i++) {
		text_set(name, sizeof(name), "%.200s", line->word[i]);
		value = strchr(name, '=');
		if (value)
			*value++ = '\0';
		axis = value ? find(p->m, HEAD_AXIS, name) : NULL;
		for (j = 1; axis && j < axis->count; j++)
			if (!strcmp(axis->word[j], value))
				break;
		if (!axis || j == axis->count)
			return bad(p, line->number,
				   "'%.40s' is no AXIS=VALUE that is declared",
				   line->word[i]);
		p->used[axis - p->m->head[HEAD_AXIS].of] |= from;
	}
	return true;
}

static bool check_rules(struct parse *p)
{
	const struct head_line *line, *axis;
	struct matrix *m = p->m;
	int i;

	for (i = 0; i < m->head[HEAD_WITHOUT].count; i++)
		if (!check_pairs(p, &m->head[HEAD_WITHOUT].of[i], 0))
			return false;
	for (i = 0; i < m->head[HEAD_ONLY].count; i++)
		if (!check_pairs(p, &m->head[HEAD_ONLY].of[i], 1))
			return false;
	for (i = 0; i < m->head[HEAD_EACH].count; i++) {
		line = &m->head[HEAD_EACH].of[i];
		axis = find(m, HEAD_AXIS, line->word[1]);
		if (!axis)
			return bad(p, line->number, "each: there is no axis %s",
				   line->word[1]);
		p->used[axis - m->head[HEAD_AXIS].of] = true;
	}
	line = m->head[HEAD_CLOCK].of;
	if (line->count && strcmp(line->word[0], "virtual") &&
	    strcmp(line->word[0], "wall"))
		return bad(p, line->number, "clock: what it takes is %s",
			   keys[HEAD_CLOCK].takes);
	return true;
}

static bool undeclared(struct parse *p, int number, const char *name, int len)
{
	char all[PATH_LEN] = "";
	size_t n;
	int i;

	for (i = 0; i < p->m->head[HEAD_AXIS].count; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), " %s",
			 p->m->head[HEAD_AXIS].of[i].word[0]);
	for (i = 0; i < p->m->head[HEAD_EACH].count; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), " %s",
			 p->m->head[HEAD_EACH].of[i].word[0]);
	for (n = 0; n < ARRAY_SIZE(givens); n++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), " %s",
			 givens[n]);
	return bad(p, number, "${%.*s} is not declared; there are:%s",
		   len > 40 ? 40 : len, name, all);
}

static bool take_variable(struct parse *p, int number, const char *name,
			  int len)
{
	char text[NAME_LEN + 1];
	const struct head_line *axis;
	size_t i;

	if (len > NAME_LEN)
		return undeclared(p, number, name, len);
	text_set(text, sizeof(text), "%.*s", len, name);
	axis = find(p->m, HEAD_AXIS, text);
	if (axis)
		p->used[axis - p->m->head[HEAD_AXIS].of] = true;
	if (axis || find(p->m, HEAD_EACH, text))
		return true;
	for (i = 0; i < ARRAY_SIZE(givens); i++)
		if (!strcmp(givens[i], text))
			return true;
	return undeclared(p, number, name, len);
}

/* Whatever the job uses is declared, and whatever is declared is used. */
static bool check_body(struct parse *p)
{
	const char *line, *at, *end;
	const struct head_line *axis;
	int number = 1, i;
	size_t n;

	for (line = p->m->body; line; line = end ? end + 1 : NULL, number++) {
		end = strchr(line, '\n');
		if (*line == '#' || *line == ';')
			continue;
		for (at = strstr(line, "${"); at && (!end || at < end);
		     at = strstr(at + 2, "${"))
			if (!take_variable(p, number, at + 2,
					   strcspn(at + 2, "}\n")))
				return false;
	}
	for (i = 0; i < p->m->head[HEAD_AXIS].count; i++) {
		axis = &p->m->head[HEAD_AXIS].of[i];
		for (n = 0; n < ARRAY_SIZE(heeded); n++)
			p->used[i] |= !strcmp(heeded[n].name, axis->word[0]);
		if (!p->used[i])
			return bad(p, axis->number,
				   "axis %s is not used: there is no ${%s}",
				   axis->word[0], axis->word[0]);
	}
	return true;
}

/* What the smoke suite has of an axis, or of the drivers, is among all. */
static bool check_smoke(struct parse *p, const struct head_line *line)
{
	const struct matrix *m = p->m;
	const struct head_line *all = find(m, HEAD_AXIS, line->word[0]);
	int i, j;

	if (!strcmp(line->word[0], keys[HEAD_IOS].name) && line->count == 2 &&
	    amount(line->word[1]) >= IOS_MIN)
		return true;
	if (!strcmp(line->word[0], keys[HEAD_DRIVERS].name))
		all = m->head[HEAD_DRIVERS].of;
	if (!all)
		return bad(p, line->number,
			   "smoke: '%.40s' is no axis, nor drivers, nor ios "
			   "with a number from %d on",
			   line->word[0], IOS_MIN);
	for (i = 1; i < line->count; i++) {
		for (j = 0; j < all->count; j++)
			if (!strcmp(all->word[j], line->word[i]))
				break;
		if (j == all->count)
			return bad(p, line->number,
				   "smoke: %s has no '%.40s' to begin with",
				   line->word[0], line->word[i]);
	}
	return true;
}

/* The values of the smoke suite take the place of all. */
static void take_smoke(struct matrix *m, const struct head_line *line)
{
	struct head_line *to;
	int i;

	for (i = 0; i < m->head[HEAD_AXIS].count; i++) {
		to = &m->head[HEAD_AXIS].of[i];
		if (strcmp(to->word[0], line->word[0]))
			continue;
		memcpy(to->word, line->word, sizeof(to->word));
		to->count = line->count;
		return;
	}
	to = !strcmp(line->word[0], keys[HEAD_IOS].name) ?
		     m->head[HEAD_IOS].of :
		     m->head[HEAD_DRIVERS].of;
	memcpy(to->word, line->word + 1, sizeof(to->word) - sizeof(*to->word));
	to->count = line->count - 1;
}

bool matrix_in_smoke(const struct matrix *m)
{
	return m->head[HEAD_SMOKE].count;
}

bool matrix_has_clock(const struct matrix *m, const char *clock)
{
	const struct head_line *line = m->head[HEAD_CLOCK].of;

	return !line->count || !strcmp(line->word[0], clock);
}

bool matrix_parse(struct matrix *m, const char *name, const char *text,
		  bool smoke, char *error)
{
	struct parse p = { .m = m, .error = error };
	static const enum head needed[] = { HEAD_ABOUT, HEAD_METRIC,
					    HEAD_DRIVERS, HEAD_SIZE, HEAD_IOS };
	size_t i;
	int j;

	*m = (struct matrix){ .name = name, .body = text };
	if (!take_head(&p))
		return false;
	for (i = 0; i < ARRAY_SIZE(needed); i++)
		if (!m->head[needed[i]].count)
			return bad(&p, 0, "the head has no line %s %s", MARK,
				   keys[needed[i]].name);
	if (!check_axes(&p) || !check_drivers(&p) || !check_metric(&p) ||
	    !check_numbers(&p) || !check_rules(&p) || !check_body(&p))
		return false;
	for (j = 0; j < m->head[HEAD_SMOKE].count; j++)
		if (!check_smoke(&p, &m->head[HEAD_SMOKE].of[j]))
			return false;
	for (j = 0; smoke && j < m->head[HEAD_SMOKE].count; j++)
		take_smoke(m, &m->head[HEAD_SMOKE].of[j]);
	m->ios = amount(m->head[HEAD_IOS].of[0].word[0]);
	return matrix_cells(m) || bad(&p, 0, "no cell is left, or too many");
}
