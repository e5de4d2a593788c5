/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A matrix: a fio job file whose head declares axes.  Every combination of
 * their values is a cell, and a cell's job is the file with each ${NAME}
 * replaced.  CONTRIBUTING.md tells what may stand in a head.
 */
#ifndef CB_MATRIX_H
#define CB_MATRIX_H

#include <stdbool.h>

#define MATRIX_WORDS 16
#define MATRIX_LINES 16

/* What a line of the head is about. */
enum head {
	HEAD_ABOUT,
	HEAD_METRIC, /* the metric, and the job that it is taken of */
	HEAD_DRIVERS,
	HEAD_AXIS, /* NAME VALUE... */
	HEAD_SMOKE, /* NAME VALUE...: all there is of it in the smoke suite */
	HEAD_WITHOUT, /* NAME=VALUE...: cells that are left out */
	HEAD_ONLY, /* SECTION NAME=VALUE...: a section of these cells only */
	/* NAME AXIS: sections with ${NAME} are repeated, each with a cgroup */
	HEAD_EACH,
	HEAD_TURNS, /* AXIS: so many cgroups, the job's process in each once */
	HEAD_CGROUP, /* NAME [WORD...]: its io.max of the backing's disk */
	HEAD_CLOCK, /* virtual or wall, where not both make sense */
	HEAD_SIZE, /* of the backing file */
	HEAD_IOS, /* how many, in the longer of the two runs */
	HEADS,
};

/* A line of the head without its key; ends with NULL. */
struct head_line {
	char *word[MATRIX_WORDS + 1];
	int count;
	int number; /* of the line, from 1 */
};

struct matrix {
	const char *name; /* of the file, without .fio */
	const char *body; /* the job file, head and all */
	struct {
		struct head_line of[MATRIX_LINES];
		int count;
	} head[HEADS];
	const char *about;
	long long size; /* bytes */
	long long ios;
	const char **cells; /* "axis=value axis=value" each; ends with NULL */
};

/* What a job may use beside the axes. */
struct given {
	const char *target; /* what the I/O goes to */
	const char *group; /* the folder of the jobs' cgroups */
	bool direct; /* O_DIRECT to the target */
	long long ios; /* in all */
};

/*
 * Reads a matrix and checks all of its cells; text must stay in memory.
 * false: it is bad, and why has been put in error, PATH_LEN bytes.
 */
bool matrix_parse(struct matrix *m, const char *name, const char *text,
		  bool smoke, char *error);
/* Has it cells in the smoke suite, and does it make sense by this clock? */
bool matrix_in_smoke(const struct matrix *m);
bool matrix_has_clock(const struct matrix *m, const char *clock);
/* Makes the cells, as the head stands; false: there are none, or too many. */
bool matrix_cells(struct matrix *m);
/* A cell's value on an axis in buf, PATH_LEN bytes; false: no such axis. */
bool matrix_value(const char *cell, const char *axis, char *buf);
/* Is the cell one of "NAME=VALUE..."?  The words end with NULL. */
bool matrix_matches(const char *cell, char *const *words);
/* In how many cgroups the job's one process takes turns; 1: it stays put. */
int matrix_turns(const struct matrix *m, const char *cell);
/* The job of a cell, in memory of its own. */
char *matrix_job(const struct matrix *m, const char *cell,
		 const struct given *given);

#endif
