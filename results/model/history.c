// SPDX-License-Identifier: GPL-2.0
/*
 * Reads many results. Each is freed before the next one is read, so that their
 * number is not bound by memory.
 */
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/text.h"
#include "model/history.h"

#define FILES_MAX 10000
#define FOLDERS_DEEP 8

struct files {
	char **v;
	size_t n;
};

/* nftw() has no argument for its function. */
static struct files *found;

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

static int take_file(const char *path, const struct stat *st, int type,
		     struct FTW *at)
{
	const char *name = path + at->base;

	(void)st;
	/* musl cannot skip a folder, so only its files are. */
	if (type != FTW_F || found->n == FILES_MAX ||
	    at->level > FOLDERS_DEEP + 1 ||
	    (strcmp(name, "result.json") &&
	     (at->level > 1 || !ends_with(name, ".json"))))
		return 0;
	found->v = xrealloc(found->v, (found->n + 1) * sizeof(*found->v));
	found->v[found->n++] = xstrdup(path);
	return 0;
}

/* The series of a release: "6.12" of "6.12.117-chargeback". */
static char *series_of(const char *release)
{
	size_t n = strspn(release, "0123456789");

	if (release[n] == '.')
		n += 1 + strspn(release + n + 1, "0123456789");
	return n ? xasprintf("%.*s", (int)n, release) : xstrdup("unknown");
}

/* A name that begins with a time, as those of our folders do, as a time. */
static char *time_of_name(const char *name)
{
	static const char form[] = "00000000T000000Z";
	size_t i;

	for (i = 0; form[i]; i++) {
		if (form[i] == '0' ? name[i] < '0' || name[i] > '9' :
				     name[i] != form[i])
			return NULL;
	}
	return xasprintf("%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", name, name + 4,
			 name + 6, name + 9, name + 11, name + 13);
}

/* When it started; else when its folder says, or its file was written. */
static char *time_of(const struct result *r)
{
	char *time = result_meta(r, "started"), text[32] = "";
	struct stat st;
	struct tm tm;

	if (*time)
		return time;
	free(time);
	time = time_of_name(r->label);
	if (time)
		return time;
	if (!stat(r->path, &st) && gmtime_r(&st.st_mtime, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return xstrdup(text);
}

static struct history_track *track_of(struct history *h, const char *series,
				      const char *kind, const char *key)
{
	char *whole = xasprintf("%s\n%s\n%s", series, kind, key);
	json_t *at = json_object_get(h->index, whole);
	struct history_track *t;

	if (!at) {
		json_object_set_new(h->index, whole,
				    json_integer((json_int_t)h->n_tracks));
		/* Double the room when the number reaches a power of two. */
		if (!(h->n_tracks & (h->n_tracks - 1)))
			h->tracks = xrealloc(h->tracks, (2 * h->n_tracks + 1) *
								sizeof(*t));
		t = &h->tracks[h->n_tracks++];
		memset(t, 0, sizeof(*t));
		t->series = xstrdup(series);
	} else {
		t = &h->tracks[json_integer_value(at)];
	}
	free(whole);
	return t;
}

static struct history_point *add_point(struct history *h,
				       struct history_track *t)
{
	struct history_point *p;

	t->points = xrealloc(t->points, (t->n + 1) * sizeof(*t->points));
	p = &t->points[t->n++];
	memset(p, 0, sizeof(*p));
	p->run = h->n_runs - 1;
	return p;
}

static void add_item(struct history *h, const char *series,
		     const struct item *it)
{
	struct history_track *t = track_of(h, series, "entry", it->key);

	if (!t->name) {
		t->name = xasprintf("%s%s%s %s%s", it->name,
				    *it->cell_text ? " " : "", it->cell_text,
				    it->label, it->control ? " (control)" : "");
		t->driver = xstrdup(it->driver);
	}
	add_point(h, t)->verdict = it->verdict;
}

static void add_figure(struct history *h, const char *series,
		       const struct figure *f)
{
	char *kind = xasprintf("cost in %s", f->unit);
	struct history_track *t = track_of(h, series, kind, f->key);
	struct history_point *p = add_point(h, t);

	if (!t->name) {
		t->name = xasprintf("%s%s%s %s %s", f->matrix,
				    *f->cell_text ? " " : "", f->cell_text,
				    f->driver, f->metric);
		t->driver = xstrdup(f->driver);
		t->unit = xstrdup(f->unit);
	}
	p->value = f->value;
	p->tolerance = f->tolerance;
	p->unstable = f->unstable != NULL;
	free(kind);
}

static void add_result(struct history *h, const struct result *r)
{
	char *image = result_meta(r, "image_sha256");
	char *words = result_meta(r, "words");
	struct history_run *run;
	size_t i;

	h->runs = xrealloc(h->runs, (h->n_runs + 1) * sizeof(*h->runs));
	run = &h->runs[h->n_runs++];
	run->path = text_clean(r->path);
	run->label = xstrdup(r->label);
	run->time = time_of(r);
	run->kernel = result_meta(r, "kernel");
	run->series = series_of(run->kernel);
	run->machine = xasprintf("%s%s%s", image, *image ? " " : "",
				 *image ? words : "");
	run->was = h->n_runs - 1;
	for (i = 0; i < r->n_items; i++)
		add_item(h, run->series, &r->items[i]);
	for (i = 0; i < r->n_figures; i++)
		add_figure(h, run->series, &r->figures[i]);
	free(image);
	free(words);
}

static void load_file(struct history *h, const char *path)
{
	struct error why = { "" };
	struct result r;

	if (result_load(&r, path, NULL, &why)) {
		h->left_out = xrealloc(h->left_out, (h->n_left_out +
						     1) * sizeof(*h->left_out));
		h->left_out[h->n_left_out++] = xstrdup(why.text);
	} else {
		add_result(h, &r);
	}
	result_free(&r);
}

static int by_time(const void *a, const void *b)
{
	const struct history_run *x = a, *y = b;
	int order = strcmp(x->time, y->time);

	return order ? order : strcmp(x->path, y->path);
}

static int by_run(const void *a, const void *b)
{
	const struct history_point *x = a, *y = b;

	return (x->run > y->run) - (x->run < y->run);
}

static void free_run(struct history_run *run)
{
	free(run->path);
	free(run->label);
	free(run->time);
	free(run->kernel);
	free(run->series);
	free(run->machine);
}

/* Drops points of runs that are too old; the others get their new numbers. */
static void renumber(struct history_track *t, const size_t *now)
{
	size_t i, n = 0;

	for (i = 0; i < t->n; i++) {
		struct history_point p = t->points[i];

		if (now[p.run] == SIZE_MAX)
			continue;
		p.run = now[p.run];
		t->points[n++] = p;
	}
	t->n = n;
	qsort(t->points, n, sizeof(*t->points), by_run);
}

static void sort_runs(struct history *h)
{
	size_t *now = xrealloc(NULL, (h->n_runs + 1) * sizeof(*now)), i;

	qsort(h->runs, h->n_runs, sizeof(*h->runs), by_time);
	h->too_old = h->n_runs > HISTORY_MAX ? h->n_runs - HISTORY_MAX : 0;
	for (i = 0; i < h->n_runs; i++)
		now[h->runs[i].was] =
			i < h->too_old ? SIZE_MAX : i - h->too_old;
	for (i = 0; i < h->too_old; i++)
		free_run(&h->runs[i]);
	h->n_runs -= h->too_old;
	memmove(h->runs, h->runs + h->too_old, h->n_runs * sizeof(*h->runs));
	for (i = 0; i < h->n_tracks; i++)
		renumber(&h->tracks[i], now);
	free(now);
}

int history_load(struct history *h, const char *dir, struct error *err)
{
	struct files files = { NULL, 0 };
	int bad = 0;
	size_t i;

	memset(h, 0, sizeof(*h));
	h->index = json_object();
	found = &files;
	if (nftw(dir, take_file, 16, FTW_PHYS))
		bad = refuse(err, "%s: %s; a folder of results", dir,
			     strerror(errno));
	for (i = 0; i < files.n; i++) {
		if (!bad)
			load_file(h, files.v[i]);
		free(files.v[i]);
	}
	free(files.v);
	sort_runs(h);
	if (!bad && h->n_runs < 2)
		bad = refuse(err,
			     "%s: %zu results that can be read%s%s; two are "
			     "needed, as result.json in folders or as .json",
			     dir, h->n_runs, h->n_left_out ? "; " : "",
			     h->n_left_out ? h->left_out[0] : "");
	return bad;
}

void history_free(struct history *h)
{
	size_t i;

	for (i = 0; i < h->n_runs; i++)
		free_run(&h->runs[i]);
	for (i = 0; i < h->n_tracks; i++) {
		free(h->tracks[i].name);
		free(h->tracks[i].series);
		free(h->tracks[i].unit);
		free(h->tracks[i].driver);
		free(h->tracks[i].points);
	}
	for (i = 0; i < h->n_left_out; i++)
		free(h->left_out[i]);
	free(h->runs);
	free(h->tracks);
	free(h->left_out);
	json_decref(h->index);
}

const struct history_move *history_last(const struct history_track *t)
{
	size_t kept = t->n_moves < MOVES_MAX ? t->n_moves : MOVES_MAX;

	return kept ? &t->moves[kept - 1] : NULL;
}

const struct history_run *history_since(const struct history *h,
					const struct history_track *t,
					const struct history_move *m)
{
	return &h->runs[t->points[m->point].run];
}
