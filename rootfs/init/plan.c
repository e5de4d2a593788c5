// SPDX-License-Identifier: GPL-2.0
// The plan: scenarios by cells by drivers, each with its controls.
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "plan.h"
#include "record/crc32.h"

static bool matches(const char *patterns, const char *name)
{
	char list[PATH_LEN], *pattern, *rest;

	if (!patterns)
		return true;
	snprintf(list, sizeof(list), "%s", patterns);
	for (pattern = strtok_r(list, ",", &rest); pattern;
	     pattern = strtok_r(NULL, ",", &rest))
		if (!fnmatch(pattern, name, 0))
			return true;
	return false;
}

static bool in_suite(const struct scenario *s, enum suite suite)
{
	if (suite == SUITE_MUTANTS)
		suite = SUITE_FULL;
	if (s->suite == SUITE_SMOKE)
		return suite == SUITE_SMOKE || suite == SUITE_FULL;
	return s->suite == suite;
}

static struct entry *add(struct plan *p, const struct scenario *s,
			 const char *cell, const struct driver *d,
			 const struct control *c, const char *variant)
{
	p->entries = realloc(p->entries, (p->count + 1) * sizeof(*p->entries));
	if (!p->entries)
		FAIL(0, "no memory for the plan");
	p->entries[p->count] = (struct entry){
		.id = p->count,
		.scenario = s,
		.cell = cell,
		.driver = d,
		.control = c,
		.variant = variant,
	};
	return &p->entries[p->count++];
}

/* A scenario without the need "driver" has one subject, "none". */
static void add_cell(struct plan *p, const struct scenario *s, const char *cell,
		     const char *subjects)
{
	static const char *const names[] = { "loop", "cgloop" };
	const struct control *c;
	size_t i;

	if (!scenario_needs(s, "driver"))
		add(p, s, cell, driver_find("none"), NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(names) && scenario_needs(s, "driver"); i++)
		if (matches(subjects, names[i]) &&
		    matches(s->drivers, names[i]))
			add(p, s, cell, driver_find(names[i]), NULL, NULL);
	for (c = s->controls; c->driver; c++)
		add(p, s, cell, driver_find(c->driver), c, c->variant);
}

/* Its false controls become subjects. */
static void add_mutants(struct plan *p, const struct scenario *s,
			const char *cell)
{
	const struct control *c;

	for (c = s->controls; c->driver; c++)
		if (c->expect == EXPECT_FALSE)
			add(p, s, cell, driver_find(c->driver), NULL,
			    c->variant);
}

static void add_scenario(struct plan *p, const struct scenario *s,
			 const struct options *o)
{
	static const char *const no_cells[] = { "", NULL };
	const char *const *cell = s->cells ? s->cells : no_cells;

	for (; *cell; cell++)
		if (o->suite == SUITE_MUTANTS)
			add_mutants(p, s, *cell);
		else
			add_cell(p, s, *cell, o->drivers);
}

/*
 * By the wall clock all drivers of a cell take turns before the next round, so
 * that a disturbance of the host hits all of them alike.
 */
static void add_matrix(struct plan *p, const struct scenario *s,
		       const struct options *o)
{
	const struct head_line *drivers = s->matrix->head[HEAD_DRIVERS].of;
	int rounds = !strcmp(o->bench, "wall") ? o->rounds : 0, round, i;
	const char *const *cell;
	struct driver *d;

	for (cell = s->cells; *cell; cell++) {
		if (!matrix_matches(*cell, o->cell))
			continue;
		for (round = 0; round <= rounds; round++)
			for (i = 0; i < drivers->count; i++) {
				d = driver_find(drivers->word[i]);
				if (!d->subject || matches(o->drivers, d->name))
					add(p, s, *cell, d, NULL, NULL)->round =
						round;
			}
	}
}

static bool is_planned(const struct matrix *m, const struct options *o)
{
	bool planted = !strncmp(m->name, "planted-", 8);

	return matches(o->matrices, m->name) && matrix_has_clock(m, o->bench) &&
	       planted == (o->suite == SUITE_PLANTED) &&
	       (o->suite != SUITE_SMOKE || matrix_in_smoke(m));
}

static bool add_matrices(struct plan *p, const struct options *o, char *error)
{
	bool smoke = o->suite == SUITE_SMOKE;
	struct matrix *m;
	int i;

	for (i = 0; bench_name(i); i++) {
		m = zalloc(sizeof(*m));
		if (!matrix_parse(m, bench_name(i), bench_text(i), smoke,
				  error))
			return false;
		if (is_planned(m, o))
			add_matrix(p, bench_scenario(m), o);
	}
	return true;
}

static void no_matrix(const struct options *o, char *error)
{
	size_t n;
	int i;

	snprintf(error, PATH_LEN,
		 "'%s' matches no matrix of this suite and clock%s; there are:",
		 o->matrices ? o->matrices : "*",
		 *o->cell ? ", with such a cell" : "");
	for (i = 0; bench_name(i); i++) {
		n = strlen(error);
		snprintf(error + n, PATH_LEN - n, " %s", bench_name(i));
	}
}

/* Lists the scenarios that exist. */
static void no_match(const struct options *o, char *error)
{
	const struct scenario *const *s;
	size_t n;

	snprintf(error, PATH_LEN,
		 "'%s' matches no scenario; there are:", o->scenarios);
	for (s = __start_scenarios; s != __stop_scenarios; s++) {
		n = strlen(error);
		if (in_suite(*s, o->suite))
			snprintf(error + n, PATH_LEN - n, " %s",
				 scenario_name(*s));
	}
}

/*
 * Scenarios with OOM kills come first: the kernel keeps killed tasks for two
 * seconds, during which the others run.
 */
static void add_scenarios(struct plan *p, const struct options *o)
{
	const struct scenario *const *s;
	int kills;

	for (kills = 1; kills >= 0; kills--) {
		for (s = __start_scenarios; s != __stop_scenarios; s++) {
			if (!((*s)->expect_events & KLOG_MEMCG_OOM) == !kills &&
			    in_suite(*s, o->suite) &&
			    matches(o->scenarios, scenario_name(*s)))
				add_scenario(p, *s, o);
		}
	}
}

bool plan_make(struct plan *p, const struct options *o, char *error)
{
	int i;

	if (!o->bench)
		add_scenarios(p, o);
	else if (!add_matrices(p, o, error))
		return false;
	for (i = 0; i < p->count; i++)
		if (options_run(o, i))
			return true;
	if (p->count)
		snprintf(error, PATH_LEN,
			 "cb.entries=%.64s: the plan ends at %d", o->entries,
			 p->count - 1);
	else if (o->bench)
		no_matrix(o, error);
	else
		no_match(o, error);
	return false;
}

static void cell_json(struct json *j, const char *cell)
{
	char copy[PATH_LEN], *axis, *value, *rest;

	text_set(copy, sizeof(copy), "%s", cell);
	json_open(j, "cell", '{');
	for (axis = strtok_r(copy, " ", &rest); axis;
	     axis = strtok_r(NULL, " ", &rest)) {
		value = strchr(axis, '=');
		*value++ = '\0';
		json_text(j, axis, value);
	}
	json_close(j, '}');
}

static void matrix_json(struct json *j, const struct entry *e)
{
	const struct head_line *metric =
		e->scenario->matrix->head[HEAD_METRIC].of;

	json_text(j, "metric", metric->word[0]);
	if (metric->count > 1)
		json_text(j, "of", metric->word[1]);
	json_number(j, "round", e->round);
}

void plan_line(const struct entry *e, struct json *j)
{
	json_begin(j, "plan");
	json_number(j, "id", e->id);
	json_text(j, "name", scenario_name(e->scenario));
	cell_json(j, e->cell);
	json_text(j, "driver", e->driver->name);
	json_flag(j, "control", e->control);
	if (e->control)
		json_text(j, "expect",
			  e->control->expect == EXPECT_TRUE ? "true" : "false");
	if (e->variant)
		json_text(j, "variant", e->variant);
	json_text(j, "claim", e->scenario->claim);
	json_number(j, "timeout_s", e->scenario->timeout_s);
	if (e->scenario->matrix)
		matrix_json(j, e);
	json_end(j);
}

uint32_t plan_crc(const struct plan *p)
{
	uint32_t crc = 0;
	struct json j;
	int i;

	for (i = 0; i < p->count; i++) {
		plan_line(&p->entries[i], &j);
		crc = crc32_ieee(crc, j.text, j.len);
		crc = crc32_ieee(crc, "\n", 1);
	}
	return crc;
}

static void print_drivers(const struct plan *p, int i, bool controls)
{
	const struct scenario *s = p->entries[i].scenario;
	const char *cell = p->entries[i].cell;
	const struct entry *e;

	printf("  %s", controls ? "controls:" : "drivers: ");
	for (e = &p->entries[i]; i < p->count; i++, e++) {
		if (e->scenario != s || e->cell != cell)
			break;
		if (!e->control != !controls)
			continue;
		printf(" %s", e->driver->name);
		if (!controls)
			continue;
		if (e->control->variant)
			printf("/%s", e->control->variant);
		printf("=%s",
		       e->control->expect == EXPECT_TRUE ? "true" : "false");
	}
	putchar('\n');
}

static void print_line(const char *title, const struct head_line *line)
{
	int i;

	printf("  %-10s", title);
	for (i = 0; i < line->count; i++)
		printf(" %s", line->word[i]);
	putchar('\n');
}

static void print_matrix(const struct matrix *m)
{
	int i;

	for (i = 0; i < m->head[HEAD_AXIS].count; i++)
		print_line("axis:", &m->head[HEAD_AXIS].of[i]);
	for (i = 0; i < m->head[HEAD_WITHOUT].count; i++)
		print_line("without:", &m->head[HEAD_WITHOUT].of[i]);
	print_line("drivers:", m->head[HEAD_DRIVERS].of);
	print_line("metric:", m->head[HEAD_METRIC].of);
}

void plan_print(const struct plan *p)
{
	const struct scenario *s = NULL;
	const char *const *cell;
	int i;

	for (i = 0; i < p->count; i++) {
		if (p->entries[i].scenario == s)
			continue;
		s = p->entries[i].scenario;
		printf("%s\n  %s\n", scenario_name(s), s->claim);
		if (s->matrix) {
			print_matrix(s->matrix);
			continue;
		}
		for (cell = s->cells; cell && *cell; cell++)
			printf("  %s %s\n",
			       cell == s->cells ? "cells:   " : "         ",
			       *cell);
		print_drivers(p, i, false);
		print_drivers(p, i, true);
	}
}

void plan_print_cells(const struct plan *p)
{
	const struct entry *e, *before = NULL;
	const char *at;

	for (e = p->entries; e < p->entries + p->count; before = e++) {
		if (before && before->scenario == e->scenario &&
		    !strcmp(before->cell, e->cell))
			continue;
		printf("%s/", scenario_name(e->scenario));
		for (at = e->cell; *at; at++)
			putchar(*at == ' ' ? ',' : *at);
		putchar('\n');
	}
}
