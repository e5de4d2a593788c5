/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A matrix: a fio job file whose head declares axes.  Every combination of
 * their values is a cell, and a cell's job is the file with each ${NAME}
 * replaced.  CONTRIBUTING.md documents the lines of a head.
 */
#ifndef CB_MATRIX_H
#define CB_MATRIX_H

#include <stdbool.h>

#define MATRIX_WORDS 16
#define MATRIX_LINES 16

/* The kinds of lines in a head. */
enum head {
	HEAD_ABOUT,
	HEAD_METRIC, /* the metric, and for a latency the section */
	HEAD_DRIVERS,
	HEAD_AXIS, /* NAME VALUE... */
	HEAD_SMOKE, /* NAME VALUE...: its only values in the smoke suite */
	HEAD_WITHOUT, /* NAME=VALUE...: leaves out these cells */
	HEAD_ONLY, /* SECTION NAME=VALUE...: a section of these cells only */
	/* NAME AXIS: repeats sections with ${NAME}, each with a cgroup */
	HEAD_EACH,
	HEAD_TURNS, /* AXIS: the job's process goes through so many cgroups */
	HEAD_CGROUP, /* NAME [KEY=VALUE...]: a cgroup, and its io.max */
	HEAD_CLOCK, /* virtual or wall, if only one makes sense */
	HEAD_SIZE, /* of the backing file */
	HEAD_IOS, /* number of I/Os in the longer of the two runs */
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

/* The variables of a job beside the axes. */
struct given {
	const char *target; /* the device, or the backing itself */
	const char *group; /* the folder of the jobs' cgroups */
	bool direct; /* O_DIRECT to the target */
	long long ios; /* in all */
};

/*
 * Reads a matrix and checks all of its cells; text must stay in memory.
 * false: it is bad, and error, PATH_LEN bytes, holds the reason.
 */
bool matrix_parse(struct matrix *m, const char *name, const char *text,
		  bool smoke, char *error);
/* Is it in the smoke suite?  Can it be measured by this clock? */
bool matrix_in_smoke(const struct matrix *m);
bool matrix_has_clock(const struct matrix *m, const char *clock);
/* Makes the cells that the head declares; false: none, or too many. */
bool matrix_cells(struct matrix *m);
/* A cell's value on an axis in buf, PATH_LEN bytes; false: no such axis. */
bool matrix_value(const char *cell, const char *axis, char *buf);
/* Is the cell one of "NAME=VALUE..."?  The words end with NULL. */
bool matrix_matches(const char *cell, char *const *words);
/* The number of cgroups that the job's process goes through; 1: it stays. */
int matrix_turns(const struct matrix *m, const char *cell);
/* The job of a cell; free() it. */
char *matrix_job(const struct matrix *m, const char *cell,
		 const struct given *given);

#endif
