// SPDX-License-Identifier: GPL-2.0
/* Costs on the page: drawings, and figures with their ratios. */
#include <stdlib.h>
#include <string.h>

#include "model/spread.h"
#include "view/html.h"
#include "view/page.h"

/* The same cell and metric through another driver, or NULL. */
static const struct figure *beside(const struct result *r,
				   const struct figure *f, const char *driver)
{
	size_t i;

	for (i = 0; i < r->n_figures; i++) {
		const struct figure *other = &r->figures[i];

		if (!strcmp(other->driver, driver) &&
		    !strcmp(other->matrix, f->matrix) &&
		    !strcmp(other->metric, f->metric) &&
		    !strcmp(other->cell_text, f->cell_text))
			return other;
	}
	return NULL;
}

static void put_ratio(FILE *f, const struct figure *is, const struct figure *to)
{
	if (to && to->value > 0)
		fprintf(f, "<td>%.3f</td>", is->value / to->value);
	else
		fputs("<td>&#8211;</td>", f);
}

/* Why the figure is unstable, or the spread of its rounds. */
static void put_scatter(FILE *f, const struct figure *is)
{
	char *text;

	if (is->unstable) {
		fputs("<p class=\"meter\">unstable: ", f);
		html_text(f, is->unstable);
		fputs("</p>", f);
	} else if (strcmp(is->unit, "virtual ns") &&
		   json_array_size(is->samples) > 1) {
		text = spread_text(is->samples);
		fputs("<p>", f);
		html_text(f, text);
		fputs("</p>", f);
		free(text);
	}
}

static void put_row(FILE *f, const struct result *r, const struct figure *is)
{
	fputs("<tr><th scope=\"row\">", f);
	html_text(f, is->matrix);
	fputs(" <span class=\"cell\">", f);
	html_list(f, is->cell_text);
	fputs("</span></th><td>", f);
	html_text(f, is->driver);
	fputs("</td><td>", f);
	html_text(f, is->metric);
	fprintf(f, "</td><td>%.10g ", is->value);
	html_text(f, is->unit);
	put_scatter(f, is);
	fputs("</td>", f);
	put_ratio(f, is, beside(r, is, "none"));
	put_ratio(f, is, beside(r, is, "loop"));
	fputs("</tr>\n", f);
}

void costs_write(const struct report *r, FILE *f)
{
	const struct result *result = &r->result;
	size_t i;

	if (!result->n_figures)
		return;
	fputs("<section id=\"costs\"><h2>Costs</h2>\n<p>Less is better, except of IOPS.</p>\n"
	      "<div class=\"plots\">\n",
	      f);
	for (i = 0; i < r->n_plots; i++)
		fprintf(f, "<figure>%s</figure>\n", r->plots[i]);
	fputs("</div>\n", f);
	if (r->undrawn) {
		fputs("<p class=\"meter\">not drawn: ", f);
		html_text(f, r->undrawn);
		fputs("</p>\n", f);
	}
	fputs("<details><summary>the figures</summary>\n"
	      "<table class=\"costs\"><thead><tr><th>cell</th><th>driver</th>"
	      "<th>metric</th><th>value</th><th>to none</th><th>to loop</th>"
	      "</tr></thead><tbody>\n",
	      f);
	for (i = 0; i < result->n_figures; i++)
		put_row(f, result, &result->figures[i]);
	fputs("</tbody></table></details>\n</section>\n", f);
}
