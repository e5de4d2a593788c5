// SPDX-License-Identifier: GPL-2.0
/* Reads the plan: the entries to run, one JSON object per line. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "judge/judge.h"
#include "judge/matrix.h"
#include "record/crc32.h"

#define PLAN_BYTES_MAX (64u << 20)

static const char *string_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && *s ? s : NULL;
}

/* "expect" belongs to controls, and only to them. */
static bool take_expect(struct entry *e)
{
	json_t *control = json_object_get(e->plan, "control");
	json_t *expect = json_object_get(e->plan, "expect");
	const char *s = json_string_value(expect);

	if (!json_is_boolean(control))
		return false;
	e->control = json_is_true(control);
	if (!e->control)
		return !expect;
	if (!s || (strcmp(s, "true") && strcmp(s, "false")))
		return false;
	e->expect_held = !strcmp(s, "true");
	return true;
}

/* The fields that only a cell of a matrix has. */
static bool take_metric(struct entry *e)
{
	static const char *const metrics[] = { "ns_per_io", "iops", "latency" };
	json_t *round = json_object_get(e->plan, "round");
	size_t i;

	e->metric = string_of(e->plan, "metric");
	if (!e->metric)
		return !json_object_get(e->plan, "metric");
	e->of = string_of(e->plan, "of");
	e->round = json_integer_value(round);
	for (i = 0; i < sizeof(metrics) / sizeof(*metrics); i++) {
		if (!strcmp(metrics[i], e->metric))
			break;
	}
	return i < sizeof(metrics) / sizeof(*metrics) &&
	       !strcmp(e->metric, "latency") == !!e->of && !e->control &&
	       json_is_integer(round) && e->round >= 0;
}

/* NULL, or what the line must have. */
static const char *take_entry(struct entry *e, size_t id)
{
	json_t *number = json_object_get(e->plan, "id");
	const char *type = string_of(e->plan, "t");

	if (!type || strcmp(type, "plan"))
		return "\"t\":\"plan\"";
	if (!json_is_integer(number) ||
	    json_integer_value(number) != (json_int_t)id)
		return "an id that counts from 0 without gaps";
	e->name = string_of(e->plan, "name");
	e->driver = string_of(e->plan, "driver");
	e->claim = string_of(e->plan, "claim");
	if (!e->name || !e->driver || !e->claim)
		return "name, driver and claim, no empty ones";
	e->cell = json_object_get(e->plan, "cell");
	if (!json_is_object(e->cell))
		return "a cell: an object of strings";
	if (!take_expect(e))
		return "control: false, or true with expect true or false";
	if (!take_metric(e))
		return "metric: ns_per_io, iops or latency, of a job, and a "
		       "round";
	e->variant = string_of(e->plan, "variant");
	e->label = xasprintf("%s%s%s", e->driver, e->variant ? "/" : "",
			     e->variant ? e->variant : "");
	e->cell_text = text_cell(e->cell);
	if (!e->cell_text)
		return "a cell: an object of strings";
	return NULL;
}

static int take_line(struct plan *plan, const char *line, size_t len,
		     const char *path, struct error *err)
{
	struct entry *e;
	json_error_t why;
	const char *want;

	plan->crc = crc32_ieee(plan->crc, line, len);
	plan->crc = crc32_ieee(plan->crc, "\n", 1);

	plan->v = xrealloc(plan->v, (plan->n + 1) * sizeof(*plan->v));
	e = &plan->v[plan->n++];
	memset(e, 0, sizeof(*e));
	e->evidence = json_object();
	e->meters = json_array();
	e->warnings = json_array();
	e->metrics = json_object();
	e->plan = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
	if (!e->plan)
		return refuse(err, "%s:%zu: %s; one JSON object a line", path,
			      plan->n, why.text);
	want = take_entry(e, plan->n - 1);
	if (want)
		return refuse(err, "%s:%zu: a plan's line has %s", path,
			      plan->n, want);
	return 0;
}

int plan_parse(struct plan *plan, const char *text, size_t len,
	       const char *path, struct error *err)
{
	while (len) {
		const char *nl = memchr(text, '\n', len);
		size_t part = nl ? (size_t)(nl - text) : len;

		if (take_line(plan, text, part, path, err))
			return -1;
		part += nl ? 1 : 0;
		text += part;
		len -= part;
	}
	if (!plan->n)
		return refuse(err, "%s: empty; a plan has at least one entry",
			      path);
	return 0;
}

int plan_load(struct plan *plan, const char *path, struct error *err)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t len = 0, got;
	int bad, why;

	if (!f)
		return refuse(err, "%s: %s; the plan, as init --plan prints it",
			      path, strerror(errno));
	do {
		text = xrealloc(text, len + BUFSIZ);
		got = fread(text + len, 1, BUFSIZ, f);
		len += got;
	} while (got && len < PLAN_BYTES_MAX);
	bad = ferror(f);
	why = errno;
	fclose(f);
	if (bad)
		bad = refuse(err, "%s: %s; the plan, as init --plan prints it",
			     path, strerror(why));
	else
		bad = plan_parse(plan, text, len, path, err);
	free(text);
	return bad;
}

void plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n; i++) {
		struct entry *e = &plan->v[i];

		json_decref(e->plan);
		json_decref(e->evidence);
		json_decref(e->meters);
		json_decref(e->warnings);
		json_decref(e->metrics);
		outputs_free(e);
		free(e->label);
		free(e->cell_text);
		free(e->said);
		free(e->reason);
		free(e->detail);
	}
	free(plan->v);
}
