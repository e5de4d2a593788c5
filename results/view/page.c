// SPDX-License-Identifier: GPL-2.0
/*
 * The report as a page: who paid, unexpected verdicts and why, all verdicts
 * with their evidence, durations, and provenance. It needs no script, no
 * network and no colour.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "view/html.h"
#include "view/report.h"

#define SLOWEST 10

/* A sign per verdict, readable without colour. */
static const char *const signs[VERDICTS] = {
	[INCOMPLETE] = "&#9711;", [PASS] = "&#10003;",	[FAIL] = "&#10007;",
	[SKIP] = "&#8211;",	  [XFAIL] = "&#10007;", [XPASS] = "!",
	[SPLAT] = "&#10007;",	  [PANIC] = "&#10007;", [HANG] = "&#10007;",
	[TIMEOUT] = "&#9711;",	  [ERROR] = "!",
};

/* The classes of the style sheet. */
static const char *kind(enum verdict v)
{
	switch (v) {
	case PASS:
		return "good";
	case SKIP:
	case XFAIL:
		return "known";
	default:
		return "bad";
	}
}

static void put_badge(FILE *f, enum verdict v)
{
	fprintf(f, "<span class=\"v %s\">%s %s</span>", kind(v), signs[v],
		verdict_names[v]);
}

const char *item_role(const struct item *it)
{
	if (!it->control)
		return "subject";
	return strcmp(it->expect, "true") ? "control: must fail" :
					    "control: must hold";
}

static void put_meta(FILE *f, const struct report *r, const char *key)
{
	char *value = result_meta(&r->result, key);

	html_text(f, value);
	free(value);
}

/* Writes a text with a capital first letter. */
static void put_sentence(FILE *f, const char *text)
{
	fputc(toupper((unsigned char)*text), f);
	html_text(f, text + 1);
}

static void put_evidence(FILE *f, const struct item *it)
{
	json_t *one, *meter, *warning;
	const char *name;
	size_t i;

	if (json_object_size(it->evidence))
		fputs("<table class=\"ev\"><tbody>\n", f);
	json_object_foreach(it->evidence, name, one) {
		const char *unit =
			json_string_value(json_object_get(one, "unit"));
		char *number =
			text_quantity(json_object_get(one, "value"), unit);

		fputs("<tr><th scope=\"row\">", f);
		html_text(f, name);
		fputs("</th><td>", f);
		html_text(f, number);
		fputs("</td></tr>\n", f);
		free(number);
	}
	if (json_object_size(it->evidence))
		fputs("</tbody></table>\n", f);
	json_array_foreach(it->meters, i, meter) {
		fputs("<p class=\"meter\">meter moved: ", f);
		html_text(f, json_string_value(meter));
		fputs("</p>\n", f);
	}
	json_array_foreach(it->warnings, i, warning) {
		fputs("<p>kernel warning: ", f);
		html_text(f, json_string_value(warning));
		fputs("</p>\n", f);
	}
}

static void put_reason(FILE *f, const struct item *it)
{
	if (*it->reason) {
		fputs("<p class=\"why\">", f);
		html_text(f, it->reason);
		fputs("</p>\n", f);
	}
	if (*it->detail) {
		fputs("<p>", f);
		html_text(f, it->detail);
		fputs("</p>\n", f);
	}
}

static void put_name(FILE *f, const struct item *it)
{
	html_text(f, it->name);
	fputs(*it->cell_text ? " <span class=\"cell\">" : "", f);
	html_list(f, it->cell_text);
	fputs(*it->cell_text ? "</span> " : " ", f);
	html_text(f, it->label);
	if (it->control)
		fprintf(f, " <span class=\"role\">%s</span>", item_role(it));
}

static void put_counts(FILE *f, const struct report *r)
{
	const struct result *result = &r->result;
	size_t n[VERDICTS] = { 0 }, i;

	for (i = 0; i < result->n_items; i++)
		n[result->items[i].verdict]++;
	fputs("<p class=\"counts\">", f);
	for (i = 0; i < VERDICTS; i++) {
		enum verdict v = verdict_order[i];

		if (n[v])
			fprintf(f, "<span class=\"v %s\">%s %zu %s</span> ",
				kind(v), signs[v], n[v], verdict_names[v]);
	}
	if (result->n_items)
		fprintf(f,
			"<span class=\"of\">of %zu planned; %zu of %zu controls "
			"came out as they must</span>",
			result->n_items, result->controls_expected,
			result->controls);
	if (result->n_figures)
		fprintf(f, "<span class=\"of\">%zu costs measured</span>",
			result->n_figures);
	fputs("</p>\n", f);
}

static void put_headline(FILE *f, const struct result *r)
{
	static const char *const classes[] = {
		[ESCAPE_NOT_TESTED] = "known",
		[ESCAPE_NO] = "good",
		[ESCAPE_YES] = "bad",
	};
	enum escape escape = result_escape(r, FROM_MEMORY_AND_IO);
	char *text;

	if (!result_has_headline(r))
		return;
	if (result_escape(r, FROM_MEMORY_ALONE) == ESCAPE_YES)
		escape = ESCAPE_YES;
	text = result_headline(r);
	fprintf(f, "<p class=\"headline %s\">", classes[escape]);
	put_sentence(f, text);
	fputs("</p>\n", f);
	free(text);
}

static void put_head(FILE *f, const struct report *r)
{
	int status = r->result.status;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\""
	      "default-src 'none'; style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, "
	      "initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
	      f);
	put_sentence(f, status_text(status));
	fputs(": ", f);
	put_meta(f, r, "kernel");
	fprintf(f, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n",
		page_css);
	fputs("<header><h1>chargeback <span>on Linux ", f);
	put_meta(f, r, "kernel");
	fprintf(f, "</span></h1>\n<p class=\"status %s\"><strong>",
		status ? "bad" : "good");
	put_sentence(f, status_text(status));
	fprintf(f, "</strong> <span>exit status %d</span></p>\n", status);
	put_headline(f, &r->result);
	put_counts(f, r);
	fputs("<p class=\"made\">", f);
	put_meta(f, r, "accel");
	fputs(", ", f);
	put_meta(f, r, "smp");
	fputs(" CPUs, ", f);
	put_meta(f, r, "mem");
	fputs("; commit ", f);
	put_meta(f, r, "commit");
	fputs("; ", f);
	put_meta(f, r, "words");
	fputs("</p>\n</header>\n", f);
}

/* For such an entry, the end of the console is of interest. */
static bool ended_machine(const struct item *it)
{
	return it->verdict == PANIC || it->verdict == HANG ||
	       (it->verdict == TIMEOUT && !strcmp(it->reason, "deadline"));
}

/* Names the boot if there are several. */
static void put_boot(FILE *f, const struct report *r, size_t boot)
{
	if (r->n_consoles > 1)
		fprintf(f, " of boot %zu", boot);
}

/* Quotes the console lines of an entry; the end of a boot only once. */
static void put_excerpt(FILE *f, const struct report *r, const struct item *it,
			bool *end_shown)
{
	const struct console *c;
	size_t from, to;
	bool end;

	if (!it->boot || it->boot > r->n_consoles)
		return;
	c = &r->consoles[it->boot - 1];
	end = ended_machine(it) || c->result[it->at] == SIZE_MAX;
	if (!console_span(c, end ? SIZE_MAX : it->at, &from, &to) ||
	    (end && end_shown[it->boot - 1]))
		return;
	end_shown[it->boot - 1] |= end;
	fputs("<details open><summary>console", f);
	put_boot(f, r, it->boot);
	fprintf(f, ", lines %zu to %zu</summary>\n", from + 1, to);
	console_html(c, from, to, f);
	fputs("</details>\n", f);
}

static void put_article(FILE *f, const struct report *r, const struct item *it,
			bool *end_shown)
{
	fputs("<article>\n<h3>", f);
	put_badge(f, it->verdict);
	fprintf(f, " <a href=\"#e%zu\">", it->at);
	put_name(f, it);
	fputs("</a></h3>\n", f);
	put_reason(f, it);
	if (*it->claim) {
		fputs("<p class=\"claim\">The claim: ", f);
		html_text(f, it->claim);
		fputs(".</p>\n", f);
	}
	if (json_object_size(it->evidence) || json_array_size(it->meters)) {
		fputs("<details open><summary>evidence</summary>\n", f);
		put_evidence(f, it);
		fputs("</details>\n", f);
	}
	put_excerpt(f, r, it, end_shown);
	fputs("</article>\n", f);
}

static void put_problems(FILE *f, const struct report *r)
{
	json_t *one;
	size_t i;

	json_array_foreach(r->result.problems, i, one) {
		fputs("<article><h3><span class=\"v bad\">the run</span> ", f);
		html_text(f, json_string_value(json_object_get(one, "reason")));
		fputs("</h3>\n<p class=\"why\">", f);
		html_text(f, json_string_value(json_object_get(one, "detail")));
		fputs("</p></article>\n", f);
	}
}

/* The entry at which the run broke off, or NULL. */
static const struct item *first_unfinished(const struct report *r)
{
	size_t i;

	for (i = 0; i < r->result.n_items; i++) {
		const struct item *it = &r->result.items[i];

		if (it->verdict == INCOMPLETE &&
		    strncmp(it->reason, "control-", 8))
			return it;
	}
	return NULL;
}

/* Lists all entries with this verdict, except but, one line each. */
static void put_lines(FILE *f, const struct report *r, enum verdict verdict,
		      const char *title, const struct item *but)
{
	size_t i, n = 0;

	for (i = 0; i < r->result.n_items; i++)
		n += r->result.items[i].verdict == verdict &&
		     &r->result.items[i] != but;
	if (!n)
		return;
	fprintf(f, "<details class=\"lines\"><summary>%zu %s</summary>\n<ul>\n",
		n, title);
	for (i = 0; i < r->result.n_items; i++) {
		const struct item *it = &r->result.items[i];
		char *why;

		if (it->verdict != verdict || it == but)
			continue;
		why = text_reason(it->reason, it->detail);
		fprintf(f, "<li><a href=\"#e%zu\">", it->at);
		put_name(f, it);
		fprintf(f, "</a>%s ", *why ? ":" : "");
		html_text(f, why);
		fputs("</li>\n", f);
		free(why);
	}
	fputs("</ul></details>\n", f);
}

/* Lines of the kernel's log that change no verdict. */
static void put_warnings(FILE *f, const struct result *r)
{
	size_t i, j, n = 0;
	json_t *text;

	for (i = 0; i < r->n_items; i++)
		n += json_array_size(r->items[i].warnings);
	if (!n)
		return;
	fprintf(f,
		"<details class=\"lines\"><summary>kernel warnings that no "
		"verdict counts: %zu</summary>\n<ul>\n",
		n);
	for (i = 0; i < r->n_items; i++) {
		json_array_foreach(r->items[i].warnings, j, text) {
			fprintf(f, "<li><a href=\"#e%zu\">", r->items[i].at);
			put_name(f, &r->items[i]);
			fputs("</a>: ", f);
			html_text(f, json_string_value(text));
			fputs("</li>\n", f);
		}
	}
	fputs("</ul></details>\n", f);
}

/* Breakdowns come first, their consequences last. */
static void put_unexpected(FILE *f, const struct report *r)
{
	static const enum verdict order[] = {
		SPLAT, PANIC, HANG, FAIL, XPASS, ERROR, TIMEOUT, INCOMPLETE
	};
	const struct item *unfinished = first_unfinished(r);
	bool *end_shown = xrealloc(NULL, r->n_consoles + 1);
	size_t i, j, articles = 0;

	memset(end_shown, 0, r->n_consoles + 1);
	fputs("<section id=\"unexpected\"><h2>Not as expected</h2>\n", f);
	put_problems(f, r);
	for (i = 0; i < sizeof(order) / sizeof(*order); i++) {
		for (j = 0; j < r->result.n_items; j++) {
			const struct item *it = &r->result.items[j];

			if (it->verdict != order[i] ||
			    (it->verdict == INCOMPLETE && it != unfinished))
				continue;
			put_article(f, r, it, end_shown);
			articles++;
		}
	}
	free(end_shown);
	put_lines(f, r, INCOMPLETE, "more incomplete", unfinished);
	if (!articles && !json_array_size(r->result.problems))
		fputs("<p>Nothing.</p>\n", f);
	put_lines(f, r, XFAIL, "expected to fail: known holes", NULL);
	put_lines(f, r, SKIP, "skipped", NULL);
	put_warnings(f, &r->result);
	fputs("</section>\n", f);
}

/* True if at is the first item of its column in its scenario. */
static bool begins_column(const struct result *r, size_t at)
{
	const struct item *it = &r->items[at];
	size_t i;

	for (i = 0; i < at; i++) {
		const struct item *other = &r->items[i];

		if (!strcmp(other->name, it->name) &&
		    other->control == it->control &&
		    !strcmp(other->label, it->label) &&
		    !strcmp(other->expect, it->expect))
			return false;
	}
	return true;
}

static bool begins_row(const struct result *r, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++) {
		if (!strcmp(r->items[i].name, r->items[at].name) &&
		    !strcmp(r->items[i].cell_text, r->items[at].cell_text))
			return false;
	}
	return true;
}

static bool begins_name(const struct result *r, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++) {
		if (!strcmp(r->items[i].name, r->items[at].name))
			return false;
	}
	return true;
}

/* Finds the columns of a scenario, subjects first. Returns their number. */
static size_t find_columns(const struct result *r, const char *name,
			   const struct item **columns)
{
	size_t i, n = 0;
	int control;

	for (control = 0; control <= 1; control++) {
		for (i = 0; i < r->n_items; i++) {
			const struct item *it = &r->items[i];

			if (!strcmp(it->name, name) &&
			    it->control == (bool)control && begins_column(r, i))
				columns[n++] = it;
		}
	}
	return n;
}

static const struct item *find_item(const struct result *r,
				    const struct item *row,
				    const struct item *column)
{
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		const struct item *it = &r->items[i];

		if (!strcmp(it->name, row->name) &&
		    !strcmp(it->cell_text, row->cell_text) &&
		    it->control == column->control &&
		    !strcmp(it->label, column->label) &&
		    !strcmp(it->expect, column->expect))
			return it;
	}
	return NULL;
}

static void put_cell(FILE *f, const struct item *it, const struct item *column)
{
	fprintf(f, "<td class=\"%s\"><span class=\"who\" aria-hidden=\"true\">",
		column->control ? "control" : "subject");
	html_text(f, column->label);
	if (column->control)
		fprintf(f, " <small>%s</small>", item_role(column));
	fputs("</span>", f);
	if (!it) {
		fputs("<span class=\"none\">not planned</span></td>\n", f);
		return;
	}
	fprintf(f, "<details id=\"e%zu\"><summary>", it->at);
	put_badge(f, it->verdict);
	fprintf(f, " <span class=\"t\">%.2f s</span></summary>\n",
		it->duration_ms / 1000);
	put_reason(f, it);
	put_evidence(f, it);
	fputs("</details></td>\n", f);
}

static void put_table(FILE *f, const struct result *r, size_t at,
		      const struct item **columns)
{
	size_t n = find_columns(r, r->items[at].name, columns), i, j;

	fputs("<table class=\"matrix\"><thead><tr><th scope=\"col\">cell</th>",
	      f);
	for (i = 0; i < n; i++) {
		fprintf(f, "<th scope=\"col\" class=\"%s\">",
			columns[i]->control ? "control" : "subject");
		html_text(f, columns[i]->label);
		fprintf(f, "<small>%s</small></th>", item_role(columns[i]));
	}
	fputs("</tr></thead>\n<tbody>\n", f);
	for (i = at; i < r->n_items; i++) {
		const struct item *row = &r->items[i];

		if (strcmp(row->name, r->items[at].name) || !begins_row(r, i))
			continue;
		fputs("<tr><th scope=\"row\">", f);
		html_list(f, *row->cell_text ? row->cell_text : "the only one");
		fputs("</th>\n", f);
		for (j = 0; j < n; j++)
			put_cell(f, find_item(r, row, columns[j]), columns[j]);
		fputs("</tr>\n", f);
	}
	fputs("</tbody></table>\n", f);
}

static void put_verdicts(FILE *f, const struct report *r)
{
	const struct result *result = &r->result;
	const struct item **columns =
		xrealloc(NULL, (result->n_items + 1) * sizeof(*columns));
	size_t i;

	if (result->n_items)
		fputs("<section id=\"verdicts\"><h2>Verdicts</h2>\n<p>Open a "
		      "verdict for its evidence. A control that passes came "
		      "out as it must; the time is the guest's.</p>\n",
		      f);
	for (i = 0; i < result->n_items; i++) {
		if (!begins_name(result, i))
			continue;
		fputs("<h3>", f);
		html_text(f, result->items[i].name);
		fputs("</h3>\n<p class=\"claim\">", f);
		html_text(f, result->items[i].claim);
		fputs("</p>\n", f);
		put_table(f, result, i, columns);
	}
	if (result->n_items)
		fputs("</section>\n", f);
	free(columns);
}

static int by_duration(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a;
	const struct item *y = *(struct item *const *)b;

	return (x->duration_ms < y->duration_ms) -
	       (x->duration_ms > y->duration_ms);
}

/* The longest bar takes the whole width. */
static void put_slowest(FILE *f, const struct result *r)
{
	const struct item **v = xrealloc(NULL, (r->n_items + 1) * sizeof(*v));
	double longest;
	size_t i;

	for (i = 0; i < r->n_items; i++)
		v[i] = &r->items[i];
	qsort(v, r->n_items, sizeof(*v), by_duration);
	longest = r->n_items && v[0]->duration_ms > 0 ? v[0]->duration_ms : 1;
	fputs("<ol class=\"bars\">\n", f);
	for (i = 0; i < r->n_items && i < SLOWEST; i++) {
		fprintf(f,
			"<li><span class=\"bar\" style=\"width:%.1f%%\"></span>"
			"<b>%.2f s</b> <a href=\"#e%zu\">",
			100 * v[i]->duration_ms / longest,
			v[i]->duration_ms / 1000, v[i]->at);
		put_name(f, v[i]);
		fputs("</a></li>\n", f);
	}
	fputs("</ol>\n", f);
	free(v);
}

static void put_seconds(FILE *f, const struct report *r, const char *key,
			const char *what)
{
	json_t *ms = json_object_get(r->result.meta, key);

	if (json_is_number(ms))
		fprintf(f, "%s %.1f s; ", what, json_number_value(ms) / 1000);
}

static void put_durations(FILE *f, const struct report *r)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < r->result.n_items; i++)
		sum += r->result.items[i].duration_ms;
	fputs("<section id=\"durations\"><h2>Durations</h2>\n<p>", f);
	put_seconds(f, r, "wall_ms", "the machine ran");
	put_seconds(f, r, "init_ms", "init started after");
	fprintf(f, "all entries together took %.1f s. The slowest:</p>\n",
		sum / 1000);
	put_slowest(f, &r->result);
	fputs("</section>\n", f);
}

static void put_provenance(FILE *f, const struct report *r)
{
	json_t *value;
	const char *key;

	fputs("<section id=\"provenance\"><h2>Provenance</h2>\n"
	      "<table class=\"prov\"><tbody>\n",
	      f);
	json_object_foreach(r->result.meta, key, value) {
		fputs("<tr><th scope=\"row\">", f);
		html_text(f, key);
		fputs("</th><td>", f);
		put_meta(f, r, key);
		fputs("</td></tr>\n", f);
	}
	json_object_foreach(r->result.stream, key, value) {
		if (!json_integer_value(value))
			continue;
		fputs("<tr><th scope=\"row\">records: ", f);
		html_text(f, key);
		fprintf(f, "</th><td>%" JSON_INTEGER_FORMAT "</td></tr>\n",
			json_integer_value(value));
	}
	fputs("</tbody></table>\n</section>\n", f);
}

static void put_console(FILE *f, const struct report *r, size_t boot)
{
	const struct console *c = &r->consoles[boot - 1];
	size_t from = c->n > 60 ? c->n - 60 : 0;

	if (!c->n)
		fputs("<p>Nothing was printed.</p>\n", f);
	if (c->cut)
		fputs("<p>Only its end was read: line numbers count from "
		      "there.</p>\n",
		      f);
	if (c->n) {
		fputs("<details><summary>", f);
		fprintf(f, "its last %zu of %zu lines", c->n - from, c->n);
		put_boot(f, r, boot);
		fputs("</summary>\n", f);
		console_html(c, from, c->n, f);
		fputs("</details>\n", f);
	}
}

static void put_consoles(FILE *f, const struct report *r)
{
	size_t i;

	fputs("<section id=\"console\"><h2>Console</h2>\n", f);
	for (i = 1; i <= r->n_consoles; i++)
		put_console(f, r, i);
	fputs("</section>\n", f);
}

void page_write(const struct report *r, FILE *f)
{
	put_head(f, r);
	payers_write(&r->result, f);
	put_unexpected(f, r);
	put_verdicts(f, r);
	costs_write(r, f);
	if (r->result.n_items)
		put_durations(f, r);
	put_provenance(f, r);
	put_consoles(f, r);
	fputs("</main>\n</body>\n</html>\n", f);
}
