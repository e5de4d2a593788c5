// SPDX-License-Identifier: GPL-2.0
// The cells of a matrix, and the job of each.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"
#include "util.h"

#define CELLS_MAX 4096

bool matrix_value(const char *cell, const char *axis, char *buf)
{
	size_t len = strlen(axis);

	for (; *cell; cell += strspn(cell, " ")) {
		if (!strncmp(cell, axis, len) && cell[len] == '=') {
			cell += len + 1;
			text_set(buf, PATH_LEN, "%.*s", (int)strcspn(cell, " "),
				 cell);
			return true;
		}
		cell += strcspn(cell, " ");
	}
	return false;
}

bool matrix_matches(const char *cell, char *const *words)
{
	char name[PATH_LEN], value[PATH_LEN];
	size_t len;

	for (; *words; words++) {
		len = strcspn(*words, "=");
		text_set(name, sizeof(name), "%.*s", (int)len, *words);
		if (!matrix_value(cell, name, value) ||
		    strcmp(value, *words + len + 1))
			return false;
	}
	return true;
}

/* Adds the cells that begin with these values; false: too many. */
static bool add_cells(struct matrix *m, const char *cell, int axis, int *count)
{
	const struct head_line *line = &m->head[HEAD_AXIS].of[axis];
	char longer[PATH_LEN];
	int i;

	if (axis == m->head[HEAD_AXIS].count) {
		for (i = 0; i < m->head[HEAD_WITHOUT].count; i++)
			if (matrix_matches(cell,
					   m->head[HEAD_WITHOUT].of[i].word))
				return true;
		m->cells[*count] = strdup(cell);
		return ++*count <= CELLS_MAX;
	}
	for (i = 1; i < line->count; i++) {
		text_set(longer, sizeof(longer), "%s%s%s=%s", cell,
			 axis ? " " : "", line->word[0], line->word[i]);
		if (!add_cells(m, longer, axis + 1, count))
			return false;
	}
	return true;
}

bool matrix_cells(struct matrix *m)
{
	int count = 0;

	m->cells = zalloc((CELLS_MAX + 2) * sizeof(*m->cells));
	return add_cells(m, "", 0, &count) && count;
}

int matrix_turns(const struct matrix *m, const char *cell)
{
	char turns[PATH_LEN];

	if (!m->head[HEAD_TURNS].count ||
	    !matrix_value(cell, m->head[HEAD_TURNS].of[0].word[0], turns))
		return 1;
	return atoi(turns);
}

/* The state of matrix_job(). */
struct job {
	const struct matrix *m;
	const char *cell;
	const struct given *given;
	FILE *out;
	const char *each; /* the variable of a repeated section, or NULL */
	int turn, turns;
};

static void put_variable(struct job *j, const char *name)
{
	char value[PATH_LEN];

	if (matrix_value(j->cell, name, value))
		fputs(value, j->out);
	else if (j->each && !strcmp(name, j->each))
		fprintf(j->out, "%d", j->turn);
	else if (!strcmp(name, "target"))
		fputs(j->given->target, j->out);
	else if (!strcmp(name, "group"))
		fputs(j->given->group, j->out);
	else if (!strcmp(name, "direct"))
		fprintf(j->out, "%d", j->given->direct);
	else if (!strcmp(name, "size"))
		fprintf(j->out, "%lld", j->m->size);
	else if (!strcmp(name, "ios"))
		fprintf(j->out, "%lld", j->given->ios / j->turns);
	else if (!strcmp(name, "turn"))
		fprintf(j->out, "%lld",
			j->given->ios / matrix_turns(j->m, j->cell));
	else
		FAIL(0, "matrix %s: ${%s} has no value", j->m->name, name);
}

/* Puts the text from at up to end, without comments. */
static void put_text(struct job *j, const char *at, const char *end)
{
	char name[PATH_LEN];
	size_t len;

	while (at < end) {
		if ((*at == '#' || *at == ';') &&
		    (at == j->m->body || at[-1] == '\n')) {
			at += strcspn(at, "\n") + 1;
			continue;
		}
		if (strncmp(at, "${", 2)) {
			fputc(*at++, j->out);
			continue;
		}
		len = strcspn(at + 2, "}\n");
		text_set(name, sizeof(name), "%.*s", (int)len, at + 2);
		put_variable(j, name);
		at += len + 3;
	}
}

/* The head's line that repeats the section, or NULL. */
static const struct head_line *each_of(const struct matrix *m, const char *at,
				       const char *end)
{
	char variable[PATH_LEN];
	const char *found;
	int i;

	for (i = 0; i < m->head[HEAD_EACH].count; i++) {
		text_set(variable, sizeof(variable), "${%s}",
			 m->head[HEAD_EACH].of[i].word[0]);
		found = strstr(at, variable);
		if (found && found < end)
			return &m->head[HEAD_EACH].of[i];
	}
	return NULL;
}

/* Is the section, given from its name on, in the cell's job? */
static bool belongs(const struct job *j, const char *section)
{
	const struct head_line *line;
	size_t len = strcspn(section, "]\n");
	int i;

	for (i = 0; i < j->m->head[HEAD_ONLY].count; i++) {
		line = &j->m->head[HEAD_ONLY].of[i];
		if (strlen(line->word[0]) == len &&
		    !strncmp(line->word[0], section, len) &&
		    !matrix_matches(j->cell, line->word + 1))
			return false;
	}
	return true;
}

static void put_section(struct job *j, const char *at, const char *end)
{
	const struct head_line *each = each_of(j->m, at, end);
	char turns[PATH_LEN];

	if (*at == '[' && !belongs(j, at + 1))
		return;
	j->each = NULL;
	j->turns = 1;
	if (each && matrix_value(j->cell, each->word[1], turns)) {
		j->each = each->word[0];
		j->turns = atoi(turns);
	}
	for (j->turn = 0; j->turn < j->turns; j->turn++)
		put_text(j, at, end);
}

char *matrix_job(const struct matrix *m, const char *cell,
		 const struct given *given)
{
	struct job j = { .m = m, .cell = cell, .given = given };
	const char *at = m->body, *next;
	char *text = NULL;
	size_t size;

	j.out = open_memstream(&text, &size);
	if (!j.out)
		FAIL(errno, "a job of matrix %s", m->name);
	for (; at; at = next) {
		next = strstr(at + (*at == '['), "\n[");
		next = next ? next + 1 : NULL;
		put_section(&j, at, next ? next : at + strlen(at));
	}
	if (fclose(j.out))
		FAIL(errno, "a job of matrix %s", m->name);
	return text;
}
