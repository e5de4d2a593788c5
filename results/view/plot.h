/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the files that draw costs. */
#ifndef CB_PLOT_H
#define CB_PLOT_H

#include "view/html.h"
#include "view/report.h"

#define PLOT_WIDTH 420 /* pixels; the page scales it */

/*
 * Runs a gnuplot script and appends the drawing to r->plots. alt is the text
 * alternative, as HTML. 0, or -1 with err set.
 */
int plot_draw(struct report *r, int height, const char *script, const char *alt,
	      struct error *err);

/*
 * Writes s for gnuplot, which interprets quotes and braces: all but letters,
 * digits and =,.:+/ _- becomes '?'.
 */
void plot_text(FILE *f, const char *s);
/* The colour of a driver, the same in all drawings. */
const char *plot_colour(const char *driver);

/* plot_bars.c: the drivers of a cell beneath one another. */
int bars_make(struct report *r, struct error *err);
/* plot_curves.c: costs over an axis of numbers, and latencies. */
int curves_make(struct report *r, struct error *err);
/* True if a figure is on a curve and needs no bar. */
bool curves_take(const struct result *r, const struct figure *f);

#endif
