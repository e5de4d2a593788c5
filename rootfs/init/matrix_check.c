// SPDX-License-Identifier: GPL-2.0
// Checks a matrix: all that it declares is valid and used, and all that it uses
// is declared.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "matrix_parse.h"

/* So that "matrix.NNNN/NNNN" fits into fio's buffer for a cgroup's name. */
#define NAME_LEN 24
/* The shorter run does a quarter of them. */
#define IOS_MIN 4
/* The most repetitions of a section, and the most turns. */
#define TURNS_MAX 1024

/* Axes that the runner uses itself; the job need not use them. */
static const struct {
	const char *name;
	const char *values[4];
} known[] = {
	{ "backing", { "tmpfs", "ext4", "disk", NULL } },
	{ "io", { "direct", "buffered", NULL } },
	{ "written", { "yes", "no", "cached", NULL } },
};

static const char *const givens[] = { "target", "group", "direct",
				      "size",	"ios",	 "turn" };

/* Line 0 stands for the whole file. */
static int line_of(const struct matrix *m, enum head key)
{
	return m->head[key].count ? m->head[key].of[0].number : 0;
}

static bool is_name(const char *s)
{
	size_t n = 0;

	while (islower((unsigned char)s[n]) || isdigit((unsigned char)s[n]) ||
	       s[n] == '_')
		n++;
	return n && n < NAME_LEN && !s[n];
}

/* A value becomes part of a cell's name and of shell words. */
static bool is_value(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || (s[n] && strchr("._-", s[n])))
		n++;
	return n && n < NAME_LEN && !s[n];
}

/* An axis of the runner's has fixed values. */
static bool check_known(struct parse *p, const struct head_line *axis)
{
	char all[PATH_LEN] = " ", word[PATH_LEN];
	const char *const *v;
	size_t i;
	int j;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].name, axis->word[0]))
			break;
	if (i == ARRAY_SIZE(known))
		return true;
	for (v = known[i].values; *v; v++)
		matrix_list(all, *v);
	for (j = 1; j < axis->count; j++) {
		text_set(word, sizeof(word), " %s ", axis->word[j]);
		if (!strstr(all, word))
			return matrix_bad(p, axis->number,
					  "axis %s: '%s': allowed is%s",
					  axis->word[0], axis->word[j], all);
	}
	return true;
}

static bool is_given(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(givens); i++)
		if (!strcmp(givens[i], name))
			return true;
	return false;
}

/* Checks the name of an axis. */
static bool check_axis(struct parse *p, const struct head_line *axis)
{
	if (!is_name(axis->word[0]))
		return matrix_bad(p, axis->number,
				  "axis '%.40s': allowed is a-z, 0-9 and _",
				  axis->word[0]);
	if (is_given(axis->word[0]))
		return matrix_bad(p, axis->number,
				  "axis %s: %s is the runner's own",
				  axis->word[0], axis->word[0]);
	if (matrix_find(p->m, HEAD_AXIS, axis->word[0]) != axis)
		return matrix_bad(p, axis->number, "axis %s: declared twice",
				  axis->word[0]);
	return true;
}

static bool check_axes(struct parse *p)
{
	const struct head_line *axis;
	int i, j;

	for (i = 0; i < p->m->head[HEAD_AXIS].count; i++) {
		axis = &p->m->head[HEAD_AXIS].of[i];
		if (!check_axis(p, axis))
			return false;
		for (j = 1; j < axis->count; j++)
			if (!is_value(axis->word[j]))
				return matrix_bad(
					p, axis->number,
					"axis %s: '%s': letters, digits and "
					"._- are allowed",
					axis->word[0], axis->word[j]);
		if (!check_known(p, axis))
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
			return matrix_bad(p, line->number,
					  "drivers: there is no '%s'",
					  line->word[i]);
	return true;
}

/* Does the job have the section that a line names? */
static bool check_section(struct parse *p, const struct head_line *line, int at)
{
	char section[PATH_LEN];

	text_set(section, sizeof(section), "\n[%.40s]", line->word[at]);
	return strstr(p->m->body, section) ||
	       matrix_bad(p, line->number, "the job has no section %s",
			  section + 1);
}

static bool check_metric(struct parse *p)
{
	const struct head_line *line = p->m->head[HEAD_METRIC].of;
	bool one = !strcmp(line->word[0], "ns_per_io") ||
		   !strcmp(line->word[0], "iops");
	bool two = !strcmp(line->word[0], "latency");

	if (two && line->count == 2)
		return check_section(p, line, 1);
	if (one && line->count == 1)
		return true;
	return matrix_bad(p, line->number, "metric: allowed is %s",
			  matrix_keys[HEAD_METRIC].takes);
}

static bool check_numbers(struct parse *p)
{
	struct matrix *m = p->m;

	m->size = matrix_amount(m->head[HEAD_SIZE].of[0].word[0]);
	if (m->size < 1 << 20 || m->size > 1 << 29)
		return matrix_bad(p, line_of(m, HEAD_SIZE),
				  "size: allowed is 1m to 512m");
	m->ios = matrix_amount(m->head[HEAD_IOS].of[0].word[0]);
	if (m->ios < IOS_MIN)
		return matrix_bad(p, line_of(m, HEAD_IOS), "ios: allowed is %s",
				  matrix_keys[HEAD_IOS].takes);
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
		axis = value ? matrix_find(p->m, HEAD_AXIS, name) : NULL;
		for (j = 1; axis && j < axis->count; j++)
			if (!strcmp(axis->word[j], value))
				break;
		if (!axis || j == axis->count)
			return matrix_bad(p, line->number,
					  "'%.40s' is no declared AXIS=VALUE",
					  line->word[i]);
		p->used[axis - p->m->head[HEAD_AXIS].of] |= from;
	}
	return true;
}

/* An axis whose values are counts. */
static bool check_times(struct parse *p, const struct head_line *line,
			const char *key, const char *name)
{
	const struct head_line *axis = matrix_find(p->m, HEAD_AXIS, name);
	int i;

	if (!axis)
		return matrix_bad(p, line->number, "%s: there is no axis %.40s",
				  key, name);
	for (i = 1; i < axis->count; i++)
		if (atoi(axis->word[i]) < 1 || atoi(axis->word[i]) > TURNS_MAX)
			return matrix_bad(p, line->number,
					  "%s: %s=%s is no number from 1 to %d",
					  key, axis->word[0], axis->word[i],
					  TURNS_MAX);
	p->used[axis - p->m->head[HEAD_AXIS].of] = true;
	return true;
}

/* The axis says how often the section is repeated. */
static bool check_each(struct parse *p, const struct head_line *line)
{
	if (!is_name(line->word[0]) || is_given(line->word[0]) ||
	    matrix_find(p->m, HEAD_AXIS, line->word[0]))
		return matrix_bad(p, line->number,
				  "each: '%.40s' is no new name",
				  line->word[0]);
	return check_times(p, line, "each", line->word[1]);
}

/* The mover waits for the process to think, so the job must make it think. */
static bool check_turns(struct parse *p, const struct head_line *line)
{
	if (!strstr(p->m->body, "\nthinktime_blocks=${turn}\n"))
		return matrix_bad(p, line->number,
				  "turns: the job has no line "
				  "thinktime_blocks=${turn}");
	return check_times(p, line, "turns", line->word[0]);
}

static bool check_rules(struct parse *p)
{
	const struct head_line *line;
	struct matrix *m = p->m;
	int i;

	for (i = 0; i < m->head[HEAD_WITHOUT].count; i++)
		if (!check_pairs(p, &m->head[HEAD_WITHOUT].of[i], 0))
			return false;
	for (i = 0; i < m->head[HEAD_ONLY].count; i++)
		if (!check_section(p, &m->head[HEAD_ONLY].of[i], 0) ||
		    !check_pairs(p, &m->head[HEAD_ONLY].of[i], 1))
			return false;
	for (i = 0; i < m->head[HEAD_EACH].count; i++)
		if (!check_each(p, &m->head[HEAD_EACH].of[i]))
			return false;
	line = m->head[HEAD_TURNS].of;
	if (line->count && !check_turns(p, line))
		return false;
	line = m->head[HEAD_CLOCK].of;
	if (line->count && strcmp(line->word[0], "virtual") &&
	    strcmp(line->word[0], "wall"))
		return matrix_bad(p, line->number, "clock: allowed is %s",
				  matrix_keys[HEAD_CLOCK].takes);
	return true;
}

static bool undeclared(struct parse *p, int number, const char *name)
{
	char all[PATH_LEN] = "";
	size_t n;
	int i;

	for (i = 0; i < p->m->head[HEAD_AXIS].count; i++)
		matrix_list(all, p->m->head[HEAD_AXIS].of[i].word[0]);
	for (i = 0; i < p->m->head[HEAD_EACH].count; i++)
		matrix_list(all, p->m->head[HEAD_EACH].of[i].word[0]);
	for (n = 0; n < ARRAY_SIZE(givens); n++)
		matrix_list(all, givens[n]);
	return matrix_bad(p, number, "${%.40s} is not declared; there are: %s",
			  name, all);
}

/* at: behind the "${" */
static bool take_variable(struct parse *p, int number, const char *at)
{
	size_t len = strcspn(at, "}\n");
	const struct head_line *axis;
	char name[NAME_LEN * 2];

	snprintf(name, sizeof(name), "%.*s", (int)len, at);
	if (at[len] != '}')
		return matrix_bad(p, number, "${%s has no closing }", name);
	axis = matrix_find(p->m, HEAD_AXIS, name);
	if (axis)
		p->used[axis - p->m->head[HEAD_AXIS].of] = true;
	return axis || matrix_find(p->m, HEAD_EACH, name) || is_given(name) ||
	       undeclared(p, number, name);
}

/* All variables of the job are declared, and all axes are used. */
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
			if (!take_variable(p, number, at + 2))
				return false;
	}
	for (i = 0; i < p->m->head[HEAD_AXIS].count; i++) {
		axis = &p->m->head[HEAD_AXIS].of[i];
		for (n = 0; n < ARRAY_SIZE(known); n++)
			p->used[i] |= !strcmp(known[n].name, axis->word[0]);
		if (!p->used[i])
			return matrix_bad(
				p, axis->number,
				"axis %s is not used: there is no ${%s}",
				axis->word[0], axis->word[0]);
	}
	return true;
}

/* The values of a smoke line must be among those of the axis or drivers. */
static bool check_smoke(struct parse *p, const struct head_line *line)
{
	const struct matrix *m = p->m;
	const struct head_line *all = matrix_find(m, HEAD_AXIS, line->word[0]);
	int i, j;

	if (!strcmp(line->word[0], matrix_keys[HEAD_IOS].name) &&
	    line->count == 2 && matrix_amount(line->word[1]) >= IOS_MIN)
		return true;
	if (!strcmp(line->word[0], matrix_keys[HEAD_DRIVERS].name))
		all = m->head[HEAD_DRIVERS].of;
	if (!all)
		return matrix_bad(
			p, line->number,
			"smoke: '%.40s' is no axis, nor drivers, nor ios "
			"with a number from %d on",
			line->word[0], IOS_MIN);
	for (i = 1; i < line->count; i++) {
		for (j = 0; j < all->count; j++)
			if (!strcmp(all->word[j], line->word[i]))
				break;
		if (j == all->count)
			return matrix_bad(p, line->number,
					  "smoke: %s has no '%.40s'",
					  line->word[0], line->word[i]);
	}
	return true;
}

bool matrix_check(struct parse *p)
{
	struct matrix *m = p->m;
	int i;

	for (i = 0; i < m->head[HEAD_SMOKE].count; i++)
		if (!check_smoke(p, &m->head[HEAD_SMOKE].of[i]))
			return false;
	return check_axes(p) && check_drivers(p) && check_metric(p) &&
	       check_numbers(p) && check_rules(p) && check_body(p);
}
