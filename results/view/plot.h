/* SPDX-License-Identifier: GPL-2.0 */
/* How costs are drawn: what its parts share. */
#ifndef CB_PLOT_H
#define CB_PLOT_H

#include "view/html.h"
#include "view/report.h"

#define PLOT_WIDTH 420 /* pixels; the page scales it */

/*
 * Draws what gnuplot's script says and keeps it in r->plots; alt, HTML, is for
 * who does not see it. 0, or -1 with err set.
 */
int plot_draw(struct report *r, int height, const char *script, const char *alt,
	      struct error *err);

/* gnuplot reads quotes, braces and more: only what names are made of stays. */
void plot_text(FILE *f, const char *s);
/* A driver has the same colour in all of them. */
const char *plot_colour(const char *driver);

/* plot_bars.c: the drivers of a cell beneath one another. */
int bars_make(struct report *r, struct error *err);
/* plot_curves.c: costs over an axis of numbers, and latencies. */
int curves_make(struct report *r, struct error *err);
/* Is a figure on a curve? Then it needs no bar. */
bool curves_take(const struct result *r, const struct figure *f);

#endif
