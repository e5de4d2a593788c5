// SPDX-License-Identifier: GPL-2.0
/*
 * The report as a page: who paid, unexpected verdicts and why, all verdicts
 * with their evidence, durations, and provenance. It needs no script, no
 * network and no colour.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "view/html.h"
#include "view/page.h"

#define SLOWEST 10

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
				verdict_class(v), verdict_signs[v], n[v],
				verdict_names[v]);
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

void page_open(FILE *f, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\""
	      "default-src 'none'; style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, "
	      "initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
	      f);
	put_sentence(f, title);
	fprintf(f, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n",
		page_css);
}

static void put_head(FILE *f, const struct report *r)
{
	int status = r->result.status;
	char *kernel = result_meta(&r->result, "kernel");
	char *title = xasprintf("%s: %s", status_text(status), kernel);

	page_open(f, title);
	free(kernel);
	free(title);
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

/* Names the boot if there are several. */
void page_boot(FILE *f, const struct report *r, size_t boot)
{
	if (r->n_consoles > 1)
		fprintf(f, " of boot %zu", boot);
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
		page_name(f, v[i]);
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
		page_boot(f, r, boot);
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

void page_close(FILE *f)
{
	fputs("</main>\n</body>\n</html>\n", f);
}

void page_write(const struct report *r, FILE *f)
{
	put_head(f, r);
	payers_write(&r->result, f);
	unexpected_write(r, f);
	verdicts_write(&r->result, f);
	costs_write(r, f);
	if (r->result.n_items)
		put_durations(f, r);
	put_provenance(f, r);
	put_consoles(f, r);
	page_close(f);
}
