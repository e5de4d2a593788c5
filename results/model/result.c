// SPDX-License-Identifier: GPL-2.0
/* Reads a result back, and checks all of it that anybody relies on. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "model/result.h"

#define ENTRIES_MAX 100000
#define PARTS_MAX 256 /* of a cell, an entry's evidence, a cell's metrics */
#define PROBLEMS_MAX 1000
#define SAMPLES_MAX 1000 /* of a metric */
#define VALUE_MAX 1e15 /* in ns: eleven days */

static int refuse_entry(const struct result *r, const char *list, size_t at,
			const char *why, struct error *err)
{
	return refuse(err, "%s: %s[%zu]: %s", r->path, list, at, why);
}

static const char *text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* 0 to VALUE_MAX; false for anything else, and for what is missing. */
static bool amount_of(json_t *value, double *to)
{
	*to = json_number_value(value);
	return json_is_number(value) && isfinite(*to) && *to >= 0 &&
	       *to <= VALUE_MAX;
}

/* An object of {"value": number, "unit": string}. */
static bool is_measured(json_t *o)
{
	const char *name;
	json_t *one;

	if (!json_is_object(o) || json_object_size(o) > PARTS_MAX)
		return false;
	json_object_foreach(o, name, one) {
		if (!json_is_number(json_object_get(one, "value")) ||
		    !json_is_string(json_object_get(one, "unit")))
			return false;
	}
	return true;
}

static bool are_strings(json_t *a)
{
	json_t *one;
	size_t i;

	if (!json_is_array(a))
		return false;
	json_array_foreach(a, i, one) {
		if (!json_is_string(one))
			return false;
	}
	return true;
}

static bool take_verdict(struct item *it)
{
	const char *said = text_of(it->json, "verdict");
	int i;

	for (i = 0; i < VERDICTS; i++) {
		if (strcmp(said, verdict_names[i]))
			continue;
		it->verdict = (enum verdict)i;
		return true;
	}
	return false;
}

/* NULL when it is no object of strings. */
static char *take_cell(json_t *o)
{
	json_t *cell = json_object_get(o, "cell");

	if (!json_is_object(cell) || json_object_size(cell) > PARTS_MAX)
		return NULL;
	return text_cell(cell);
}

/* What must be there to tell one entry from another. */
static const char *take_identity(struct item *it)
{
	json_t *control = json_object_get(it->json, "control");
	const char *variant = text_of(it->json, "variant");

	it->name = text_of(it->json, "name");
	it->driver = text_of(it->json, "driver");
	it->expect = text_of(it->json, "expect");
	if (!*it->name || !*it->driver)
		return "name and driver must be strings, and not empty";
	if (!json_is_boolean(control))
		return "control must be true or false";
	it->control = json_is_true(control);
	it->cell_text = take_cell(it->json);
	if (!it->cell_text)
		return "cell must be an object of strings";
	it->label =
		xasprintf("%s%s%s", it->driver, *variant ? "/" : "", variant);
	/* No part holds a newline, or it only matches its like. */
	it->key =
		xasprintf("%s\n%s\n%s\n%s\n%s", it->name, it->cell_text,
			  it->label, it->control ? "control" : "", it->expect);
	return NULL;
}

static const char *take_item(struct item *it)
{
	json_t *ms = json_object_get(it->json, "duration_ms");
	json_t *boot = json_object_get(it->json, "boot");
	const char *why = take_identity(it);

	if (why)
		return why;
	if (!take_verdict(it))
		return "verdict must be one of those that there are";
	if (!json_is_string(json_object_get(it->json, "reason")))
		return "reason must be a string";
	it->reason = text_of(it->json, "reason");
	it->detail = text_of(it->json, "detail");
	it->claim = text_of(it->json, "claim");
	if (ms && !amount_of(ms, &it->duration_ms))
		return "duration_ms must be a number from 0 to 1e15";
	it->boot = (size_t)json_integer_value(boot);
	if (boot &&
	    (!json_is_integer(boot) || !it->boot || it->boot > BOOTS_MAX))
		return "boot must be a number from 1 to 1000";
	it->evidence = json_object_get(it->json, "evidence");
	if (!is_measured(it->evidence))
		return "evidence must be an object of value and unit, of no "
		       "more than 256";
	it->meters = json_object_get(it->json, "meters");
	if (it->meters && !are_strings(it->meters))
		return "meters must be an array of strings";
	return NULL;
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
	r->items =
		xrealloc(NULL, (json_array_size(list) + 1) * sizeof(*r->items));
	json_array_foreach(list, i, one) {
		struct item *it = &r->items[r->n_items++];
		const char *why;

		memset(it, 0, sizeof(*it));
		it->json = one;
		it->at = i;
		why = take_item(it);
		if (why)
			return refuse_entry(r, "scenarios", i, why, err);
	}
	return 0;
}

/* Percent, kept with a baseline: {"value": 0.2, "unit": "%"}. */
static const char *take_tolerance(json_t *cell, double *tolerance)
{
	json_t *kept = json_object_get(cell, "tolerance");

	*tolerance = -1;
	if (!kept)
		return NULL;
	if (strcmp(text_of(kept, "unit"), "%") ||
	    !amount_of(json_object_get(kept, "value"), tolerance) ||
	    *tolerance > 100)
		return "tolerance must be a value from 0 to 100 with unit %";
	return NULL;
}

static bool are_amounts(json_t *a)
{
	json_t *one;
	double amount;
	size_t i;

	if (!json_is_array(a) || json_array_size(a) > SAMPLES_MAX)
		return false;
	json_array_foreach(a, i, one) {
		if (!amount_of(one, &amount))
			return false;
	}
	return true;
}

/* The metric's own tolerance, or else its cell's. */
static const char *take_figure(struct figure *f, json_t *measured)
{
	double cells = f->tolerance;
	const char *why = take_tolerance(measured, &f->tolerance);

	if (why)
		return why;
	if (f->tolerance < 0)
		f->tolerance = cells;
	f->samples = json_object_get(measured, "samples");
	if (f->samples && !are_amounts(f->samples))
		return "a metric's samples must be no more than 1000 numbers "
		       "from 0 to 1e15";
	f->unit = text_of(measured, "unit");
	if (!amount_of(json_object_get(measured, "value"), &f->value))
		return "a metric's value must be a number from 0 to 1e15";
	/* Ratios are made of these. */
	if (!strcmp(f->unit, "virtual ns") && f->value == 0)
		return "a metric in virtual ns must be more than 0";
	f->key = xasprintf("%s\n%s\n%s\n%s", f->matrix, f->cell_text, f->driver,
			   f->metric);
	return NULL;
}

static const char *take_cell_figures(struct result *r, json_t *cell)
{
	json_t *metrics = json_object_get(cell, "metrics"), *one;
	struct figure common = { .matrix = text_of(cell, "name"),
				 .driver = text_of(cell, "driver") };
	const char *metric, *why;
	char *text;

	if (!*common.matrix || !*common.driver)
		return "name and driver must be strings, and not empty";
	if (!is_measured(metrics))
		return "metrics must be an object of value and unit, of no "
		       "more than 256";
	why = take_tolerance(cell, &common.tolerance);
	if (why)
		return why;
	common.unstable = json_string_value(json_object_get(cell, "unstable"));
	if (!common.unstable && json_object_get(cell, "unstable"))
		return "unstable must be a string";
	text = take_cell(cell);
	if (!text)
		return "cell must be an object of strings";
	json_object_foreach(metrics, metric, one) {
		struct figure *f;

		r->figures = xrealloc(r->figures,
				      (r->n_figures + 1) * sizeof(*r->figures));
		f = &r->figures[r->n_figures];
		*f = common;
		f->at = r->n_figures++;
		f->metric = metric;
		f->cell_text = xstrdup(text);
		why = take_figure(f, one);
		if (why)
			break;
	}
	free(text);
	return why;
}

static int take_figures(struct result *r, struct error *err)
{
	json_t *list = json_object_get(r->json, "matrices"), *one;
	size_t i;

	if (!json_is_array(list))
		return refuse(err, "%s: has no array \"matrices\"", r->path);
	json_array_foreach(list, i, one) {
		const char *why = take_cell_figures(r, one);

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

/* Two entries with one name could not be told apart in the other result. */
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

	r->problems = json_object_get(r->json, "problems");
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
	r->meta = json_object_get(r->json, "meta");
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
	    take_problems(r, err))
		return -1;
	if (!r->n_items && !r->n_figures)
		return refuse(err, "%s: holds no entry; nothing was planned",
			      r->path);
	return check_twins(r, err);
}

/* All of a file of bounded size; NULL with err set. */
static char *read_whole(const char *path, size_t *len, struct error *err)
{
	/* Nobody may have opened a FIFO's other end. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char *text;
	ssize_t got = 1;

	if (fd < 0 || fstat(fd, &st)) {
		refuse(err, "%s: %s; a result.json", path, strerror(errno));
		goto failed;
	}
	if (!S_ISREG(st.st_mode)) {
		refuse(err, "%s: not a regular file; a result.json", path);
		goto failed;
	}
	if (st.st_size > (off_t)RESULT_BYTES_MAX) {
		refuse(err, "%s: %lld bytes; no more than %u are read", path,
		       (long long)st.st_size, RESULT_BYTES_MAX);
		goto failed;
	}
	text = xrealloc(NULL, (size_t)st.st_size + 1);
	for (*len = 0; got > 0 && *len < (size_t)st.st_size; *len += got) {
		got = read(fd, text + *len, (size_t)st.st_size - *len);
		if (got < 0) {
			refuse(err, "%s: %s", path, strerror(errno));
			free(text);
			goto failed;
		}
	}
	close(fd);
	return text;

failed:
	if (fd >= 0)
		close(fd);
	return NULL;
}

static json_t *read_json(const char *path, struct error *err)
{
	json_error_t why = { .text = "" };
	size_t len;
	char *text = read_whole(path, &len, err);
	json_t *json;

	if (!text)
		return NULL;
	if (!len) {
		refuse(err, "%s: empty; a result.json", path);
		free(text);
		return NULL;
	}
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	free(text);
	if (!json)
		refuse(err, "%s:%d: %s; a result.json", path,
		       why.line > 0 ? why.line : 1,
		       *why.text ? why.text : "takes too much memory to read");
	return json;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The file that arg means; the caller frees. */
static char *find_file(const char *arg, const char *baselines)
{
	char *path;

	if (is_folder(arg))
		return xasprintf("%s/result.json", arg);
	if (baselines && !strchr(arg, '/') && access(arg, F_OK)) {
		path = xasprintf("%s/%s.json", baselines, arg);
		if (!access(path, F_OK))
			return path;
		free(path);
	}
	return xstrdup(arg);
}

/* The last part of a name that tells results apart. */
static char *label_of(const char *arg)
{
	char *copy = text_clean(arg), *name, *label;

	while (strlen(copy) > 1 && copy[strlen(copy) - 1] == '/')
		copy[strlen(copy) - 1] = '\0';
	name = strrchr(copy, '/');
	if (name && name != copy && !strcmp(name, "/result.json")) {
		*name = '\0';
		name = strrchr(copy, '/');
	}
	label = xstrdup(name && name[1] ? name + 1 : copy);
	free(copy);
	return label;
}

int result_load(struct result *r, const char *arg, const char *baselines,
		struct error *err)
{
	char *path = find_file(arg, baselines), *clean;
	json_t *json;
	int bad = -1;

	memset(r, 0, sizeof(*r));
	if (!*arg)
		refuse(err, "'': a result.json, a run's folder or a baseline");
	else if ((json = read_json(path, err)))
		bad = result_parse(r, json, path, err);
	r->label = label_of(arg);
	free(path);
	if (bad) {
		/* It may quote the file, and names of any bytes. */
		clean = text_clean(err->text);
		strcpy(err->text, clean);
		free(clean);
	}
	return bad;
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
