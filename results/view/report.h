/* SPDX-License-Identifier: GPL-2.0 */
/* report.html: a run as one page that needs no network. */
#ifndef CB_REPORT_H
#define CB_REPORT_H

#include "model/result.h"
#include "view/console.h"

struct report {
	struct result result;
	struct console *consoles; /* of each boot, in order */
	size_t n_consoles;
	/* Costs as drawings; see plot.h. */
	char **plots;
	size_t n_plots;
	const char *undrawn; /* why some are missing, or NULL */
};

/*
 * report.c: reads the console of each boot, in dir/boot-1 and so on. 0, or -1
 * with err set. report_free() frees the plots, the consoles and the result.
 */
int report_load_consoles(struct report *r, const char *dir, struct error *err);
void report_free(struct report *r);

/*
 * The console that shows why an entry has its verdict, or NULL: its lines
 * [*from, *to). *end: they are the end of that boot.
 */
const struct console *report_excerpt(const struct report *r,
				     const struct item *it, size_t *from,
				     size_t *to, bool *end);

extern const char page_css[]; /* page.css */

/* The whole page. */
void page_write(const struct report *r, FILE *f);

/* plot.c: draws all costs into r->plots. 0, or -1 with why set. */
int plots_make(struct report *r, struct error *why);
void plots_free(struct report *r);

#endif
