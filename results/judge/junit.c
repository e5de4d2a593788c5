// SPDX-License-Identifier: GPL-2.0
/* junit.xml: a testsuite for each scenario, a testcase for each entry. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xml.h"
#include "judge/judge.h"

/* The element that says how it went; NULL for a pass. */
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

static void put_evidence(FILE *f, const struct entry *e)
{
	const char *name;
	json_t *one, *meter;
	size_t i;

	if (!json_object_size(e->evidence) && !json_array_size(e->meters))
		return;
	fputs("   <system-out>", f);
	json_object_foreach(e->evidence, name, one) {
		char *number = json_dumps(json_object_get(one, "value"),
					  JSON_ENCODE_ANY);

		xml_put(f, name);
		fprintf(f, ": %s ", number);
		xml_put(f, json_string_value(json_object_get(one, "unit")));
		fputc('\n', f);
		free(number);
	}
	json_array_foreach(e->meters, i, meter) {
		fputs("meter moved: ", f);
		xml_put(f, json_string_value(meter));
		fputc('\n', f);
	}
	fputs("</system-out>\n", f);
}

static void put_case(FILE *f, const struct entry *e)
{
	const char *kind = element(e->verdict);
	char *name =
		xasprintf("%s%s%s%s", e->cell_text, *e->cell_text ? " " : "",
			  e->label, e->control ? " (control)" : "");

	fputs("  <testcase", f);
	xml_attribute(f, "classname", e->name);
	xml_attribute(f, "name", name);
	fprintf(f, " time=\"%lld.%03lld\">\n", (long long)e->duration_ms / 1000,
		(long long)e->duration_ms % 1000);
	if (kind) {
		char *message = text_reason(e->reason, e->detail);

		fprintf(f, "   <%s", kind);
		/* The format's "skipped" has a message, but no type. */
		if (strcmp(kind, "skipped"))
			xml_attribute(f, "type", verdict_names[e->verdict]);
		xml_attribute(f, "message", message);
		fputs("/>\n", f);
		free(message);
	}
	put_evidence(f, e);
	fputs("  </testcase>\n", f);
	free(name);
}

struct tally {
	size_t tests, failures, errors, skipped;
	json_int_t ms;
};

static void count(struct tally *t, const struct entry *e)
{
	const char *kind = element(e->verdict);

	t->tests++;
	t->failures += kind && !strcmp(kind, "failure");
	t->errors += kind && !strcmp(kind, "error");
	t->skipped += kind && !strcmp(kind, "skipped");
	t->ms += e->duration_ms;
}

static void put_tally(FILE *f, const struct tally *t)
{
	fprintf(f,
		" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\""
		" skipped=\"%zu\" time=\"%lld.%03lld\">\n",
		t->tests, t->failures, t->errors, t->skipped,
		(long long)t->ms / 1000, (long long)t->ms % 1000);
}

static void put_suite(FILE *f, const struct plan *plan, const char *name)
{
	struct tally tally = { 0 };
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (!strcmp(plan->v[i].name, name))
			count(&tally, &plan->v[i]);
	}
	fputs(" <testsuite", f);
	xml_attribute(f, "name", name);
	put_tally(f, &tally);
	for (i = 0; i < plan->n; i++) {
		if (!strcmp(plan->v[i].name, name))
			put_case(f, &plan->v[i]);
	}
	fputs(" </testsuite>\n", f);
}

static bool is_first_of_name(const struct plan *plan, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++) {
		if (!strcmp(plan->v[i].name, plan->v[at].name))
			return false;
	}
	return true;
}

/* What is held against the run as a whole would else be seen by no reader. */
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

int junit_write(const struct run *run, const char *dir, struct error *err)
{
	const struct plan *plan = &run->plan;
	struct tally tally = { 0 };
	struct outfile out;
	size_t i, problems = json_array_size(run->problems);

	if (out_open(&out, dir, "junit.xml", err))
		return -1;
	for (i = 0; i < plan->n; i++)
		count(&tally, &plan->v[i]);
	tally.tests += problems;
	tally.errors += problems;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites"
	      " name=\"chargeback\"",
	      out.f);
	put_tally(out.f, &tally);
	for (i = 0; i < plan->n; i++) {
		if (is_first_of_name(plan, i))
			put_suite(out.f, plan, plan->v[i].name);
	}
	put_problems(out.f, run->problems);
	fputs("</testsuites>\n", out.f);
	return out_commit(&out, err);
}
