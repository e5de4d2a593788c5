/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cells of matrices: entries of the plan that measure and claim nothing. fio's
 * output arrives in parts; metrics are computed from the whole.
 */
#ifndef CB_MATRIX_H
#define CB_MATRIX_H

#include "judge/judge.h"

#define OUTPUT_BYTES_MAX (1u << 20)
#define OUTPUTS_MAX 8 /* of one entry */

struct output {
	char *name;
	char *text; /* received so far */
	size_t len;
	json_int_t parts; /* received so far */
	json_t *json; /* NULL until it is complete and valid */
};

/*
 * output.c: takes a record "output" or "output-end". NULL, or what is wrong
 * with the record or the output that it completes.
 */
const char *output_take(struct entry *e, json_t *record);
const char *output_end(struct entry *e, json_t *record);
/* NULL when it is missing or incomplete. */
json_t *output_json(const struct entry *e, const char *name);
void outputs_free(struct entry *e);
/*
 * Writes fio.jsonl, one line per output; no file when there is none. 0, or -1
 * with err set.
 */
int outputs_write(const struct run *run, const char *dir, struct error *err);

/*
 * metric.c: fills e->metrics with {"value", "unit", "samples": [value]}. NULL,
 * or the reason why there are none, which the caller frees.
 */
char *metrics_make(struct entry *e, bool is_virtual);

/* True if the guest's clock counts its instructions. */
bool clock_is_virtual(const struct run *run);

/* cells.c: true for entries of the same cell and driver, in any round. */
bool same_subject(const struct entry *a, const struct entry *b);
/* The cells, each with all its rounds, as in result.json. */
json_t *matrices_json(const struct run *run);
/* Merges another boot of the same plan: its samples, failures and problems. */
void repeat_add(struct run *run, const struct run *repeat);

#endif
