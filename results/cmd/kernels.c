// SPDX-License-Identifier: GPL-2.0
/* The command that prints the verdicts of several runs as one table. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/result.h"

#define RUNS_MAX 64
#define GAP 2 /* between columns */

static const char usage[] =
	"usage: kernels DIR...\n"
	"\n"
	"Prints the verdicts of several runs as one table: a line per scenario, a\n"
	"column per run and driver. A field shows the worst verdict of the cells\n"
	"and, unless all have it, how many cells do. \"-\" means no cell.\n"
	"\n"
	"Exit status: 0, or 2 for input that cannot be used.\n";

/* The worst last, in the order of precedence of exit statuses. */
static const enum verdict by_rank[VERDICTS] = {
	PASS,	    SKIP,  XFAIL, XPASS, FAIL,	TIMEOUT,
	INCOMPLETE, ERROR, HANG,  PANIC, SPLAT,
};

struct table {
	struct result runs[RUNS_MAX];
	size_t n_runs;
	/* In order of first appearance; borrowed from the runs. */
	const char **scenarios;
	size_t n_scenarios;
	const char **drivers;
	size_t n_drivers;
	size_t width; /* of a column */
};

/* Appends a name unless it is listed. */
static void add_name(const char ***v, size_t *n, const char *name)
{
	size_t i;

	for (i = 0; i < *n; i++) {
		if (!strcmp((*v)[i], name))
			return;
	}
	*v = xrealloc(*v, (*n + 1) * sizeof(**v));
	(*v)[(*n)++] = name;
}

static void collect(struct table *t)
{
	size_t i, j;

	for (i = 0; i < t->n_runs; i++) {
		for (j = 0; j < t->runs[i].n_items; j++) {
			const struct item *it = &t->runs[i].items[j];

			if (it->control)
				continue;
			add_name(&t->scenarios, &t->n_scenarios, it->name);
			add_name(&t->drivers, &t->n_drivers, it->driver);
		}
	}
}

/* The text of a field of the table; the caller frees. */
static char *field(const struct result *r, const char *scenario,
		   const char *driver)
{
	size_t n[VERDICTS] = { 0 }, all = 0, i;
	enum verdict worst = PASS;

	for (i = 0; i < r->n_items; i++) {
		const struct item *it = &r->items[i];

		if (it->control || strcmp(it->name, scenario) ||
		    strcmp(it->driver, driver))
			continue;
		n[it->verdict]++;
		all++;
	}
	if (!all)
		return xstrdup("-");
	for (i = 0; i < VERDICTS; i++)
		worst = n[by_rank[i]] ? by_rank[i] : worst;
	if (n[worst] == all)
		return xstrdup(verdict_names[worst]);
	return xasprintf("%s %zu/%zu", verdict_names[worst], n[worst], all);
}

/* The user's name for it, or the release without the suffix of our own kernels. */
static char *title(const struct result *r)
{
	static const char ours[] = "-chargeback";
	char *kernel = result_meta(r, "name"), *text;
	size_t len, end = strlen(ours);

	if (!*kernel) {
		free(kernel);
		kernel = result_meta(r, "kernel");
	}
	len = strlen(kernel);
	if (len > end && !strcmp(kernel + len - end, ours))
		kernel[len - end] = '\0';
	text = text_clean(*kernel ? kernel : r->label);
	free(kernel);
	return text;
}

static void put(const char *text, size_t width)
{
	char *clean = text_clean(text);
	size_t n = text_width(clean);

	fputs(clean, stdout);
	for (; n < width; n++)
		putchar(' ');
	free(clean);
}

static void widen(size_t *width, const char *text)
{
	if (text_width(text) > *width)
		*width = text_width(text);
}

/* The name of a kernel spans all its columns. */
static void measure(struct table *t, size_t *first)
{
	size_t i, j, k;

	*first = 0;
	t->width = 0;
	for (i = 0; i < t->n_runs; i++) {
		char *text = title(&t->runs[i]);
		size_t each = text_width(text) / (t->n_drivers + !t->n_drivers);

		t->width = each > t->width ? each : t->width;
		free(text);
	}
	for (j = 0; j < t->n_drivers; j++)
		widen(&t->width, t->drivers[j]);
	for (k = 0; k < t->n_scenarios; k++) {
		widen(first, t->scenarios[k]);
		for (i = 0; i < t->n_runs * t->n_drivers; i++) {
			char *text = field(&t->runs[i / t->n_drivers],
					   t->scenarios[k],
					   t->drivers[i % t->n_drivers]);

			widen(&t->width, text);
			free(text);
		}
	}
	*first += GAP;
	t->width += GAP;
}

static void print_table(struct table *t)
{
	size_t first, i, k, columns = t->n_runs * t->n_drivers;

	measure(t, &first);
	put("", first);
	for (i = 0; i < t->n_runs; i++) {
		char *text = title(&t->runs[i]);

		put(text, t->width * t->n_drivers);
		free(text);
	}
	putchar('\n');
	put("", first);
	for (i = 0; i < columns; i++)
		put(t->drivers[i % t->n_drivers], t->width);
	putchar('\n');
	for (k = 0; k < t->n_scenarios; k++) {
		put(t->scenarios[k], first);
		for (i = 0; i < columns; i++) {
			char *text = field(&t->runs[i / t->n_drivers],
					   t->scenarios[k],
					   t->drivers[i % t->n_drivers]);

			put(text, t->width);
			free(text);
		}
		putchar('\n');
	}
}

static int load(struct table *t, int argc, char **argv, struct error *err)
{
	int i;

	if (argc < 2 || argc - 1 > RUNS_MAX)
		return refuse(err, "%d arguments; 1 to %d folders of runs",
			      argc - 1, RUNS_MAX);
	for (i = 1; i < argc; i++) {
		if (result_load(&t->runs[t->n_runs++], argv[i], NULL, err))
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct table t;
	struct error err = { "" };
	int bad;

	bound_json_memory();
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	bad = load(&t, argc, argv, &err);
	if (!bad) {
		collect(&t);
		print_table(&t);
		if (ferror(stdout) || fclose(stdout))
			bad = refuse(&err, "standard output: %s",
				     strerror(errno));
	}
	while (t.n_runs)
		result_free(&t.runs[--t.n_runs]);
	free(t.scenarios);
	free(t.drivers);
	if (bad)
		fprintf(stderr, "kernels: %s\n", err.text);
	return bad ? STATUS_USAGE : 0;
}
