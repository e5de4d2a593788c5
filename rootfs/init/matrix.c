// SPDX-License-Identifier: GPL-2.0
// The head of a matrix: reading its lines.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix_parse.h"

#define MARK "#:"
#define AMOUNT_MAX 1099511627776LL

const struct matrix_key matrix_keys[HEADS] = {
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
	[HEAD_TURNS] = { "turns", "AXIS", 1, 1, 1 },
	[HEAD_CGROUP] = { "cgroup", "NAME [KEY=VALUE...]", 1, MATRIX_WORDS,
			  MATRIX_LINES },
	[HEAD_CLOCK] = { "clock", "virtual or wall", 1, 1, 1 },
	[HEAD_SIZE] = { "size", "bytes, as in 32m", 1, 1, 1 },
	[HEAD_IOS] = { "ios", "a number from 4 on", 1, 1, 1 },
};

bool matrix_bad(struct parse *p, int line, const char *fmt, ...)
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

const struct head_line *matrix_find(const struct matrix *m, enum head key,
				    const char *name)
{
	int i;

	for (i = 0; i < m->head[key].count; i++)
		if (!strcmp(m->head[key].of[i].word[0], name))
			return &m->head[key].of[i];
	return NULL;
}

long long matrix_amount(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);
	int shift = *end == 'k' ? 10 : *end == 'm' ? 20 : *end == 'g' ? 30 : 0;

	end += shift != 0;
	if (end == text || *end || n < 0 || n > AMOUNT_MAX >> shift)
		return 0;
	return n << shift;
}

void matrix_list(char *list, const char *word)
{
	size_t n = strlen(list);

	snprintf(list + n, PATH_LEN - n, "%s ", word);
}

static bool key_unknown(struct parse *p, int number, const char *word)
{
	char all[PATH_LEN] = "";
	int i;

	for (i = 0; i < HEADS; i++)
		matrix_list(all, matrix_keys[i].name);
	return matrix_bad(p, number,
			  "'%.40s' is no key of a head; there are: %s",
			  word ? word : "", all);
}

static bool take_line(struct parse *p, char *text, int number)
{
	char *key, *word, *rest;
	struct head_line *line;
	int i;

	key = strtok_r(text, " \t", &rest);
	for (i = 0; i < HEADS && key; i++)
		if (!strcmp(matrix_keys[i].name, key))
			break;
	if (!key || i == HEADS)
		return key_unknown(p, number, key);
	if (p->m->head[i].count == matrix_keys[i].times)
		return matrix_bad(p, number, "%s: allowed is %d such line(s)",
				  key, matrix_keys[i].times);
	line = &p->m->head[i].of[p->m->head[i].count++];
	line->number = number;
	if (i == HEAD_ABOUT)
		p->m->about = rest + strspn(rest, " \t");
	while ((word = strtok_r(NULL, i == HEAD_ABOUT ? "" : " \t", &rest))) {
		if (line->count == matrix_keys[i].most)
			return matrix_bad(p, number, "%s: more than %d words",
					  key, matrix_keys[i].most);
		line->word[line->count++] = word;
	}
	if (line->count < matrix_keys[i].least)
		return matrix_bad(p, number, "%s: allowed is %s", key,
				  matrix_keys[i].takes);
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

/* Replaces the values by those of the smoke suite. */
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
	to = !strcmp(line->word[0], matrix_keys[HEAD_IOS].name) ?
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
			return matrix_bad(&p, 0, "the head has no line %s %s",
					  MARK, matrix_keys[needed[i]].name);
	if (!matrix_check(&p))
		return false;
	for (j = 0; smoke && j < m->head[HEAD_SMOKE].count; j++)
		take_smoke(m, &m->head[HEAD_SMOKE].of[j]);
	m->ios = matrix_amount(m->head[HEAD_IOS].of[0].word[0]);
	return matrix_cells(m) ||
	       matrix_bad(&p, 0, "no cell is left, or too many");
}
