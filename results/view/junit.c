// SPDX-License-Identifier: GPL-2.0
/*
 * junit.xml: a testsuite for each scenario, a testcase for each entry. GitLab
 * shows the classname as the suite, Jenkins the name of the testsuite, so both
 * are the scenario.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xml.h"
#include "view/view.h"

#define EXCERPT_MAX 16384 /* bytes of the console, of one testcase */
#define EXCERPTS_MAX (2u << 20) /* and of all together */

struct junit {
	FILE *f;
	const struct report *report;
	json_t *taken; /* see xml_testcase_names() */
	size_t excerpts; /* bytes of the console so far */
};

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

static void put_lines(FILE *f, const char *what, const json_t *lines)
{
	json_t *one;
	size_t i;

	json_array_foreach(lines, i, one) {
		fprintf(f, "%s: ", what);
		xml_put(f, json_string_value(one));
		fputc('\n', f);
	}
}

/* The console of an entry that needs attention. */
static void put_console(struct junit *j, const struct item *it)
{
	const struct console *c;
	size_t from, to;
	char *text;
	bool end;

	if (verdict_expected(it->verdict) || j->excerpts > EXCERPTS_MAX)
		return;
	c = report_excerpt(j->report, it, &from, &to, &end);
	if (!c)
		return;
	text = text_excerpt(c->text + c->start[from],
			    c->start[to] - c->start[from], EXCERPT_MAX);
	j->excerpts += strlen(text);
	fputs("\n--- console ---\n", j->f);
	xml_put(j->f, text);
	free(text);
}

static void put_output(struct junit *j, const struct item *it)
{
	const char *name;
	json_t *one;

	fputs("   <system-out>claim: ", j->f);
	xml_put(j->f, it->claim);
	fputc('\n', j->f);
	json_object_foreach(it->evidence, name, one) {
		char *number = json_dumps(json_object_get(one, "value"),
					  JSON_ENCODE_ANY);

		xml_put(j->f, name);
		fprintf(j->f, ": %s ", number);
		xml_put(j->f, json_string_value(json_object_get(one, "unit")));
		fputc('\n', j->f);
		free(number);
	}
	put_lines(j->f, "meter moved", it->meters);
	put_lines(j->f, "kernel warning", it->warnings);
	put_console(j, it);
	fputs("</system-out>\n", j->f);
}

static void begin_case(struct junit *j, const char *suite, const char *name,
		       double ms)
{
	fputs("  <testcase", j->f);
	xml_testcase_names(j->f, j->taken, suite, name);
	fprintf(j->f, " time=\"%.3f\">\n", ms / 1000);
}

/*
 * The message is in the element's text, too, as some readers show only one of
 * them. The format's "skipped" has a message alone.
 */
static void put_outcome(FILE *f, const struct item *it, const char *kind)
{
	char *message = text_reason(it->reason, it->detail);
	bool skipped = !strcmp(kind, "skipped");

	fprintf(f, "   <%s", kind);
	if (!skipped)
		xml_attribute(f, "type", verdict_names[it->verdict]);
	xml_attribute(f, "message", message);
	if (skipped) {
		fputs("/>\n", f);
	} else {
		fprintf(f, ">%s: ", verdict_names[it->verdict]);
		xml_put(f, message);
		fprintf(f, "</%s>\n", kind);
	}
	free(message);
}

static void put_case(struct junit *j, const struct item *it)
{
	const char *kind = element(it->verdict);
	char *name =
		xasprintf("%s%s%s%s", it->cell_text, *it->cell_text ? " " : "",
			  it->label, it->control ? " (control)" : "");

	begin_case(j, it->name, name, it->duration_ms);
	if (kind)
		put_outcome(j->f, it, kind);
	put_output(j, it);
	fputs("  </testcase>\n", j->f);
	free(name);
}

/* A cell of a matrix that gave its figures, [at, end). */
static void put_figures(struct junit *j, size_t at, size_t end)
{
	const struct figure *v = j->report->result.figures, *first = &v[at];
	char *name = xasprintf("%s%s%s", first->cell_text,
			       *first->cell_text ? " " : "", first->driver);

	begin_case(j, first->matrix, name, first->duration_ms);
	fputs("   <system-out>", j->f);
	for (; at < end; at++) {
		xml_put(j->f, v[at].metric);
		fprintf(j->f, ": %.10g ", v[at].value);
		xml_put(j->f, v[at].unit);
		fputc('\n', j->f);
	}
	fputs("</system-out>\n  </testcase>\n", j->f);
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

/* Properties: the kernel under test, and the machine. */
static void put_properties(FILE *f, const struct result *r)
{
	static const char *const keys[] = {
		"kernel", "source", "config_sha256", "image_sha256", "commit",
		"words",  "accel",  "qemu",	     "smp",	     "mem"
	};
	size_t i;

	fputs("  <properties>\n", f);
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		char *value = result_meta(r, keys[i]);

		if (*value) {
			fputs("   <property", f);
			xml_attribute(f, "name", keys[i]);
			xml_attribute(f, "value", value);
			fputs("/>\n", f);
		}
		free(value);
	}
	fputs("  </properties>\n", f);
}

static void begin_suite(struct junit *j, const char *name,
			const struct tally *tally)
{
	char *started = result_meta(&j->report->result, "started");
	char *zone = strchr(started, 'Z');

	/* The format has no zone. */
	if (zone)
		*zone = '\0';
	fputs(" <testsuite", j->f);
	xml_attribute(j->f, "name", name);
	if (*started)
		xml_attribute(j->f, "timestamp", started);
	put_tally(j->f, tally);
	put_properties(j->f, &j->report->result);
	free(started);
}

static void put_suite(struct junit *j, const char *name)
{
	const struct result *r = &j->report->result;
	struct tally tally = tally_of(r, name);
	size_t i, end;

	begin_suite(j, name, &tally);
	for (i = 0; i < r->n_items; i++) {
		if (!strcmp(r->items[i].name, name))
			put_case(j, &r->items[i]);
	}
	for (i = 0; i < r->n_figures; i = end) {
		end = figures_end(r, i);
		if (!strcmp(r->figures[i].matrix, name))
			put_figures(j, i, end);
	}
	fputs(" </testsuite>\n", j->f);
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

static void put_suites(struct junit *j)
{
	const struct result *r = &j->report->result;
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		if (!is_known(r, i, 0, r->items[i].name))
			put_suite(j, r->items[i].name);
	}
	for (i = 0; i < r->n_figures; i++) {
		if (!is_known(r, r->n_items, i, r->figures[i].matrix))
			put_suite(j, r->figures[i].matrix);
	}
}

/* Problems of the run get a testsuite: JUnit readers look at nothing else. */
static void put_problems(struct junit *j, const json_t *problems)
{
	struct tally tally = { 0 };
	json_t *problem;
	size_t i;

	tally.tests = json_array_size(problems);
	tally.errors = tally.tests;
	if (!tally.tests)
		return;
	begin_suite(j, "the run", &tally);
	json_array_foreach(problems, i, problem) {
		const char *reason =
			json_string_value(json_object_get(problem, "reason"));
		const char *detail =
			json_string_value(json_object_get(problem, "detail"));

		begin_case(j, "the run", reason, 0);
		fputs("   <error type=\"error\"", j->f);
		xml_attribute(j->f, "message", detail);
		fputc('>', j->f);
		xml_put(j->f, detail);
		fputs("</error>\n  </testcase>\n", j->f);
	}
	fputs(" </testsuite>\n", j->f);
}

int junit_write(const struct report *report, const char *dir, struct error *err)
{
	const struct result *r = &report->result;
	struct tally tally = tally_of(r, NULL);
	size_t problems = json_array_size(r->problems);
	struct junit j = { .report = report };
	struct outfile out;

	if (out_open(&out, dir, "junit.xml", err))
		return -1;
	j.f = out.f;
	j.taken = json_object();
	tally.tests += problems;
	tally.errors += problems;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites"
	      " name=\"chargeback\"",
	      out.f);
	put_tally(out.f, &tally);
	put_suites(&j);
	put_problems(&j, r->problems);
	fputs("</testsuites>\n", out.f);
	json_decref(j.taken);
	return out_commit(&out, err);
}
