// SPDX-License-Identifier: GPL-2.0
/* Turns the counts of the plugin into a tree of functions. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"

#define USER 1 /* the plugin's address for all user space */
#define NODES_MAX 50000000

/*
 * An interrupt does not work for the interrupted function: it gets a subtree of
 * its own.
 */
static bool is_interrupt(const char *name)
{
	return !strncmp(name, "asm_sysvec_", 11) ||
	       !strncmp(name, "asm_exc_", 8) ||
	       !strcmp(name, "asm_common_interrupt");
}

static size_t child_of(struct profile *p, size_t parent, const char *name,
		       const char *module)
{
	struct frame *f;
	size_t i;

	for (i = p->frames[parent].child; i; i = p->frames[i].next) {
		f = &p->frames[i];
		if (!strcmp(f->name, name) && !strcmp(f->module, module))
			return i;
	}
	/* Double the room at each power of two. */
	if (!(p->n_frames & (p->n_frames - 1)))
		p->frames = xrealloc(p->frames,
				     2 * p->n_frames * sizeof(*p->frames));
	f = &p->frames[p->n_frames];
	*f = (struct frame){ .name = name, .module = module, .parent = parent };
	f->next = p->frames[parent].child;
	p->frames[parent].child = p->n_frames;
	return p->n_frames++;
}

/* The frame of an address that was called from a frame. */
static size_t frame_of(struct profile *p, size_t from, uint64_t address)
{
	const struct symbol *s;

	if (address == USER)
		return child_of(p, 0, "user space", "");
	s = symbols_find(&p->symbols, address);
	if (!s)
		return child_of(p, from, "unknown", "");
	return child_of(p, is_interrupt(s->name) ? 0 : from, s->name,
			s->module);
}

/* Reads the nodes: "parent address count" each, parents first. */
static int read_nodes(struct profile *p, FILE *f, const char *path, int sign,
		      struct error *err)
{
	size_t *frames = NULL, n, room = 0, parent;
	uint64_t address;
	int64_t count;
	int got, bad = 0;

	for (n = 0; !bad; n++) {
		got = fscanf(f, "%zu %" SCNx64 " %" SCNd64, &parent, &address,
			     &count);
		if (got == EOF)
			break;
		if (got != 3 || count < 0 || (n && parent >= n) ||
		    n >= NODES_MAX) {
			bad = refuse(err, "%s:%zu: not a line of a profile",
				     path, n + 2);
			break;
		}
		if (n == room) {
			room = room ? 2 * room : 4096;
			frames = xrealloc(frames, room * sizeof(*frames));
		}
		frames[n] = n ? frame_of(p, frames[parent], address) : 0;
		p->frames[frames[n]].self += sign * count;
	}
	free(frames);
	return bad;
}

static bool called_itself(const struct profile *p, size_t at)
{
	const struct frame *f = &p->frames[at];
	size_t i;

	for (i = f->parent; i; i = p->frames[i].parent) {
		if (!strcmp(p->frames[i].name, f->name) &&
		    !strcmp(p->frames[i].module, f->module))
			return true;
	}
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct function *)a)->name,
		      ((const struct function *)b)->name);
}

static int by_self(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	if (x->self != y->self)
		return x->self < y->self ? 1 : -1;
	return by_name(a, b);
}

/* One function per frame, then merged by name. */
static void sum_functions(struct profile *p)
{
	struct function *v = xrealloc(NULL, p->n_frames * sizeof(*v));
	size_t i, n = 0;

	for (i = 1; i < p->n_frames; i++) {
		const struct frame *f = &p->frames[i];

		v[i - 1].name =
			xasprintf("%s%s%s%s", f->name, *f->module ? " [" : "",
				  f->module, *f->module ? "]" : "");
		v[i - 1].self = f->self;
		v[i - 1].total = called_itself(p, i) ? 0 : f->total;
	}
	qsort(v, p->n_frames - 1, sizeof(*v), by_name);
	for (i = 0; i + 1 < p->n_frames; i++) {
		if (n && !strcmp(v[n - 1].name, v[i].name)) {
			v[n - 1].self += v[i].self;
			v[n - 1].total += v[i].total;
			free(v[i].name);
		} else {
			v[n++] = v[i];
		}
	}
	qsort(v, n, sizeof(*v), by_self);
	p->functions = v;
	/* Counts that are equal in both runs are no part of the cost. */
	for (i = 0; i < n; i++) {
		if (v[i].self || v[i].total)
			v[p->n_functions++] = v[i];
		else
			free(v[i].name);
	}
}

int profile_add(struct profile *p, const char *path, int sign,
		struct error *err)
{
	FILE *f = fopen(path, "r");
	int version, bad;

	if (!f)
		return refuse(err, "%s: %s; what the plugin wrote", path,
			      strerror(errno));
	if (!p->frames) {
		p->frames = xrealloc(NULL, sizeof(*p->frames));
		p->frames[0] = (struct frame){ .name = "all", .module = "" };
		p->n_frames = 1;
	}
	if (fscanf(f, "chargeback-profile %d", &version) != 1 || version != 1)
		bad = refuse(err, "%s: not what the plugin writes", path);
	else
		bad = read_nodes(p, f, path, sign, err);
	fclose(f);
	return bad;
}

int profile_sum(struct profile *p, struct error *err)
{
	size_t i;

	/* From the last frame on: parents come first in the array. */
	for (i = p->n_frames; i-- > 0;) {
		p->frames[i].total += p->frames[i].self;
		if (i)
			p->frames[p->frames[i].parent].total +=
				p->frames[i].total;
	}
	if (p->frames[0].total <= 0)
		return refuse(err, "%.200s: nothing was counted", p->title);
	sum_functions(p);
	return 0;
}

void profile_free(struct profile *p)
{
	size_t i;

	for (i = 0; i < p->n_functions; i++)
		free(p->functions[i].name);
	free(p->functions);
	free(p->frames);
	free(p->driver);
	free(p->title);
	symbols_free(&p->symbols);
}
