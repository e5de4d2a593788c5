// SPDX-License-Identifier: GPL-2.0
/* What was measured, in which order, as the machine's console tells. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"

/* Lines that the machine writes for us begin with one of these. */
#define WINDOW "window "
#define SYMBOL "symbol "

/* A measured part: "window REQUESTS CELL DRIVER", and the modules' symbols. */
struct window {
	char *title; /* owned */
	int64_t requests;
	struct symbols symbols;
};

struct windows {
	struct window *v;
	size_t n;
};

static void take_line(struct windows *w, char *line)
{
	char *end;

	line[strcspn(line, "\r\n")] = '\0';
	if (!strncmp(line, SYMBOL, strlen(SYMBOL)) && w->n) {
		symbols_add(&w->v[w->n - 1].symbols, line + strlen(SYMBOL));
	} else if (!strncmp(line, WINDOW, strlen(WINDOW))) {
		w->v = xrealloc(w->v, (w->n + 1) * sizeof(*w->v));
		w->v[w->n] = (struct window){
			.requests = strtoll(line + strlen(WINDOW), &end, 10)
		};
		w->v[w->n++].title = xstrdup(*end ? end + 1 : end);
	}
}

static int read_console(struct windows *w, const char *path, struct error *err)
{
	FILE *f = fopen(path, "r");
	char line[512];
	int bad;

	if (!f)
		return refuse(err, "%s: %s; the machine's console", path,
			      strerror(errno));
	while (fgets(line, sizeof(line), f))
		take_line(w, line);
	bad = ferror(f);
	fclose(f);
	return bad ? refuse(err, "%s: %s", path, strerror(errno)) : 0;
}

static void free_windows(struct windows *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		free(w->v[i].title);
		symbols_free(&w->v[i].symbols);
	}
	free(w->v);
}

/* The shorter run and the longer one, which follow each other. */
static int take_pair(struct profile *p, const struct windows *w, size_t at,
		     const char *map, const char *raw, struct error *err)
{
	struct window *less = &w->v[at], *more = &w->v[at + 1];
	char *before = xasprintf("%s.%zu", raw, at + 1);
	char *path = xasprintf("%s.%zu", raw, at + 2);
	char *space = strrchr(more->title, ' ');
	int bad;

	memset(p, 0, sizeof(*p));
	p->title = xstrdup(more->title);
	p->driver = xstrdup(space ? space + 1 : more->title);
	p->requests = more->requests - less->requests;
	p->symbols = more->symbols;
	memset(&more->symbols, 0, sizeof(more->symbols));
	if (strcmp(less->title, more->title) || p->requests <= 0)
		bad = refuse(err,
			     "the console tells of '%.100s' and '%.100s': "
			     "no shorter and longer run of one cell",
			     less->title, more->title);
	else
		bad = symbols_load(&p->symbols, map, err) ||
		      profile_add(p, before, -1, err) ||
		      profile_add(p, path, 1, err) || profile_sum(p, err);
	free(before);
	free(path);
	return bad ? -1 : 0;
}

int profiles_load(struct profile **v, size_t *n, const char *map,
		  const char *console, const char *raw, struct error *err)
{
	struct windows w = { 0 };
	int bad = read_console(&w, console, err);
	size_t i;

	*v = NULL;
	*n = 0;
	if (!bad && (!w.n || w.n % 2))
		bad = refuse(err,
			     "%s: tells of %zu measured parts; two for "
			     "each driver are needed",
			     console, w.n);
	for (i = 0; !bad && i < w.n; i += 2) {
		*v = xrealloc(*v, (*n + 1) * sizeof(**v));
		bad = take_pair(&(*v)[(*n)++], &w, i, map, raw, err);
	}
	free_windows(&w);
	return bad ? -1 : 0;
}
