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
 * An entry of the plan and its outcome. The strings are borrowed and never
 * NULL: a missing one is "". The table in item.c maps the members to the file.
 */
struct item {
	size_t id; /* in the plan, from 0 */
	const char *name;
	json_t *cell; /* object of strings */
	const char *driver;
	const char *variant;
	bool control;
	const char *expect; /* of a control: "true" or "false" */
	const char *claim;
	const char *metric; /* only for a cell of a matrix that failed */
	const char *outcome; /* as the guest reported it; "" if it did not */
	enum verdict verdict;
	const char *reason;
	const char *detail;
	double duration_ms; /* of the guest's clock */
	json_t *evidence; /* object: name -> {"value", "unit"} */
	json_t *meters; /* array of strings, or NULL */
	json_t *warnings; /* kernel log lines that no meter counts; or NULL */
	size_t boot; /* that ran it, from 1; 0: none */

	/* Derived by item_finish(). */
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
	json_t *json; /* owned: what the strings are borrowed from; or NULL */

	/* Owned references. */
	json_t *meta; /* object, its values strings or numbers */
	json_t *matrices; /* array of cells; figures are derived from it */
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
/* Takes over json; path is for messages only. */
int result_parse(struct result *r, json_t *json, const char *path,
		 struct error *err);
void result_free(struct result *r);

/* Appends a zeroed item. Fill it in, then call item_finish(). */
struct item *result_add(struct result *r);
/* Counts the controls and adds up the summary, which must be set. */
void result_count(struct result *r);
/* The result as a document. The caller has the only reference. */
json_t *result_json(const struct result *r);
/* Puts result.json, whole, into dir. 0, or -1 with err set. */
int result_write(const struct result *r, const char *dir, struct error *err);

/* A value of meta as text; "" when it is missing. The caller frees. */
char *result_meta(const struct result *r, const char *key);

/*
 * headline.c: does this kernel let a container escape its memory limit through
 * the in-tree loop driver? Always derived from the verdicts, never read.
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
/* The answers as one quotable line. The caller frees. */
char *result_headline(const struct result *r);
/* False for a bench, which has no verdicts to answer from. */
bool result_has_headline(const struct result *r);

/*
 * item.c: reads an entry, which borrows from o: NULL, or what is wrong with it;
 * and makes a document of one.
 */
const char *item_read(struct item *it, json_t *o);
json_t *item_json(const struct item *it);
/* Derives label, cell_text and key from the rest. */
void item_finish(struct item *it);
bool item_unexpected_control(const struct item *it);

/*
 * figure.c: appends the figures of a cell of a matrix, which borrow from it.
 * NULL, or what is wrong with the cell.
 */
const char *figures_read(struct result *r, json_t *cell);
/* Figures of one cell are adjacent: the end of those beginning at at. */
size_t figures_end(const struct result *r, size_t at);

/* Checks that several of these files share. */
/* A number from 0 to AMOUNT_MAX. */
bool is_amount(const json_t *value, double *to);
/* An object of {"value": number, "unit": string}, of EVIDENCE_MAX at most. */
bool is_measured(json_t *o);
/* An object of strings, of EVIDENCE_MAX at most. */
bool is_cell(json_t *o);

/* memory.c: bounds the memory that Jansson takes in all. Call it first. */
void bound_json_memory(void);

#endif
