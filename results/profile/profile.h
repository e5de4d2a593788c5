/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Profiles of cells: the counts of the TCG plugin with function names, as a
 * tree, a table and a flame graph.
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
 * Adds the functions of a file, one line each: "address type name", and
 * "[module]" for those of a module, as in System.map and kallsyms. 0, or -1
 * with err set.
 */
int symbols_load(struct symbols *s, const char *path, struct error *err);
/* The same for one line, which it modifies. */
void symbols_add(struct symbols *s, char *line);
/* The function that contains an address, or NULL. */
const struct symbol *symbols_find(struct symbols *s, uint64_t address);
void symbols_free(struct symbols *s);

/* A function called by another one. Name and module are borrowed. */
struct frame {
	const char *name;
	const char *module;
	size_t parent;
	size_t child; /* the first callee; 0: none */
	size_t next; /* the next callee of the parent; 0: none */
	int64_t self; /* instructions of its own */
	int64_t total; /* and of its callees */
};

/* A function, all callers together. */
struct function {
	char *name; /* owned: "name", or "name [module]" */
	int64_t self;
	int64_t total; /* counted once where it called itself */
};

/*
 * A cell through a driver. It ran twice: the instructions of the longer run
 * minus those of the shorter one belong to the additional requests.
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
 * Loads all cells that the records in the folder of a boot name, in the order
 * in which they ran. The plugin wrote raw.1 and so on; map is the System.map of
 * the kernel. 0, or -1 with err set; in both cases the caller frees the array
 * and calls profile_free() for each.
 */
int profiles_load(struct profile **v, size_t *n, const char *map,
		  const char *boot, const char *raw, struct error *err);
/* Adds the counts of the plugin, times sign. 0, or -1 with err set. */
int profile_add(struct profile *p, const char *path, int sign,
		struct error *err);
/* Computes totals and functions, after all counts were added. */
int profile_sum(struct profile *p, struct error *err);
void profile_free(struct profile *p);

/* table.c: prints a table with at most rows functions. */
void profile_print(const struct profile *p, size_t rows, FILE *f);
/* Writes JSON for profile_compare(). */
void profile_save(const struct profile *p, FILE *f);
/*
 * Compares two files of profile_save(): the functions whose own instructions
 * per request differ, largest change first.
 */
int profile_compare(const char *base, const char *head, FILE *f,
		    struct error *err);

/* flame.c: writes one self-contained SVG. */
void flame_write(const struct profile *p, FILE *f);

#endif
