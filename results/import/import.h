/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Boots that came home as a log: from a medium, a serial line, or a lab. A log
 * holds boots one after another, each from its hello on; several of them may
 * be one run. All other lines are kept: they may be the console.
 */
#ifndef CB_IMPORT_H
#define CB_IMPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

#define LOG_BYTES_MAX (1u << 30) /* of a log; a larger one is refused */

/* A file in memory. */
struct text {
	char *bytes;
	size_t len;
};

struct piece {
	size_t start, end; /* of the log: from hello to the next one */
	json_t *hello;
	int run; /* from 1, in the order of the log */
	int number; /* of the boot in its run, as the guest counts; or from 1 */
	bool bye; /* the guest said that it had done all */
};

struct pieces {
	struct piece *v;
	size_t n;
};

/* A text of the object's; "" when missing. */
const char *text_of(json_t *o, const char *key);

/* Reads a whole file; 0, or -1 with err set. */
int text_read(struct text *t, const char *path, struct error *err);
/*
 * A log of LAVA's (YAML, an object of JSON each line) becomes what the machine
 * has printed; any other text stays as it is.
 */
void text_unwrap(struct text *t);
void text_free(struct text *t);

/* Finds the boots of a log; 0, or -1 with err set when there is none. */
int pieces_find(struct pieces *p, const struct text *log, const char *path,
		struct error *err);
void pieces_free(struct pieces *p);

/*
 * Writes a run's boots into out as boot-1, boot-2, ...: records.raw,
 * console.log and boot.json, as FORMAT.md says. console may be empty: then
 * the log is the console, too. 0, or -1 with err set.
 */
int boots_write(const struct pieces *p, int run, const struct text *log,
		const struct text *console, const char *out, struct error *err);

#endif
