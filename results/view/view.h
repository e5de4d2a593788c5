/* SPDX-License-Identifier: GPL-2.0 */
/* Ways to look at a result as text: for people, for KTAP's and JUnit's readers. */
#ifndef CB_VIEW_H
#define CB_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "view/report.h"

/* table.c: columns is the terminal's width in characters. */
void table_print(const struct result *r, FILE *f, size_t columns, bool colour);

/* figures.c: the matrices as tables; a part of that one. */
void figures_print(const struct result *r, FILE *f);

/* Each puts one file, whole, into dir. 0, or -1 with err set. */
int ktap_write(const struct result *r, const char *dir, struct error *err);
int junit_write(const struct report *r, const char *dir, struct error *err);
/*
 * summary.md: the answer, what is not as expected, known holes and costs, for
 * the page that GitHub and GitLab show beside a job.
 */
int summary_write(const struct result *r, const char *dir, struct error *err);

#endif
