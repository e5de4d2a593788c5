// SPDX-License-Identifier: GPL-2.0
/* The section of the page with a table of verdicts per scenario. */
#include <stdlib.h>
#include <string.h>

#include "view/html.h"
#include "view/page.h"

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
	page_badge(f, it->verdict);
	fprintf(f, " <span class=\"t\">%.2f s</span></summary>\n",
		it->duration_ms / 1000);
	page_reason(f, it);
	page_evidence(f, it);
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

void verdicts_write(const struct result *r, FILE *f)
{
	const struct item **columns =
		xrealloc(NULL, (r->n_items + 1) * sizeof(*columns));
	size_t i;

	if (r->n_items)
		fputs("<section id=\"verdicts\"><h2>Verdicts</h2>\n<p>Open a "
		      "verdict for its evidence. A control that passes came "
		      "out as it must; the time is the guest's.</p>\n",
		      f);
	for (i = 0; i < r->n_items; i++) {
		if (!begins_name(r, i))
			continue;
		fputs("<h3>", f);
		html_text(f, r->items[i].name);
		fputs("</h3>\n<p class=\"claim\">", f);
		html_text(f, r->items[i].claim);
		fputs("</p>\n", f);
		put_table(f, r, i, columns);
	}
	if (r->n_items)
		fputs("</section>\n", f);
	free(columns);
}
