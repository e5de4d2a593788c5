// SPDX-License-Identifier: GPL-2.0
/* result.ktap: KTAP version 1, one result an entry, its evidence before it. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "judge/judge.h"

/* A "#" would begin a directive, so a name must not hold one. */
static void put_name(FILE *f, const char *s)
{
	char *clean = text_clean(s), *p;

	for (p = clean; (p = strchr(p, '#'));)
		*p = '?';
	fputs(clean, f);
	free(clean);
}

static void put_diagnostics(FILE *f, const struct entry *e)
{
	const char *name;
	json_t *one, *meter;
	size_t i;

	json_object_foreach(e->evidence, name, one) {
		char *number = json_dumps(json_object_get(one, "value"),
					  JSON_ENCODE_ANY);
		char *label = text_clean(name);
		char *unit = text_clean(
			json_string_value(json_object_get(one, "unit")));

		fprintf(f, "# %s: %s %s\n", label, number, unit);
		free(label);
		free(number);
		free(unit);
	}
	json_array_foreach(e->meters, i, meter) {
		char *clean = text_clean(json_string_value(meter));

		fprintf(f, "# meter moved: %s\n", clean);
		free(clean);
	}
}

static const char *directive(enum verdict v)
{
	switch (v) {
	case SKIP:
		return "SKIP ";
	case XFAIL:
		return "XFAIL ";
	case TIMEOUT:
	case HANG:
		return "TIMEOUT ";
	case PASS:
	case FAIL:
		return "";
	default:
		return "ERROR ";
	}
}

static void put_entry(FILE *f, const struct entry *e, size_t number)
{
	char *reason = text_reason(e->reason, e->detail);
	const char *word = directive(e->verdict);

	put_diagnostics(f, e);
	fprintf(f, "%s %zu ", verdict_expected(e->verdict) ? "ok" : "not ok",
		number);
	put_name(f, e->name);
	fputc(' ', f);
	if (*e->cell_text) {
		put_name(f, e->cell_text);
		fputc(' ', f);
	}
	put_name(f, e->label);
	if (e->control)
		fputs(e->expect_held ? " (control, must hold)" :
				       " (control, must fail)",
		      f);
	if (e->verdict != PASS)
		fprintf(f, " # %s%s%s%s", word, verdict_names[e->verdict],
			*reason ? ": " : "", reason);
	fputc('\n', f);
	free(reason);
}

int ktap_write(const struct run *run, const char *dir, struct error *err)
{
	struct outfile out;
	json_t *problem;
	size_t i;

	if (out_open(&out, dir, "result.ktap", err))
		return -1;
	fprintf(out.f, "KTAP version 1\n1..%zu\n", run->plan.n);
	for (i = 0; i < run->plan.n; i++)
		put_entry(out.f, &run->plan.v[i], i + 1);
	json_array_foreach(run->problems, i, problem) {
		char *text =
			text_reason(json_string_value(
					    json_object_get(problem, "reason")),
				    json_string_value(
					    json_object_get(problem,
							    "detail")));

		fprintf(out.f, "# problem: %s\n", text);
		free(text);
	}
	fprintf(out.f, "# status %d\n", run->status);
	return out_commit(&out, err);
}
