// SPDX-License-Identifier: GPL-2.0
/* The section of the page on what is not as expected, and why. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "view/html.h"
#include "view/page.h"

/* Quotes the console lines of an entry; the end of a boot only once. */
static void put_excerpt(FILE *f, const struct report *r, const struct item *it,
			bool *end_shown)
{
	const struct console *c;
	size_t from, to;
	bool end;

	c = report_excerpt(r, it, &from, &to, &end);
	if (!c || (end && end_shown[it->boot - 1]))
		return;
	end_shown[it->boot - 1] |= end;
	fputs("<details open><summary>console", f);
	page_boot(f, r, it->boot);
	fprintf(f, ", lines %zu to %zu</summary>\n", from + 1, to);
	console_html(c, from, to, f);
	fputs("</details>\n", f);
}

static void put_article(FILE *f, const struct report *r, const struct item *it,
			bool *end_shown)
{
	fputs("<article>\n<h3>", f);
	page_badge(f, it->verdict);
	fprintf(f, " <a href=\"#e%zu\">", it->at);
	page_name(f, it);
	fputs("</a></h3>\n", f);
	page_reason(f, it);
	if (*it->claim) {
		fputs("<p class=\"claim\">The claim: ", f);
		html_text(f, it->claim);
		fputs(".</p>\n", f);
	}
	if (json_object_size(it->evidence) || json_array_size(it->meters)) {
		fputs("<details open><summary>evidence</summary>\n", f);
		page_evidence(f, it);
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
		page_name(f, it);
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
			page_name(f, &r->items[i]);
			fputs("</a>: ", f);
			html_text(f, json_string_value(text));
			fputs("</li>\n", f);
		}
	}
	fputs("</ul></details>\n", f);
}

/* Breakdowns come first, their consequences last. */
void unexpected_write(const struct report *r, FILE *f)
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
