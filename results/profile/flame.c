// SPDX-License-Identifier: GPL-2.0
/*
 * A flame graph: callees above their callers, as wide as their cost. The title
 * of each frame has its figures; browsers show it under the pointer, without
 * any script.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xml.h"
#include "profile/profile.h"

#define WIDTH 1200.0
#define ROW 18
#define TOP 52 /* title and legend */
#define LETTER 6.7 /* the width of one */
#define NARROW 0.4 /* pixels: what is narrower is not drawn */

struct drawing {
	const struct profile *p;
	FILE *f;
	size_t rows;
};

static double width_of(const struct drawing *d, size_t at)
{
	return WIDTH * (double)d->p->frames[at].total /
	       (double)d->p->frames[0].total;
}

static size_t depth_of(const struct drawing *d, size_t at)
{
	size_t most = 0, depth, i;

	for (i = d->p->frames[at].child; i; i = d->p->frames[i].next) {
		depth = width_of(d, i) < NARROW ? 0 : depth_of(d, i);
		if (depth > most)
			most = depth;
	}
	return most + 1;
}

/* The colour of a frame; the legend explains it. */
static const char *kind_of(const struct frame *f)
{
	if (!strncmp(f->module, "cgloop", 6) || !strcmp(f->module, "loop"))
		return "driver";
	if (*f->module)
		return "module";
	return !strcmp(f->name, "user space") ? "user" : "kernel";
}

static void put_frame(const struct drawing *d, size_t at, double x, size_t row)
{
	const struct profile *p = d->p;
	const struct frame *f = &p->frames[at];
	double width = width_of(d, at);
	size_t letters = (size_t)(width / LETTER);
	double y = TOP + (double)((d->rows - 1 - row) * ROW);

	fprintf(d->f, "<g class=\"%s\"><title>", kind_of(f));
	xml_put(d->f, f->name);
	if (*f->module) {
		fputs(" [", d->f);
		xml_put(d->f, f->module);
		fputs("]", d->f);
	}
	fprintf(d->f, ": %.1f a request, %.2f %%</title>",
		(double)f->total / (double)p->requests,
		100.0 * (double)f->total / (double)p->frames[0].total);
	fprintf(d->f,
		"<rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%d\"/>", x,
		y, width, ROW - 1);
	if (letters >= 4) {
		char *label = xasprintf("%.*s", (int)letters - 1, f->name);

		fprintf(d->f, "<text x=\"%.2f\" y=\"%.0f\">", x + 3, y + 13);
		xml_put(d->f, label);
		fputs("</text>", d->f);
		free(label);
	}
	fputs("</g>\n", d->f);
}

struct place {
	const char *name;
	size_t at;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->name,
		      ((const struct place *)b)->name);
}

/* A frame and its callees, sorted by name, so that two graphs look alike. */
static void put_tree(const struct drawing *d, size_t at, double x, size_t row)
{
	const struct frame *frames = d->p->frames;
	struct place *v;
	size_t i, n = 0;

	if (width_of(d, at) < NARROW)
		return;
	put_frame(d, at, x, row);
	for (i = frames[at].child; i; i = frames[i].next)
		n++;
	v = xrealloc(NULL, (n + 1) * sizeof(*v));
	for (n = 0, i = frames[at].child; i; i = frames[i].next)
		v[n++] = (struct place){ frames[i].name, i };
	qsort(v, n, sizeof(*v), by_name);
	for (i = 0; i < n; i++) {
		put_tree(d, v[i].at, x, row + 1);
		x += width_of(d, v[i].at);
	}
	free(v);
}

static void put_legend(FILE *f)
{
	static const char *const kinds[] = { "driver", "module", "kernel",
					     "user" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		fprintf(f,
			"<g class=\"%s\"><rect x=\"%zu\" y=\"28\" width=\"12\" "
			"height=\"12\"/></g><text x=\"%zu\" y=\"38\">%s</text>\n",
			kinds[i], 4 + i * 90, 20 + i * 90, kinds[i]);
}

static const char style[] =
	"<style>text{font:11px ui-monospace,monospace;fill:#1b1f24}"
	".driver rect{fill:#f08a5d}.module rect{fill:#f3c969}"
	".kernel rect{fill:#a9c9ea}.user rect{fill:#c4c9cf}"
	".page{fill:#fff}.head{font-weight:600;font-size:13px}"
	"@media(prefers-color-scheme:dark){.page{fill:#0f1318}"
	"text{fill:#e2e7ec}.driver rect{fill:#a5512b}.module rect"
	"{fill:#80621a}.kernel rect{fill:#2d5580}.user rect{fill:#4b545e}}"
	"</style>\n";

void flame_write(const struct profile *p, FILE *f)
{
	struct drawing d = { p, f, 0 };

	d.rows = depth_of(&d, 0);
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f "
		"%zu\" role=\"img\" aria-label=\"flame graph\">\n",
		WIDTH, TOP + d.rows * ROW + 4);
	fputs(style, f);
	fputs("<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n"
	      "<text class=\"head\" x=\"4\" y=\"16\">",
	      f);
	xml_put(f, p->title);
	fprintf(f, ": %.1f instructions a request</text>\n",
		(double)p->frames[0].total / (double)p->requests);
	put_legend(f);
	put_tree(&d, 0, 0, 0);
	fputs("</svg>\n", f);
}
