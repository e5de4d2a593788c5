// SPDX-License-Identifier: GPL-2.0
/* junit.xml: a testsuite for each scenario, a testcase for each entry. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xml.h"
#include "view/view.h"

/* The element for a verdict; NULL for a pass. */
static const char *element(enum verdict v)
{
	switch (v) {
	case PASS:
		return NULL;
	case FAIL:
	case XPASS:
		return "failure";
	case SKIP:
	case XFAIL:
		return "skipped";
	default:
		return "error";
	}
}

static void put_evidence(FILE *f, const struct item *it)
{
	const char *name;
	json_t *one, *meter, *warning;
	size_t i;

	if (!json_object_size(it->evidence) && !json_array_size(it->meters) &&
	    !json_array_size(it->warnings))
		return;
	fputs("   <system-out>", f);
	json_object_foreach(it->evidence, name, one) {
		char *number = json_dumps(json_object_get(one, "value"),
					  JSON_ENCODE_ANY);

		xml_put(f, name);
		fprintf(f, ": %s ", number);
		xml_put(f, json_string_value(json_object_get(one, "unit")));
		fputc('\n', f);
		free(number);
	}
	json_array_foreach(it->meters, i, meter) {
		fputs("meter moved: ", f);
		xml_put(f, json_string_value(meter));
		fputc('\n', f);
	}
	json_array_foreach(it->warnings, i, warning) {
		fputs("kernel warning: ", f);
		xml_put(f, json_string_value(warning));
		fputc('\n', f);
	}
	fputs("</system-out>\n", f);
}

static void begin_case(FILE *f, const char *suite, const char *name, double ms)
{
	fputs("  <testcase", f);
	xml_attribute(f, "classname", suite);
	xml_attribute(f, "name", name);
	fprintf(f, " time=\"%.3f\">\n", ms / 1000);
}

static void put_case(FILE *f, const struct item *it)
{
	const char *kind = element(it->verdict);
	char *name =
		xasprintf("%s%s%s%s", it->cell_text, *it->cell_text ? " " : "",
			  it->label, it->control ? " (control)" : "");

	begin_case(f, it->name, name, it->duration_ms);
	if (kind) {
		char *message = text_reason(it->reason, it->detail);

		fprintf(f, "   <%s", kind);
		/* The format's "skipped" has a message, but no type. */
		if (strcmp(kind, "skipped"))
			xml_attribute(f, "type", verdict_names[it->verdict]);
		xml_attribute(f, "message", message);
		fputs("/>\n", f);
		free(message);
	}
	put_evidence(f, it);
	fputs("  </testcase>\n", f);
	free(name);
}

/* A cell of a matrix that gave its figures, [at, end). */
static void put_figures(FILE *f, const struct result *r, size_t at, size_t end)
{
	const struct figure *first = &r->figures[at];
	char *name = xasprintf("%s%s%s", first->cell_text,
			       *first->cell_text ? " " : "", first->driver);

	begin_case(f, first->matrix, name, first->duration_ms);
	fputs("   <system-out>", f);
	for (; at < end; at++) {
		xml_put(f, r->figures[at].metric);
		fprintf(f, ": %.10g ", r->figures[at].value);
		xml_put(f, r->figures[at].unit);
		fputc('\n', f);
	}
	fputs("</system-out>\n  </testcase>\n", f);
	free(name);
}

struct tally {
	size_t tests, failures, errors, skipped;
	double ms;
};

static void put_tally(FILE *f, const struct tally *t)
{
	fprintf(f,
		" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\""
		" skipped=\"%zu\" time=\"%.3f\">\n",
		t->tests, t->failures, t->errors, t->skipped, t->ms / 1000);
}

/* Counts the entries and cells of this name; NULL: all. */
static struct tally tally_of(const struct result *r, const char *name)
{
	struct tally t = { 0 };
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		const struct item *it = &r->items[i];
		const char *kind = element(it->verdict);

		if (name && strcmp(it->name, name))
			continue;
		t.tests++;
		t.failures += kind && !strcmp(kind, "failure");
		t.errors += kind && !strcmp(kind, "error");
		t.skipped += kind && !strcmp(kind, "skipped");
		t.ms += it->duration_ms;
	}
	for (i = 0; i < r->n_figures; i = figures_end(r, i)) {
		if (name && strcmp(r->figures[i].matrix, name))
			continue;
		t.tests++;
		t.ms += r->figures[i].duration_ms;
	}
	return t;
}

static void put_suite(FILE *f, const struct result *r, const char *name)
{
	struct tally tally = tally_of(r, name);
	size_t i, end;

	fputs(" <testsuite", f);
	xml_attribute(f, "name", name);
	put_tally(f, &tally);
	for (i = 0; i < r->n_items; i++) {
		if (!strcmp(r->items[i].name, name))
			put_case(f, &r->items[i]);
	}
	for (i = 0; i < r->n_figures; i = end) {
		end = figures_end(r, i);
		if (!strcmp(r->figures[i].matrix, name))
			put_figures(f, r, i, end);
	}
	fputs(" </testsuite>\n", f);
}

/* True if one of the first items or figures has this name. */
static bool is_known(const struct result *r, size_t items, size_t figures,
		     const char *name)
{
	size_t i;

	for (i = 0; i < items; i++) {
		if (!strcmp(r->items[i].name, name))
			return true;
	}
	for (i = 0; i < figures; i++) {
		if (!strcmp(r->figures[i].matrix, name))
			return true;
	}
	return false;
}

static void put_suites(FILE *f, const struct result *r)
{
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		if (!is_known(r, i, 0, r->items[i].name))
			put_suite(f, r, r->items[i].name);
	}
	for (i = 0; i < r->n_figures; i++) {
		if (!is_known(r, r->n_items, i, r->figures[i].matrix))
			put_suite(f, r, r->figures[i].matrix);
	}
}

/* Problems of the run get a testsuite: JUnit readers look at nothing else. */
static void put_problems(FILE *f, const json_t *problems)
{
	struct tally tally = { 0 };
	json_t *problem;
	size_t i;

	tally.tests = json_array_size(problems);
	tally.errors = tally.tests;
	if (!tally.tests)
		return;
	fputs(" <testsuite name=\"the run\"", f);
	put_tally(f, &tally);
	json_array_foreach(problems, i, problem) {
		const char *reason =
			json_string_value(json_object_get(problem, "reason"));
		const char *detail =
			json_string_value(json_object_get(problem, "detail"));

		fputs("  <testcase classname=\"the run\"", f);
		xml_attribute(f, "name", reason);
		fputs(" time=\"0.000\">\n   <error type=\"error\"", f);
		xml_attribute(f, "message", detail);
		fputs("/>\n  </testcase>\n", f);
	}
	fputs(" </testsuite>\n", f);
}

int junit_write(const struct result *r, const char *dir, struct error *err)
{
	struct tally tally = tally_of(r, NULL);
	size_t problems = json_array_size(r->problems);
	struct outfile out;

	if (out_open(&out, dir, "junit.xml", err))
		return -1;
	tally.tests += problems;
	tally.errors += problems;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites"
	      " name=\"chargeback\"",
	      out.f);
	put_tally(out.f, &tally);
	put_suites(out.f, r);
	put_problems(out.f, r->problems);
	fputs("</testsuites>\n", out.f);
	return out_commit(&out, err);
}
