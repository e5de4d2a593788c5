// SPDX-License-Identifier: GPL-2.0
/* result.ktap: KTAP version 1, a result per entry after its evidence. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "view/view.h"

/* A "#" would begin a directive, so a name must not hold one. */
static void put_name(FILE *f, const char *s)
{
	char *clean = text_clean(s), *p;

	for (p = clean; (p = strchr(p, '#'));)
		*p = '?';
	fputs(clean, f);
	free(clean);
}

static void put_diagnostics(FILE *f, const struct item *it)
{
	const char *name;
	json_t *one, *meter, *warning;
	size_t i;

	json_object_foreach(it->evidence, name, one) {
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
	json_array_foreach(it->meters, i, meter) {
		char *clean = text_clean(json_string_value(meter));

		fprintf(f, "# meter moved: %s\n", clean);
		free(clean);
	}
	json_array_foreach(it->warnings, i, warning) {
		char *clean = text_clean(json_string_value(warning));

		fprintf(f, "# kernel warning: %s\n", clean);
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

static void put_entry(FILE *f, const struct item *it, size_t number)
{
	char *reason = text_reason(it->reason, it->detail);
	const char *word = directive(it->verdict);

	put_diagnostics(f, it);
	fprintf(f, "%s %zu ", verdict_expected(it->verdict) ? "ok" : "not ok",
		number);
	put_name(f, it->name);
	fputc(' ', f);
	if (*it->cell_text) {
		put_name(f, it->cell_text);
		fputc(' ', f);
	}
	put_name(f, it->label);
	if (it->control)
		fputs(strcmp(it->expect, "true") ? " (control, must fail)" :
						   " (control, must hold)",
		      f);
	if (it->verdict != PASS)
		fprintf(f, " # %s%s%s%s", word, verdict_names[it->verdict],
			*reason ? ": " : "", reason);
	fputc('\n', f);
	free(reason);
}

/* A cell of a matrix that gave its figures, [at, end). */
static void put_figures(FILE *f, const struct result *r, size_t at, size_t end,
			size_t number)
{
	const struct figure *first = &r->figures[at];

	for (; at < end; at++) {
		const struct figure *is = &r->figures[at];
		char *label = text_clean(is->metric);
		char *unit = text_clean(is->unit);

		fprintf(f, "# %s: %.10g %s\n", label, is->value, unit);
		free(label);
		free(unit);
	}
	fprintf(f, "ok %zu ", number);
	put_name(f, first->matrix);
	fputc(' ', f);
	put_name(f, first->cell_text);
	fputc(' ', f);
	put_name(f, first->driver);
	fputc('\n', f);
}

/* The number of entries and of cells. */
static size_t results_of(const struct result *r)
{
	size_t n = r->n_items, at;

	for (at = 0; at < r->n_figures; at = figures_end(r, at))
		n++;
	return n;
}

int ktap_write(const struct result *r, const char *dir, struct error *err)
{
	size_t i, end, n = 0;
	struct outfile out;
	json_t *problem;

	if (out_open(&out, dir, "result.ktap", err))
		return -1;
	fprintf(out.f, "KTAP version 1\n1..%zu\n", results_of(r));
	for (i = 0; i < r->n_items; i++)
		put_entry(out.f, &r->items[i], ++n);
	for (i = 0; i < r->n_figures; i = end) {
		end = figures_end(r, i);
		put_figures(out.f, r, i, end, ++n);
	}
	json_array_foreach(r->problems, i, problem) {
		char *text = text_problem(problem);

		fprintf(out.f, "# problem: %s\n", text);
		free(text);
	}
	fprintf(out.f, "# status %d\n", r->status);
	return out_commit(&out, err);
}
