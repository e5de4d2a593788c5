// SPDX-License-Identifier: GPL-2.0
/*
 * Writes a comparison as JUnit: a testsuite per head, a failure for each change
 * for the worse, and skipped for costs that were not judged.
 */
#include <stdlib.h>

#include "base/text.h"
#include "base/xml.h"
#include "compare/diff.h"

struct junit {
	FILE *f;
	json_t *taken; /* see xml_testcase_names() */
	const char *head; /* one of several, or NULL */
};

/* skip is why it was not judged, or NULL. */
static void put_case(struct junit *j, const char *class, const char *name,
		     enum change change, const char *message, const char *skip)
{
	char *classname = xasprintf("%s%s%s", j->head ? j->head : "",
				    j->head ? ": " : "", class);
	FILE *f = j->f;

	fputs("  <testcase", f);
	xml_testcase_names(f, j->taken, classname, name);
	free(classname);
	fputs(" time=\"0.000\"", f);
	if (change == SAME && !skip) {
		fputs("/>\n", f);
		return;
	}
	fputs(">\n", f);
	if (skip) {
		fputs("   <skipped", f);
		xml_attribute(f, "message", skip);
		fputs("/>\n", f);
	} else if (change == WORSE) {
		fputs("   <failure type=\"worse\"", f);
		xml_attribute(f, "message", message);
		fputs("/>\n", f);
	} else {
		fprintf(f, "   <system-out>%s: ", change_names[change]);
		xml_put(f, message);
		fputs("</system-out>\n", f);
	}
	fputs("  </testcase>\n", f);
}

static void put_delta(struct junit *j, const struct delta *v)
{
	char *name = delta_name(v), *why = delta_why(v);
	char *message =
		xasprintf("%s -> %s%s%s", delta_verdict(v->base),
			  delta_verdict(v->head), *why ? ": " : "", why);

	put_case(j, delta_item(v)->name, name, v->change, message,
		 v->change == SAME && (!v->base || !v->head) ?
			 "the other has no verdicts" :
			 NULL);
	free(name);
	free(why);
	free(message);
}

static const char *why_skipped(const struct cost_delta *c)
{
	if (c->change == SAME && (!c->base || !c->head))
		return "the other has no costs";
	return c->change == SAME ? c->why_not : NULL;
}

/* Writes the costs that were not judged. */
static size_t count_skipped(const struct diff *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->n; i++)
		n += d->v[i].change == SAME && (!d->v[i].base || !d->v[i].head);
	for (i = 0; i < d->n_costs; i++)
		n += why_skipped(&d->costs[i]) != NULL;
	return n;
}

static void put_suite(struct junit *j, const struct diff *d)
{
	FILE *f = j->f;
	size_t i;

	fputs(" <testsuite", f);
	xml_attribute(f, "name", d->head->label);
	fprintf(f,
		" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\""
		" time=\"0.000\">\n",
		d->n + d->n_costs + d->n_problems, d->counts[WORSE],
		count_skipped(d));
	for (i = 0; i < d->n_problems; i++) {
		const struct problem_delta *p = &d->problems[i];
		char *text = text_reason(p->reason, p->detail);

		put_case(j, "the run", p->reason, p->change, text, NULL);
		free(text);
	}
	for (i = 0; i < d->n; i++)
		put_delta(j, &d->v[i]);
	for (i = 0; i < d->n_costs; i++) {
		const struct cost_delta *c = &d->costs[i];
		char *name = cost_name(c), *text = cost_text(c);

		put_case(j, (c->head ? c->head : c->base)->matrix, name,
			 c->change, text, why_skipped(c));
		free(name);
		free(text);
	}
	fputs(" </testsuite>\n", f);
}

int diff_junit(const struct diff *d, size_t n, const char *path,
	       struct error *err)
{
	size_t i, tests = 0, failures = 0, skipped = 0;
	struct junit j = { NULL };
	struct outfile out;

	if (out_open_file(&out, path, err))
		return -1;
	for (i = 0; i < n; i++) {
		tests += d[i].n + d[i].n_costs + d[i].n_problems;
		failures += d[i].counts[WORSE];
		skipped += count_skipped(&d[i]);
	}
	fprintf(out.f,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites"
		" name=\"chargeback compare\" tests=\"%zu\" failures=\"%zu\""
		" errors=\"0\" skipped=\"%zu\" time=\"0.000\">\n",
		tests, failures, skipped);
	j.f = out.f;
	j.taken = json_object();
	for (i = 0; i < n; i++) {
		/* The same entries are in each head. */
		j.head = n > 1 ? d[i].head->label : NULL;
		put_suite(&j, &d[i]);
	}
	json_decref(j.taken);
	fputs("</testsuites>\n", out.f);
	return out_commit(&out, err);
}
