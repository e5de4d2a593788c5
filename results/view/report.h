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

extern const char page_css[]; /* page.css */

/* The whole page. */
void page_write(const struct report *r, FILE *f);

/* plot.c: draws all costs into r->plots. 0, or -1 with why set. */
int plots_make(struct report *r, struct error *why);
void plots_free(struct report *r);

#endif
