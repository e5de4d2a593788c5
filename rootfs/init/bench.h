/* SPDX-License-Identifier: GPL-2.0 */
/* A cell of a matrix, played like a scenario. */
#ifndef CB_BENCH_H
#define CB_BENCH_H

#include "matrix.h"
#include "scenario.h"

/* The matrices that are built in, by name; NULL behind the last. */
const char *bench_name(int number);
const char *bench_text(int number);
/* Makes of a matrix the scenario whose cells are its cells. */
struct scenario *bench_scenario(const struct matrix *m);

#endif
