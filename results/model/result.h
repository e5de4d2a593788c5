/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A result as it is read back: by the comparer, the report, and whoever
 * makes a baseline. The file may come from anybody and is believed nothing.
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
#define BOOTS_MAX 1000 /* of a run */
#define RESULT_MEMORY_MAX (256u << 20) /* of all that is read, as objects */

/* All strings are borrowed from the result's json, unless they say not. */
struct item {
	json_t *json;
	const char *name;
	const char *driver;
	const char *claim; /* "" in baselines */
	const char *reason;
	const char *detail;
	const char *expect; /* controls: "true" or "false"; else "" */
	char *label; /* owned: driver, or driver/variant */
	char *cell_text; /* owned */
	char *key; /* owned: no two items of a result have the same */
	bool control;
	enum verdict verdict;
	double duration_ms;
	json_t *evidence; /* object: name → {"value", "unit"} */
	json_t *meters; /* array of strings, or NULL */
	size_t at; /* place in the result, from 0 */
	size_t boot; /* the one it ran in, from 1; 0: none, or not told */
};

/* One metric of one cell of a matrix. */
struct figure {
	const char *matrix;
	const char *driver;
	const char *metric;
	const char *unit;
	char *cell_text; /* owned */
	char *key; /* owned */
	double value; /* 0 to 1e15 */
	double tolerance; /* percent; below 0 when none is kept */
	const char *unstable; /* why it is not to be relied on, or NULL */
	json_t *samples; /* a number a round or repeat, or NULL */
	size_t at;
};

struct result {
	char *path; /* owned: of the file that was read */
	char *label; /* owned: what people call it */
	json_t *json;
	json_t *meta; /* object, its values strings or numbers */
	json_t *problems; /* array of {"reason", "detail"} */
	struct item *items;
	size_t n_items;
	struct figure *figures;
	size_t n_figures;
	int status;
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

/* A string of meta's; numbers as text. "" when missing. The caller frees. */
char *result_meta(const struct result *r, const char *key);

/* Bounds what Jansson may take in all. To be called before anything else. */
void bound_json_memory(void);

#endif
