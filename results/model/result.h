/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The result of a run: the one model that the judge fills in and that each
 * view, the comparison and the baselines read. As a file it is result.json,
 * which may come from anybody: reading trusts nothing in it.
 */
#ifndef CB_RESULT_H
#define CB_RESULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"
#include "model/verdict.h"

#define RESULT_SCHEMA 1
#define RESULT_BYTES_MAX (64u << 20) /* of a file */
#define RESULT_MEMORY_MAX (256u << 20) /* of all that is read, as objects */
#define BOOTS_MAX 1000 /* of a run */
#define ENTRIES_MAX 100000 /* of a run; and metrics of it */
#define EVIDENCE_MAX 256 /* of an entry; and metrics of a cell, parts of it */
#define PROBLEMS_MAX 1000 /* of a run */
#define SAMPLES_MAX 1000 /* of a metric */
#define AMOUNT_MAX 1e15 /* of a time in ns: eleven days; and of any metric */

/*
 * An entry of the plan and what came of it. The strings are borrowed and not
 * NULL; those that the judge need not set are "" when they are missing.
 * item.c has the table of these as they stand in the file.
 */
struct item {
	size_t id; /* in the plan, from 0 */
	const char *name;
	json_t *cell; /* object of strings */
	const char *driver;
	const char *variant;
	bool control;
	const char *expect; /* of the claim, of a control: "true", "false" */
	const char *claim;
	const char *metric; /* of a cell that did not give it; else "" */
	const char *outcome; /* as the guest reported it; "" if it did not */
	enum verdict verdict;
	const char *reason;
	const char *detail;
	double duration_ms; /* of the guest's clock */
	json_t *evidence; /* object: name -> {"value", "unit"} */
	json_t *meters; /* array of strings, or NULL */
	json_t *warnings; /* of the kernel, that no meter counts; or NULL */
	size_t boot; /* the one it ran in, from 1; 0: none */

	/* Made of the above by item_finish(). */
	char *label; /* owned: driver, or driver/variant */
	char *cell_text; /* owned: key=value,... by key */
	char *key; /* owned: no two items of a result have the same */
	size_t at; /* place in the result, from 0 */
};

/* One metric of one cell of a matrix. */
struct figure {
	const char *matrix;
	const char *driver;
	const char *metric;
	const char *unit;
	json_t *cell; /* object of strings */
	char *cell_text; /* owned */
	char *key; /* owned */
	double value; /* 0 to AMOUNT_MAX */
	double tolerance; /* percent; below 0 when none is kept */
	const char *unstable; /* why it is not reliable, or NULL */
	json_t *samples; /* a number for each round or repeat, or NULL */
	double duration_ms; /* of the cell, all its rounds */
	size_t at;
};

struct result {
	char *path; /* owned: of the file that was read; NULL: of none */
	char *label; /* owned: a short name of it for people, or NULL */
	json_t *json; /* owned: what is borrowed from; NULL: not from a file */

	/* Owned references. */
	json_t *meta; /* object, its values strings or numbers */
	json_t *matrices; /* array of cells, of which figures are made */
	json_t *stream; /* object of counts; NULL in a baseline */
	json_t *problems; /* array of {"reason", "detail"} */

	struct item *items;
	size_t n_items;
	struct figure *figures;
	size_t n_figures;
	size_t summary[VERDICTS]; /* of all entries that were planned */
	size_t planned; /* their sum */
	size_t controls; /* how many of them are controls */
	size_t controls_expected; /* came out as they must */
	size_t controls_unexpected;
	int status; /* STATUS_... */
};

/*
 * arg is a result.json, a run's folder, or the name of a file in the folder
 * baselines (which may be NULL) without its .json. 0, or -1 with err set;
 * result_free() in both cases.
 */
int result_load(struct result *r, const char *arg, const char *baselines,
		struct error *err);
/* Takes over json; path is for messages. */
int result_parse(struct result *r, json_t *json, const char *path,
		 struct error *err);
void result_free(struct result *r);

/* One more item, all of it 0, for the judge to fill in; then item_finish(). */
struct item *result_add(struct result *r);
/* Counts the controls; the summary is the judge's. */
void result_count(struct result *r);
/* The result as a document. The caller has the only reference. */
json_t *result_json(const struct result *r);
/* Puts result.json, whole, into dir. 0, or -1 with err set. */
int result_write(const struct result *r, const char *dir, struct error *err);

/* A string of meta's; numbers as text. "" when missing. The caller frees. */
char *result_meta(const struct result *r, const char *key);

/*
 * headline.c: does this kernel let a container escape its memory limit through
 * its own loop devices? Derived from the verdicts each time, never read.
 */
enum escape {
	ESCAPE_NOT_TESTED,
	ESCAPE_NO,
	ESCAPE_YES,
};

enum escape_way {
	FROM_MEMORY_AND_IO, /* a cgroup with both controllers */
	FROM_MEMORY_ALONE,
	ESCAPE_WAYS,
};

extern const char *const escape_names[];
enum escape result_escape(const struct result *r, enum escape_way way);
/* The answer as one line to quote. The caller frees. */
char *result_headline(const struct result *r);
/* False for a bench, which has no verdicts to answer from. */
bool result_has_headline(const struct result *r);

/*
 * item.c: NULL, or what is wrong with the entry in o, which is borrowed from;
 * and the entry as a document.
 */
const char *item_read(struct item *it, json_t *o);
json_t *item_json(const struct item *it);
/* What follows from the rest: label, cell_text and key. */
void item_finish(struct item *it);
bool item_unexpected_control(const struct item *it);

/*
 * figure.c: appends the figures of a cell of a matrix, which is borrowed
 * from. NULL, or what is wrong with it.
 */
const char *figures_read(struct result *r, json_t *cell);
/* The figures of one cell are neighbours: where those of at's end. */
size_t figures_end(const struct result *r, size_t at);

/* What several of these files hold. */
/* 0 to AMOUNT_MAX; false for anything else, and for NULL. */
bool is_amount(const json_t *value, double *to);
/* An object of {"value": number, "unit": string}, of EVIDENCE_MAX at most. */
bool is_measured(json_t *o);
/* An object of strings, of EVIDENCE_MAX at most. */
bool is_cell(json_t *o);

/* memory.c: bounds what Jansson may take in all. Before anything else. */
void bound_json_memory(void);

#endif
