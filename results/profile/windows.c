// SPDX-License-Identifier: GPL-2.0
/* Reads from the records of a boot what was measured, and in which order. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"
#include "record/boot.h"

/* A measured part, and the functions of the modules that were loaded. */
struct window {
	char *cell; /* owned */
	char *driver; /* owned */
	int64_t requests;
	struct symbols symbols;
};

struct windows {
	struct window *v;
	size_t n;
};

static char *text_of(json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return xstrdup(text ? text : "");
}

static void take_window(struct windows *w, json_t *o)
{
	w->v = xrealloc(w->v, (w->n + 1) * sizeof(*w->v));
	w->v[w->n++] = (struct window){
		.cell = text_of(o, "name"),
		.driver = text_of(o, "driver"),
		.requests = json_integer_value(json_object_get(o, "requests")),
	};
}

/* Lines as in kallsyms, whole ones in each record. */
static void take_symbols(struct windows *w, json_t *o)
{
	char *text = text_of(o, "text"), *line, *rest;

	for (line = strtok_r(text, "\n", &rest); w->n && line;
	     line = strtok_r(NULL, "\n", &rest))
		symbols_add(&w->v[w->n - 1].symbols, line);
	free(text);
}

static void take_records(struct windows *w, const struct records *records)
{
	size_t i;

	for (i = 0; i < records->n; i++) {
		const struct record *rec = records->v[i];
		json_t *o =
			json_loadb(rec->json, rec->len, JSON_ALLOW_NUL, NULL);
		const char *type = json_string_value(json_object_get(o, "t"));

		if (!strcmp(type, RECORD_WINDOW))
			take_window(w, o);
		else if (!strcmp(type, RECORD_SYMBOLS))
			take_symbols(w, o);
		json_decref(o);
	}
}

static int read_boot(struct windows *w, const char *dir, struct error *err)
{
	struct records records;
	int bad;

	records_init(&records);
	bad = boot_records_read(&records, dir, err);
	if (!bad && (records.counts.missing || records.counts.conflicting))
		bad = refuse(err,
			     "%s: records are missing or contradict each "
			     "other",
			     dir);
	if (!bad)
		take_records(w, &records);
	records_free(&records);
	return bad;
}

static void free_windows(struct windows *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		free(w->v[i].cell);
		free(w->v[i].driver);
		symbols_free(&w->v[i].symbols);
	}
	free(w->v);
}

/* The shorter run, followed by the longer one. */
static int take_pair(struct profile *p, const struct windows *w, size_t at,
		     const char *map, const char *raw, struct error *err)
{
	struct window *less = &w->v[at], *more = &w->v[at + 1];
	char *before = xasprintf("%s.%zu", raw, at + 1);
	char *path = xasprintf("%s.%zu", raw, at + 2);
	int bad;

	memset(p, 0, sizeof(*p));
	p->title = xasprintf("%s %s", more->cell, more->driver);
	p->driver = xstrdup(more->driver);
	p->requests = more->requests - less->requests;
	p->symbols = more->symbols;
	memset(&more->symbols, 0, sizeof(more->symbols));
	if (strcmp(less->cell, more->cell) ||
	    strcmp(less->driver, more->driver) || p->requests <= 0)
		bad = refuse(err,
			     "the records name '%.100s %.100s' and '%.100s': "
			     "no shorter and longer run of one cell",
			     less->cell, less->driver, p->title);
	else
		bad = symbols_load(&p->symbols, map, err) ||
		      profile_add(p, before, -1, err) ||
		      profile_add(p, path, 1, err) || profile_sum(p, err);
	free(before);
	free(path);
	return bad ? -1 : 0;
}

int profiles_load(struct profile **v, size_t *n, const char *map,
		  const char *boot, const char *raw, struct error *err)
{
	struct windows w = { 0 };
	int bad = read_boot(&w, boot, err);
	size_t i;

	*v = NULL;
	*n = 0;
	if (!bad && (!w.n || w.n % 2))
		bad = refuse(err,
			     "%s: %zu measured parts; two for each driver are "
			     "needed",
			     boot, w.n);
	for (i = 0; !bad && i < w.n; i += 2) {
		*v = xrealloc(*v, (*n + 1) * sizeof(**v));
		bad = take_pair(&(*v)[(*n)++], &w, i, map, raw, err);
	}
	free_windows(&w);
	return bad ? -1 : 0;
}
