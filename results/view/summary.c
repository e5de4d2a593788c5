// SPDX-License-Identifier: GPL-2.0
/* summary.md: a run in Markdown, as GitHub and GitLab show it. */
#include <stdlib.h>
#include <string.h>

#include "base/markdown.h"
#include "base/text.h"
#include "view/view.h"

#define BYTES_MAX (768 << 10) /* GitHub takes 1 MiB of a step */
#define TEXT_MAX 300 /* bytes of one text in a table */

/* Writes a text as code, cut to TEXT_MAX. Takes and frees it. */
static void put_text(FILE *f, char *text)
{
	size_t len = TEXT_MAX;

	if (strlen(text) > len) {
		/* Do not split a character. */
		while (len && (text[len] & 0xc0) == 0x80)
			len--;
		text[len] = '\0';
	}
	markdown_code(f, text);
	free(text);
}

static bool is_full(FILE *f)
{
	return ftell(f) > BYTES_MAX;
}

static void put_item(FILE *f, const struct item *it)
{
	fprintf(f, "| %s | ", verdict_names[it->verdict]);
	put_text(f, xasprintf("%s%s%s", it->name, *it->cell_text ? " " : "",
			      it->cell_text));
	fputs(" | ", f);
	put_text(f,
		 xasprintf("%s%s", it->label, it->control ? " (control)" : ""));
	fputs(" | ", f);
	put_text(f, text_reason(it->reason, it->detail));
	fputs(" |\n", f);
}

/* The entries whose verdicts wanted() wants, as a table; open or folded. */
static void put_items(FILE *f, const struct result *r, const char *title,
		      bool (*wanted)(const struct item *), bool folded)
{
	size_t i, n = 0, rows = 0;

	for (i = 0; i < r->n_items; i++)
		n += wanted(&r->items[i]);
	if (!n)
		return;
	if (folded)
		fprintf(f, "\n<details><summary>%s: %zu</summary>\n", title, n);
	else
		fprintf(f, "\n**%s: %zu**\n", title, n);
	fputs("\n| verdict | entry | driver | why |\n"
	      "| --- | --- | --- | --- |\n",
	      f);
	for (i = 0; i < r->n_items && !is_full(f); i++) {
		if (!wanted(&r->items[i]))
			continue;
		put_item(f, &r->items[i]);
		rows++;
	}
	if (rows < n)
		fprintf(f, "\n%zu more are not shown.\n", n - rows);
	if (folded)
		fputs("\n</details>\n", f);
}

static bool is_unexpected(const struct item *it)
{
	return !verdict_expected(it->verdict);
}

static bool is_hole(const struct item *it)
{
	return it->verdict == XFAIL;
}

static bool is_skipped(const struct item *it)
{
	return it->verdict == SKIP;
}

static void put_problems(FILE *f, const struct result *r)
{
	json_t *one;
	size_t i;

	if (json_array_size(r->problems))
		fputs("\n**Problems of the whole run**\n\n", f);
	json_array_foreach(r->problems, i, one) {
		if (is_full(f))
			break;
		fputs("- ", f);
		put_text(f, text_problem(one));
		fputc('\n', f);
	}
}

static void put_costs(FILE *f, const struct result *r)
{
	size_t i;

	if (!r->n_figures)
		return;
	fprintf(f,
		"\n<details><summary>Costs: %zu</summary>\n\n"
		"| matrix | driver | metric | value |\n"
		"| --- | --- | --- | --- |\n",
		r->n_figures);
	for (i = 0; i < r->n_figures && !is_full(f); i++) {
		const struct figure *is = &r->figures[i];

		fputs("| ", f);
		put_text(f, xasprintf("%s %s", is->matrix, is->cell_text));
		fputs(" | ", f);
		put_text(f, xstrdup(is->driver));
		fputs(" | ", f);
		put_text(f, xstrdup(is->metric));
		fputs(" | ", f);
		put_text(f, xasprintf("%.10g %s%s", is->value, is->unit,
				      is->unstable ? ", unstable" : ""));
		fputs(" |\n", f);
	}
	if (i < r->n_figures)
		fprintf(f, "\n%zu more are not shown.\n", r->n_figures - i);
	fputs("\n</details>\n", f);
}

static void put_meta(FILE *f, const struct result *r, const char *key,
		     const char *before)
{
	char *value = result_meta(r, key);

	if (*value) {
		fputs(before, f);
		put_text(f, value);
	} else {
		free(value);
	}
}

static void put_counts(FILE *f, const struct result *r)
{
	const char *comma = "";
	size_t i;

	if (!r->planned)
		return;
	fputc('\n', f);
	for (i = 0; i < VERDICTS; i++) {
		enum verdict v = verdict_order[i];

		if (!r->summary[v])
			continue;
		fprintf(f, "%s%zu %s", comma, r->summary[v], verdict_names[v]);
		comma = ", ";
	}
	fprintf(f,
		" of %zu planned; %zu of %zu controls came out as they must.\n",
		r->planned, r->controls_expected, r->controls);
}

static void put_head(FILE *f, const struct result *r)
{
	fputs("## chargeback", f);
	put_meta(f, r, "kernel", " on Linux ");
	fprintf(f, ": %s\n", status_text(r->status));
	if (result_has_headline(r))
		fprintf(f,
			"\nDoes this kernel let a container escape its memory "
			"limit through loop devices? **%s**; from a cgroup "
			"without the io controller: **%s**.\n",
			escape_names[result_escape(r, FROM_MEMORY_AND_IO)],
			escape_names[result_escape(r, FROM_MEMORY_ALONE)]);
	put_counts(f, r);
}

int summary_write(const struct result *r, const char *dir, struct error *err)
{
	struct outfile out;

	if (out_open(&out, dir, "summary.md", err))
		return -1;
	put_head(out.f, r);
	put_problems(out.f, r);
	put_items(out.f, r, "Not as expected", is_unexpected, false);
	put_items(out.f, r, "Known holes", is_hole, true);
	put_items(out.f, r, "Skipped", is_skipped, true);
	put_costs(out.f, r);
	fprintf(out.f, "\nExit status %d", r->status);
	put_meta(out.f, r, "source", "; kernel: ");
	put_meta(out.f, r, "accel", "; machine: ");
	put_meta(out.f, r, "qemu", ", ");
	put_meta(out.f, r, "commit", "; commit ");
	fputs("\n\n", out.f);
	return out_commit(&out, err);
}
