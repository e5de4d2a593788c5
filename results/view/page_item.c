// SPDX-License-Identifier: GPL-2.0
/* An entry on the page: its name, verdict, reason and evidence. */
#include <string.h>

#include "base/text.h"
#include "view/html.h"
#include "view/page.h"

/* A sign per verdict, readable without colour. */
const char *const verdict_signs[VERDICTS] = {
	[INCOMPLETE] = "&#9711;", [PASS] = "&#10003;",	[FAIL] = "&#10007;",
	[SKIP] = "&#8211;",	  [XFAIL] = "&#10007;", [XPASS] = "!",
	[SPLAT] = "&#10007;",	  [PANIC] = "&#10007;", [HANG] = "&#10007;",
	[TIMEOUT] = "&#9711;",	  [ERROR] = "!",
};

/* The classes of the style sheet. */
const char *verdict_class(enum verdict v)
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

void page_badge(FILE *f, enum verdict v)
{
	fprintf(f, "<span class=\"v %s\">%s %s</span>", verdict_class(v),
		verdict_signs[v], verdict_names[v]);
}

const char *item_role(const struct item *it)
{
	if (!it->control)
		return "subject";
	return strcmp(it->expect, "true") ? "control: must fail" :
					    "control: must hold";
}

void page_evidence(FILE *f, const struct item *it)
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

void page_reason(FILE *f, const struct item *it)
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

void page_name(FILE *f, const struct item *it)
{
	html_text(f, it->name);
	fputs(*it->cell_text ? " <span class=\"cell\">" : "", f);
	html_list(f, it->cell_text);
	fputs(*it->cell_text ? "</span> " : " ", f);
	html_text(f, it->label);
	if (it->control)
		fprintf(f, " <span class=\"role\">%s</span>", item_role(it));
}
