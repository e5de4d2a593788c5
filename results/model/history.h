/* SPDX-License-Identifier: GPL-2.0 */
/* Many results in the order of time: what each entry and each cost did. */
#ifndef CB_HISTORY_H
#define CB_HISTORY_H

#include <jansson.h>

#include "model/result.h"

#define HISTORY_MAX 200 /* runs; of more, the newest are taken */
#define MOVES_MAX 16 /* of a track: the newest are kept */

struct history_run {
	char *path;
	char *label; /* a short name for people */
	char *time; /* when it started, as in "2026-11-26T10:35:51Z" */
	char *kernel; /* its release */
	char *series; /* of the kernel, such as "6.12" */
	char *machine; /* of image and command line; "" if unknown */
	size_t was; /* its number before runs were sorted */
};

/* One run's measurement of a track. */
struct history_point {
	size_t run;
	enum verdict verdict; /* of an entry */
	double value; /* of a cost */
	double tolerance; /* of a cost, percent; below 0: none is kept */
	bool unstable; /* a cost that is not compared */
};

/* A move: from the point before to this one, or from one level to another. */
struct history_move {
	size_t point; /* the first one after it */
	double from, to; /* of a cost */
	int worse; /* 1: worse; -1: better; 0: neither */
};

/* One entry, or one cost, on kernels of one series. */
struct history_track {
	char *name;
	char *series;
	char *unit; /* of a cost, or NULL: an entry */
	char *driver;
	struct history_point *points;
	size_t n;
	struct history_move moves[MOVES_MAX];
	size_t n_moves; /* all that were found; the last MOVES_MAX are kept */
};

struct history {
	struct history_run *runs; /* the oldest first */
	size_t n_runs;
	struct history_track *tracks;
	size_t n_tracks;
	char **left_out; /* files that are no results, and why */
	size_t n_left_out;
	size_t too_old; /* results that HISTORY_MAX leaves out */
	json_t *index; /* key of a track: its number */
};

/*
 * history.c: reads each result.json below the folder dir, and each .json in dir
 * itself. Links are not followed. 0, or -1 with err set; history_free() in both
 * cases.
 */
int history_load(struct history *h, const char *dir, struct error *err);
void history_free(struct history *h);

/* The last move that is kept, or NULL; and the run in which it was first seen. */
const struct history_move *history_last(const struct history_track *t);
const struct history_run *history_since(const struct history *h,
					const struct history_track *t,
					const struct history_move *m);

#endif
