// SPDX-License-Identifier: GPL-2.0
/* Reads and checks the document of a result, and writes it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/result.h"

bool is_amount(const json_t *value, double *to)
{
	*to = json_number_value(value);
	return json_is_number(value) && isfinite(*to) && *to >= 0 &&
	       *to <= AMOUNT_MAX;
}

bool is_measured(json_t *o)
{
	const char *name;
	json_t *one;

	if (!json_is_object(o) || json_object_size(o) > EVIDENCE_MAX)
		return false;
	json_object_foreach(o, name, one) {
		if (!json_is_number(json_object_get(one, "value")) ||
		    !json_is_string(json_object_get(one, "unit")))
			return false;
	}
	return true;
}

bool is_cell(json_t *o)
{
	const char *axis;
	json_t *one;

	if (!json_is_object(o) || json_object_size(o) > EVIDENCE_MAX)
		return false;
	json_object_foreach(o, axis, one) {
		if (!json_is_string(one))
			return false;
	}
	return true;
}

static int refuse_entry(const struct result *r, const char *list, size_t at,
			const char *why, struct error *err)
{
	return refuse(err, "%s: %s[%zu]: %s", r->path, list, at, why);
}

struct item *result_add(struct result *r)
{
	struct item *it;

	/* Double the room when the number reaches a power of two. */
	if (!(r->n_items & (r->n_items - 1)))
		r->items = xrealloc(r->items,
				    (2 * r->n_items + 1) * sizeof(*r->items));
	it = &r->items[r->n_items];
	memset(it, 0, sizeof(*it));
	it->at = r->n_items++;
	return it;
}

void result_count(struct result *r)
{
	size_t i;

	r->controls = r->controls_expected = r->controls_unexpected = 0;
	for (i = 0; i < r->n_items; i++) {
		const struct item *it = &r->items[i];

		r->controls += it->control;
		r->controls_expected += it->control && it->verdict == PASS;
		r->controls_unexpected += item_unexpected_control(it);
	}
	r->planned = 0;
	for (i = 0; i < VERDICTS; i++)
		r->planned += r->summary[i];
}

static int take_items(struct result *r, struct error *err)
{
	json_t *list = json_object_get(r->json, "scenarios"), *one;
	size_t i;

	if (!json_is_array(list))
		return refuse(err, "%s: has no array \"scenarios\"", r->path);
	if (json_array_size(list) > ENTRIES_MAX)
		return refuse(err, "%s: %zu entries; no more than %d are read",
			      r->path, json_array_size(list), ENTRIES_MAX);
	json_array_foreach(list, i, one) {
		struct item *it = result_add(r);
		const char *why;

		it->id = i;
		why = item_read(it, one);
		if (why)
			return refuse_entry(r, "scenarios", i, why, err);
	}
	return 0;
}

static int take_figures(struct result *r, struct error *err)
{
	json_t *one;
	size_t i;

	r->matrices = json_incref(json_object_get(r->json, "matrices"));
	if (!json_is_array(r->matrices))
		return refuse(err, "%s: has no array \"matrices\"", r->path);
	json_array_foreach(r->matrices, i, one) {
		const char *why = figures_read(r, one);

		if (why)
			return refuse_entry(r, "matrices", i, why, err);
		if (r->n_figures > ENTRIES_MAX)
			return refuse(err,
				      "%s: more than %d metrics; no more are "
				      "read",
				      r->path, ENTRIES_MAX);
	}
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A comparison could not distinguish two entries with the same key. */
static int refuse_twins(const struct result *r, char **keys, size_t n,
			struct error *err)
{
	size_t i;

	qsort(keys, n, sizeof(*keys), compare_keys);
	for (i = 1; i < n; i++) {
		char *p = keys[i];

		if (strcmp(keys[i - 1], p))
			continue;
		while ((p = strchr(p, '\n')))
			*p = ' ';
		return refuse(err, "%s: twice the same: %.200s", r->path,
			      keys[i]);
	}
	return 0;
}

static int check_twins(const struct result *r, struct error *err)
{
	size_t n = r->n_items > r->n_figures ? r->n_items : r->n_figures, i;
	char **keys = xrealloc(NULL, (n + 1) * sizeof(*keys));
	int bad;

	for (i = 0; i < r->n_items; i++)
		keys[i] = r->items[i].key;
	bad = refuse_twins(r, keys, r->n_items, err);
	for (i = 0; i < r->n_figures; i++)
		keys[i] = r->figures[i].key;
	if (!bad)
		bad = refuse_twins(r, keys, r->n_figures, err);
	free(keys);
	return bad;
}

static int take_problems(struct result *r, struct error *err)
{
	json_t *one;
	size_t i;

	r->problems = json_incref(json_object_get(r->json, "problems"));
	if (!json_is_array(r->problems))
		return refuse(err, "%s: has no array \"problems\"", r->path);
	if (json_array_size(r->problems) > PROBLEMS_MAX)
		return refuse(err,
			      "%s: more than %d problems; no more are read",
			      r->path, PROBLEMS_MAX);
	json_array_foreach(r->problems, i, one) {
		if (!json_is_string(json_object_get(one, "reason")) ||
		    !json_is_string(json_object_get(one, "detail")))
			return refuse_entry(r, "problems", i,
					    "reason and detail must be strings",
					    err);
	}
	return 0;
}

/* A baseline has no summary: count the entries that it lists. */
static int take_summary(struct result *r, struct error *err)
{
	json_t *summary = json_object_get(r->json, "summary");
	size_t i;

	for (i = 0; i < r->n_items && !summary; i++)
		r->summary[r->items[i].verdict]++;
	for (i = 0; i < VERDICTS && summary; i++) {
		json_t *n = json_object_get(summary, verdict_names[i]);

		if (!json_is_integer(n) || json_integer_value(n) < 0 ||
		    json_integer_value(n) > ENTRIES_MAX)
			return refuse(err,
				      "%s: summary: %s must be a number from 0 "
				      "to %d",
				      r->path, verdict_names[i], ENTRIES_MAX);
		r->summary[i] = (size_t)json_integer_value(n);
	}
	result_count(r);
	return 0;
}

static int take_head(struct result *r, struct error *err)
{
	json_t *schema = json_object_get(r->json, "schema");
	json_t *status = json_object_get(r->json, "status");
	const char *key;
	json_t *value;

	if (!json_is_integer(schema))
		return refuse(err, "%s: no result.json: has no \"schema\"",
			      r->path);
	if (json_integer_value(schema) != RESULT_SCHEMA)
		return refuse(err,
			      "%s: schema %" JSON_INTEGER_FORMAT
			      "; only schema %d "
			      "can be read here",
			      r->path, json_integer_value(schema),
			      RESULT_SCHEMA);
	r->meta = json_incref(json_object_get(r->json, "meta"));
	if (!json_is_object(r->meta))
		return refuse(err, "%s: has no object \"meta\"", r->path);
	json_object_foreach(r->meta, key, value) {
		if (!json_is_string(value) && !json_is_number(value))
			return refuse(err,
				      "%s: meta: values are strings or numbers",
				      r->path);
	}
	if (!json_is_integer(status) || json_integer_value(status) < 0 ||
	    json_integer_value(status) > STATUS_HARNESS)
		return refuse(err, "%s: status must be a number from 0 to %d",
			      r->path, STATUS_HARNESS);
	r->status = (int)json_integer_value(status);
	return 0;
}

int result_parse(struct result *r, json_t *json, const char *path,
		 struct error *err)
{
	memset(r, 0, sizeof(*r));
	r->path = xstrdup(path);
	r->json = json;
	if (take_head(r, err) || take_items(r, err) || take_figures(r, err) ||
	    take_problems(r, err) || take_summary(r, err))
		return -1;
	r->stream = json_incref(json_object_get(json, "stream"));
	if (!r->n_items && !r->n_figures)
		return refuse(err, "%s: holds no entry; nothing was planned",
			      r->path);
	return check_twins(r, err);
}

static json_t *headline_json(const struct result *r)
{
	char *text = result_headline(r);
	json_t *o =
		json_pack("{s:s,s:s,s:s}", "escape",
			  escape_names[result_escape(r, FROM_MEMORY_AND_IO)],
			  "escape_without_io",
			  escape_names[result_escape(r, FROM_MEMORY_ALONE)],
			  "text", text);

	free(text);
	return o;
}

json_t *result_json(const struct result *r)
{
	json_t *scenarios = json_array(), *summary = json_object();
	size_t i;

	for (i = 0; i < r->n_items; i++)
		json_array_append_new(scenarios, item_json(&r->items[i]));
	for (i = 0; i < VERDICTS; i++)
		json_object_set_new(summary, verdict_names[i],
				    json_integer((json_int_t)r->summary[i]));
	return json_pack("{s:i,s:o,s:O,s:o,s:O,s:o,s:{s:I,s:I},s:O,s:O,s:i}",
			 "schema", RESULT_SCHEMA, "headline", headline_json(r),
			 "meta", r->meta, "scenarios", scenarios, "matrices",
			 r->matrices, "summary", summary, "controls",
			 "expected", (json_int_t)r->controls_expected,
			 "unexpected", (json_int_t)r->controls_unexpected,
			 "stream", r->stream, "problems", r->problems, "status",
			 r->status);
}

int result_write(const struct result *r, const char *dir, struct error *err)
{
	struct outfile out;
	json_t *o;

	if (out_open(&out, dir, "result.json", err))
		return -1;
	o = result_json(r);
	/* A failed write stays visible in the stream; commit reports it. */
	json_dumpf(o, out.f, JSON_INDENT(1));
	fputc('\n', out.f);
	json_decref(o);
	return out_commit(&out, err);
}

void result_free(struct result *r)
{
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		free(r->items[i].label);
		free(r->items[i].cell_text);
		free(r->items[i].key);
	}
	for (i = 0; i < r->n_figures; i++) {
		free(r->figures[i].cell_text);
		free(r->figures[i].key);
	}
	free(r->items);
	free(r->figures);
	free(r->path);
	free(r->label);
	json_decref(r->meta);
	json_decref(r->matrices);
	json_decref(r->stream);
	json_decref(r->problems);
	json_decref(r->json);
}

char *result_meta(const struct result *r, const char *key)
{
	json_t *value = json_object_get(r->meta, key);
	const char *s = json_string_value(value);

	if (json_is_integer(value))
		return xasprintf("%" JSON_INTEGER_FORMAT,
				 json_integer_value(value));
	if (json_is_number(value))
		return xasprintf("%.6g", json_number_value(value));
	return xstrdup(s ? s : "");
}
