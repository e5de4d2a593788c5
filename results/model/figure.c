// SPDX-License-Identifier: GPL-2.0
/* The metrics of a cell of a matrix, read and checked. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/result.h"

static const char *text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* Percent, kept with a baseline: {"value": 0.2, "unit": "%"}. */
static const char *take_tolerance(json_t *cell, double *tolerance)
{
	json_t *kept = json_object_get(cell, "tolerance");

	*tolerance = -1;
	if (!kept)
		return NULL;
	if (strcmp(text_of(kept, "unit"), "%") ||
	    !is_amount(json_object_get(kept, "value"), tolerance) ||
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
		if (!is_amount(one, &amount))
			return false;
	}
	return true;
}

/* Its own tolerance has precedence over that of its cell. */
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
	if (!is_amount(json_object_get(measured, "value"), &f->value))
		return "a metric's value must be a number from 0 to 1e15";
	/* Views divide by values in virtual ns. */
	if (!strcmp(f->unit, "virtual ns") && f->value == 0)
		return "a metric in virtual ns must be more than 0";
	f->key = xasprintf("%s\n%s\n%s\n%s", f->matrix, f->cell_text, f->driver,
			   f->metric);
	return NULL;
}

const char *figures_read(struct result *r, json_t *cell)
{
	json_t *metrics = json_object_get(cell, "metrics"), *one;
	json_t *ms = json_object_get(cell, "duration_ms");
	struct figure common = { .matrix = text_of(cell, "name"),
				 .driver = text_of(cell, "driver"),
				 .cell = json_object_get(cell, "cell") };
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
	if (!is_cell(common.cell))
		return "cell must be an object of strings";
	if (ms && !is_amount(ms, &common.duration_ms))
		return "duration_ms must be a number from 0 to 1e15";
	text = text_cell(common.cell);
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

size_t figures_end(const struct result *r, size_t at)
{
	const json_t *cell = r->figures[at].cell;

	while (at < r->n_figures && r->figures[at].cell == cell)
		at++;
	return at;
}
