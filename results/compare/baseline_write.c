// SPDX-License-Identifier: GPL-2.0
/*
 * Writes a baseline: one entry per line, so that changes can be reviewed, and
 * each cost with its measured tolerance.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/baseline.h"

/* A few images do not show the largest possible deviation. */
#define MARGIN 3
#define FLOOR 0.05 /* percent */
/* fio's percentiles have steps of up to 1.6 %: one step is no change. */
#define FLOOR_STEPS 3.2

/* Copies the given keys, if present. */
static json_t *pick(json_t *from, const char *const keys[], size_t n)
{
	json_t *to = json_object();
	size_t i;

	for (i = 0; i < n; i++) {
		json_t *value = json_object_get(from, keys[i]);

		if (value)
			json_object_set(to, keys[i], value);
	}
	return to;
}

#define PICK(from, keys) pick(from, keys, sizeof(keys) / sizeof(*(keys)))

static json_t *strip_meta(json_t *meta)
{
	static const char *const keys[] = {
		"kernel",	 "commit",	 "source",
		"config_sha256", "image_sha256", "module_sha256",
		"compiler",	 "qemu",	 "accel",
		"smp",		 "mem",		 "words",
		"sources",	 "clock",	 "bench_image_sha256",
		"bench_accel",	 "bench_smp",	 "bench_mem",
		"bench_words",	 "bench_clock",
	};
	json_t *stripped = PICK(meta, keys);
	const char *source =
		json_string_value(json_object_get(stripped, "source"));

	/* The path of a private tree means nothing on other machines. */
	if (source && strchr(source, '/'))
		json_object_del(stripped, "source");
	return stripped;
}

static json_t *strip_item(const struct item *it)
{
	static const char *const keys[] = {
		"name",	  "cell",    "driver", "variant",  "control",
		"expect", "verdict", "reason", "evidence",
	};
	json_t *o = item_json(it), *stripped = PICK(o, keys);

	/* A control that passed repeats its evidence as its reason. */
	if (it->verdict == PASS)
		json_object_set_new(stripped, "reason", json_string(""));
	json_decref(o);
	return stripped;
}

/* The figure of r with this key, or NULL. */
static const struct figure *same_figure(const struct result *r, const char *key)
{
	size_t i;

	for (i = 0; i < r->n_figures; i++) {
		if (!strcmp(r->figures[i].key, key))
			return &r->figures[i];
	}
	return NULL;
}

/* The largest relative deviation of a padded image; below 0: none has it. */
static double farthest(const struct figure *f, const struct baseline *b)
{
	const struct figure *other;
	double most = -1;
	size_t i;

	for (i = 0; i < b->n_padded; i++) {
		other = same_figure(b->padded[i], f->key);
		if (other && other->value > 0)
			most = fmax(most, fabs(other->value / f->value - 1));
	}
	return most;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * The median deviation of this metric and driver over all cells of the matrix:
 * a cell with a smaller one was lucky. Per driver, because the switching of a
 * driver's threads may depend on more than that of another's.
 */
static double usual_distance(const struct figure *f, const struct baseline *b)
{
	double *v = xrealloc(NULL, (b->costs->n_figures + 1) * sizeof(*v));
	double usual;
	size_t i, n = 0;

	for (i = 0; i < b->costs->n_figures; i++) {
		const struct figure *other = &b->costs->figures[i];

		if (strcmp(other->matrix, f->matrix) ||
		    strcmp(other->metric, f->metric) ||
		    strcmp(other->driver, f->driver))
			continue;
		v[n] = farthest(other, b);
		n += v[n] >= 0;
	}
	qsort(v, n, sizeof(*v), by_value);
	usual = n ? v[n / 2] : 0;
	free(v);
	return usual;
}

/* In percent; below 0 when there is no measurement. */
static double measured_tolerance(const struct figure *f,
				 const struct baseline *b)
{
	bool steps = !strncmp(f->metric, "latency", 7);
	double most = farthest(f, b);

	if (most < 0)
		return -1;
	most = 100 * MARGIN * fmax(most, usual_distance(f, b));
	most = fmax(most, steps ? FLOOR_STEPS : FLOOR);
	/* Round up, but not for a mere floating-point error. */
	return fmin(100, ceil(most * 1000 - 1e-6) / 1000);
}

/*
 * The larger of the new and the old tolerance: a few images may happen to be
 * alike, and an earlier deviation can occur again.
 */
static double tolerance_of(const struct figure *f, const struct baseline *b)
{
	const struct figure *old = same_figure(b->old, f->key);
	double tolerance = fmax(measured_tolerance(f, b), f->tolerance);

	return old ? fmax(tolerance, old->tolerance) : tolerance;
}

static json_t *strip_metric(const struct figure *f, json_t *metric,
			    const struct baseline *b)
{
	static const char *const keys[] = { "value", "unit", "samples" };
	json_t *stripped = PICK(metric, keys);
	double tolerance;

	if (strcmp(f->unit, "virtual ns"))
		return stripped;
	/* In virtual time all samples are equal, or the cell is unstable. */
	json_object_del(stripped, "samples");
	tolerance = tolerance_of(f, b);
	if (tolerance >= 0)
		json_object_set_new(stripped, "tolerance",
				    json_pack("{s:f,s:s}", "value", tolerance,
					      "unit", "%"));
	return stripped;
}

/* Figures are in the order of the cells' metrics; *at is the next one. */
static json_t *strip_cell(json_t *cell, const struct baseline *b, size_t *at)
{
	static const char *const keys[] = { "name", "driver", "cell",
					    "unstable" };
	json_t *stripped = PICK(cell, keys), *metrics = json_object(), *one;
	const char *name;

	json_object_foreach(json_object_get(cell, "metrics"), name, one) {
		json_object_set_new(metrics, name,
				    strip_metric(&b->costs->figures[(*at)++],
						 one, b));
	}
	json_object_set_new(stripped, "metrics", metrics);
	return stripped;
}

/* Writes a line with its separator. */
static void put_line(FILE *f, json_t *o, bool last)
{
	json_dumpf(o, f, 0);
	fputs(last ? "\n" : ",\n", f);
	json_decref(o);
}

/* How the costs were measured, if not in the run of the verdicts. */
static void add_bench(json_t *meta, const struct result *costs)
{
	static const char *const keys[] = { "image_sha256", "accel", "smp",
					    "mem",	    "words", "clock" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		json_t *value = json_object_get(costs->meta, keys[i]);
		char *key = xasprintf("bench_%s", keys[i]);

		if (value)
			json_object_set(meta, key, value);
		free(key);
	}
}

static void put_costs(FILE *f, const struct baseline *b)
{
	json_t *list = b->costs ? b->costs->matrices : NULL;
	size_t i, n = json_array_size(list), at = 0;

	fputs("],\n\"matrices\": [\n", f);
	for (i = 0; i < n; i++)
		put_line(f, strip_cell(json_array_get(list, i), b, &at),
			 i + 1 == n);
	fputs("]}\n", f);
}

void baseline_write(const struct baseline *b, FILE *f)
{
	const struct result *r = b->verdicts ? b->verdicts : b->costs;
	size_t i, n = b->verdicts ? b->verdicts->n_items : 0;
	json_t *meta = strip_meta(r->meta);

	if (b->costs && b->costs != r)
		add_bench(meta, b->costs);
	fprintf(f,
		"{\"schema\": %d, \"status\": %d,\n\"meta\": ", RESULT_SCHEMA,
		r->status);
	json_dumpf(meta, f, JSON_INDENT(1));
	json_decref(meta);
	fputs(",\n\"problems\": ", f);
	json_dumpf(r->problems, f, 0);
	fputs(",\n\"scenarios\": [\n", f);
	for (i = 0; i < n; i++)
		put_line(f, strip_item(&b->verdicts->items[i]), i + 1 == n);
	put_costs(f, b);
}
