// SPDX-License-Identifier: GPL-2.0
/*
 * The picture that the page begins with: per driver, which cgroup was charged
 * for the bytes that a writer moved, and whether a writer that outgrew its
 * memory limit was killed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "view/html.h"
#include "view/page.h"

#define CHARGE "charge-bytes"
#define LIMIT "oom-bypass"

enum payer {
	ISSUER,
	ROOT,
	OTHERS,
	NOBODY, /* moved, and charged to none */
	PAYERS,
};

static const struct {
	const char *class, *evidence, *name;
} payers[PAYERS] = {
	[ISSUER] = { "issuer", "charged_issuer", "issuer" },
	[ROOT] = { "root", "charged_root", "root" },
	[OTHERS] = { "others", "charged_others", "others" },
	[NOBODY] = { "nobody", NULL, "nobody" },
};

/* A driver, over all cells in which the guest came to a conclusion. */
struct row {
	const struct item *first;
	double bytes[PAYERS];
	size_t writers, killed;
	double written; /* by those that were not killed */
};

static bool is_measured_by(const struct item *it, const char *scenario)
{
	return !strcmp(it->name, scenario) &&
	       (!strcmp(it->outcome, "held") || !strcmp(it->outcome, "failed"));
}

static double amount(const struct item *it, const char *name)
{
	return json_number_value(
		json_object_get(json_object_get(it->evidence, name), "value"));
}

static void add_charge(struct row *row, const struct item *it)
{
	double rest = amount(it, "bytes_moved");
	int i;

	for (i = 0; i < NOBODY; i++) {
		row->bytes[i] += amount(it, payers[i].evidence);
		rest -= amount(it, payers[i].evidence);
	}
	/* Metadata is charged beside what was moved, so it may be below 0. */
	if (rest > 0)
		row->bytes[NOBODY] += rest;
}

/* The scenario counts kills before the file, after it and after the device. */
static void add_limit(struct row *row, const struct item *it)
{
	row->writers++;
	if (amount(it, "oom_kill_device") > amount(it, "oom_kill_file"))
		row->killed++;
	else
		row->written += amount(it, "bytes_device");
}

/* Finds the row of a driver, or begins one. */
static struct row *row_of(struct row *rows, size_t *n, const struct item *it)
{
	size_t i;

	for (i = 0; i < *n; i++) {
		if (rows[i].first->control == it->control &&
		    !strcmp(rows[i].first->label, it->label))
			return &rows[i];
	}
	memset(&rows[i], 0, sizeof(rows[i]));
	rows[i].first = it;
	(*n)++;
	return &rows[i];
}

/* Subjects come before controls. The caller frees. */
static struct row *find_rows(const struct result *r, size_t *n)
{
	struct row *rows = xrealloc(NULL, (r->n_items + 1) * sizeof(*rows));
	size_t i, j;

	*n = 0;
	for (i = 0; i < 2 * r->n_items; i++) {
		const struct item *it = &r->items[i % r->n_items];

		j = i / r->n_items;
		if (it->control != (bool)j)
			continue;
		if (is_measured_by(it, CHARGE))
			add_charge(row_of(rows, n, it), it);
		else if (is_measured_by(it, LIMIT))
			add_limit(row_of(rows, n, it), it);
	}
	return rows;
}

static void put_bar(FILE *f, const struct row *row)
{
	double sum = 0;
	int i;

	for (i = 0; i < PAYERS; i++)
		sum += row->bytes[i];
	if (!(sum > 0)) {
		fputs("<td class=\"none\">not tested</td>", f);
		return;
	}
	fputs("<td><div class=\"stack\" aria-hidden=\"true\">", f);
	for (i = 0; i < PAYERS; i++) {
		if (row->bytes[i] > 0)
			fprintf(f,
				"<span class=\"%s\" style=\"width:%.2f%%\">"
				"</span>",
				payers[i].class, 100 * row->bytes[i] / sum);
	}
	fputs("</div>", f);
	for (i = 0; i < PAYERS; i++) {
		json_t *bytes = json_real(row->bytes[i]);
		char *text = text_quantity(bytes, "bytes");

		if (i != NOBODY || row->bytes[i] > 0)
			fprintf(f, "%s%s %s", i ? ", " : "", payers[i].name,
				text);
		free(text);
		json_decref(bytes);
	}
	fputs("</td>", f);
}

static void put_kills(FILE *f, const struct row *row)
{
	json_t *bytes = json_real(row->written);
	char *text = text_quantity(bytes, "bytes");

	if (!row->writers)
		fputs("<td class=\"none\">not tested</td>", f);
	else if (row->killed == row->writers)
		fprintf(f, "<td class=\"shut\">%zu of %zu writers killed</td>",
			row->killed, row->writers);
	else
		fprintf(f,
			"<td class=\"open\">%zu of %zu writers killed; the "
			"survivors wrote %s</td>",
			row->killed, row->writers, text);
	free(text);
	json_decref(bytes);
}

static void put_row(FILE *f, const struct row *row)
{
	const struct item *it = row->first;

	fprintf(f, "<tr><th scope=\"row\"><a href=\"#e%zu\">", it->at);
	html_text(f, it->label);
	fprintf(f, "</a><small>%s</small></th>", item_role(it));
	put_bar(f, row);
	put_kills(f, row);
	fputs("</tr>\n", f);
}

void payers_write(const struct result *r, FILE *f)
{
	size_t n, i;
	struct row *rows = find_rows(r, &n);

	if (n) {
		fputs("<section id=\"payers\"><h2>Who paid</h2>\n"
		      "<table class=\"paid\"><thead><tr>"
		      "<th scope=\"col\">driver</th>"
		      "<th scope=\"col\">bytes charged to"
		      " <i class=\"issuer\"></i> the issuer,"
		      " <i class=\"root\"></i> root,"
		      " <i class=\"others\"></i> others</th>"
		      "<th scope=\"col\">writers at their memory limit</th>"
		      "</tr></thead>\n<tbody>\n",
		      f);
		for (i = 0; i < n; i++)
			put_row(f, &rows[i]);
		fputs("</tbody></table>\n<p class=\"claim\">Sums over all "
		      "settings of " CHARGE " and " LIMIT ". The controls show "
		      "how it must look where nobody is charged, and without "
		      "a driver.</p>\n</section>\n",
		      f);
	}
	free(rows);
}
