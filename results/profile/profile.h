/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a cell's instructions went: what the TCG plugin counted, with names,
 * as a tree of functions, a table and a flame graph.
 */
#ifndef CB_PROFILE_H
#define CB_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/util.h"

struct symbol {
	uint64_t address;
	char *name; /* owned; without what the compiler adds behind a dot */
	char *module; /* owned; "" for the kernel itself */
};

struct symbols {
	struct symbol *v; /* by address, once sorted */
	size_t n;
	bool sorted;
};

/*
 * Adds the functions that a file tells of, a line each: "address type name",
 * and "[module]" behind it for a module's, as in System.map and kallsyms. 0, or
 * -1 with err set.
 */
int symbols_load(struct symbols *s, const char *path, struct error *err);
/* The same of one line, which is cut into pieces. */
void symbols_add(struct symbols *s, char *line);
/* The function that an address is in; NULL where none is known. */
const struct symbol *symbols_find(struct symbols *s, uint64_t address);
void symbols_free(struct symbols *s);

/* A function as called by another. Its name and module are borrowed. */
struct frame {
	const char *name;
	const char *module;
	size_t parent;
	size_t child; /* the first of those called; 0: none */
	size_t next; /* another that the parent called; 0: none */
	int64_t self; /* instructions of its own */
	int64_t total; /* and of whom it called */
};

/* The same function, whoever called. */
struct function {
	char *name; /* owned: "name", or "name [module]" */
	int64_t self;
	int64_t total; /* counted once where it called itself */
};

/*
 * A cell through a driver. It was run twice, and the longer run's instructions
 * less the shorter's are those of the requests that it has more.
 */
struct profile {
	char *driver; /* owned */
	char *title; /* owned: cell and driver */
	int64_t requests;
	struct symbols symbols;
	struct frame *frames; /* [0] is the root; parents come first */
	size_t n_frames;
	struct function *functions; /* most of its own first */
	size_t n_functions;
};

/*
 * All cells that the records in the folder of a boot name, in the order in
 * which they ran; raw.1 and so on is what the plugin wrote, map the kernel's
 * System.map. 0, or -1 with err set; the caller frees each with profile_free(),
 * and the array, in both cases.
 */
int profiles_load(struct profile **v, size_t *n, const char *map,
		  const char *boot, const char *raw, struct error *err);
/* Counts in what the plugin wrote, times sign. 0, or -1 with err set. */
int profile_add(struct profile *p, const char *path, int sign,
		struct error *err);
/* When all is in: the totals, and the functions. */
int profile_sum(struct profile *p, struct error *err);
void profile_free(struct profile *p);

/* table.c: for people; at most rows lines of functions. */
void profile_print(const struct profile *p, size_t rows, FILE *f);
/* As JSON, to be compared with another one's. */
void profile_save(const struct profile *p, FILE *f);
/*
 * What became of a cost: the functions whose own instructions a request
 * differ, most first, of two files as profile_save() wrote them.
 */
int profile_compare(const char *base, const char *head, FILE *f,
		    struct error *err);

/* flame.c: one SVG that needs nothing else. */
void flame_write(const struct profile *p, FILE *f);

#endif
