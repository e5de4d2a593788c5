/* SPDX-License-Identifier: GPL-2.0 */
/* A history as one page that needs no network. */
#ifndef CB_TREND_H
#define CB_TREND_H

#include "model/history.h"

/*
 * Writes the page: what moved and since which run, the verdicts of these
 * entries run by run, and the costs as drawings. 0, or -1 with err set; a
 * missing gnuplot is no error, but leaves out the drawings.
 */
int trend_write(const struct history *h, const char *path, struct error *err);

#endif
