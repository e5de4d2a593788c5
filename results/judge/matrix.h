/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cells of matrices: entries of the plan that claim nothing and measure.  An
 * output of fio's comes in parts and is kept whole; metrics are made of it.
 */
#ifndef CB_MATRIX_H
#define CB_MATRIX_H

#include "judge/judge.h"

#define OUTPUT_BYTES_MAX (1u << 20)
#define OUTPUTS_MAX 8 /* of one entry */

struct output {
	char *name;
	char *text; /* as far as it has come */
	size_t len;
	json_int_t parts; /* that have come */
	json_t *json; /* NULL until all of it has come, and is good */
};

/*
 * output.c: a record "output" or "output-end".  NULL, or what is wrong with
 * it, or with the text that it ends.
 */
const char *output_take(struct entry *e, json_t *record);
const char *output_end(struct entry *e, json_t *record);
/* NULL where it has not come, or not whole. */
json_t *output_json(const struct entry *e, const char *name);
void outputs_free(struct entry *e);
/*
 * fio.jsonl: a line for each output; none where no cell was planned. 0, or -1
 * with err set.
 */
int outputs_write(const struct run *run, const char *dir, struct error *err);

/*
 * metric.c: fills e->metrics, {"value", "unit", "samples": [value]} each.
 * NULL, or why there are none; the caller frees.
 */
char *metrics_make(struct entry *e, bool is_virtual);

/* Does the guest's clock count its instructions? */
bool clock_is_virtual(const struct run *run);

/* cells.c: are these the same cell and driver, in whatever round? */
bool same_subject(const struct entry *a, const struct entry *b);
/* The cells of all rounds put together, as in result.json. */
json_t *matrices_json(const struct run *run);
/* Takes in the samples of another boot of the same plan, or what is wrong. */
void repeat_add(struct run *run, const struct run *repeat);

#endif
