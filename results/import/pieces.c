// SPDX-License-Identifier: GPL-2.0
/* Cuts a log into boots, and puts boots together to runs. */
#include <stdlib.h>
#include <string.h>

#include "import/import.h"
#include "record/records.h"

#define HELLO "{\"t\":\"hello\""
#define BYE "{\"t\":\"bye\""

/* The first record of these bytes that begins with type; NULL: none does. */
static json_t *record_in(const char *bytes, size_t len, const char *type)
{
	struct records r;
	json_t *found = NULL;
	size_t i;

	records_init(&r);
	records_feed(&r, bytes, len);
	records_finish(&r);
	for (i = 0; i < r.n && !found; i++) {
		if (r.v[i]->len >= strlen(type) &&
		    !memcmp(r.v[i]->json, type, strlen(type)))
			found = json_loadb(r.v[i]->json, r.v[i]->len, 0, NULL);
	}
	records_free(&r);
	return found;
}

static const char *line_start(const char *from, const char *p)
{
	while (p > from && p[-1] != '\n')
		p--;
	return p;
}

static const char *line_end(const char *p, const char *stop)
{
	const char *end = memchr(p, '\n', (size_t)(stop - p));

	return end ? end + 1 : stop;
}

static void add_piece(struct pieces *p, size_t start, json_t *hello)
{
	p->v = xrealloc(p->v, (p->n + 1) * sizeof(*p->v));
	memset(&p->v[p->n], 0, sizeof(*p->v));
	p->v[p->n].start = start;
	p->v[p->n++].hello = hello;
}

static void find_hellos(struct pieces *p, const struct text *log)
{
	const char *at = log->bytes, *stop = at + log->len, *start, *end;
	json_t *hello;

	while ((at = memmem(at, (size_t)(stop - at), HELLO, strlen(HELLO)))) {
		start = line_start(log->bytes, at);
		end = line_end(at, stop);
		hello = record_in(start, (size_t)(end - start), HELLO);
		if (hello)
			add_piece(p, (size_t)(start - log->bytes), hello);
		at = end;
	}
}

static int number_of(json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 && n < 1000000 ? (int)n : 0;
}

static bool same_plan(const struct piece *a, const struct piece *b)
{
	json_t *one = json_object_get(a->hello, "plan_crc");
	json_t *two = json_object_get(b->hello, "plan_crc");

	return one && two && json_equal(one, two);
}

/*
 * A guest with a medium says which run and boot it is. Another one begins a
 * run, unless the boot before has neither said bye nor had another plan.
 */
static void set_run(struct piece *before, struct piece *piece)
{
	int run = number_of(piece->hello, "run");
	bool goes_on = before && !before->bye && same_plan(before, piece);

	if (run)
		goes_on = before && run == number_of(before->hello, "run");
	piece->run = before ? before->run + !goes_on : 1;
	piece->number = number_of(piece->hello, "run_boot");
	if (!piece->number)
		piece->number = goes_on ? before->number + 1 : 1;
}

int pieces_find(struct pieces *p, const struct text *log, const char *path,
		struct error *err)
{
	struct piece *piece;
	json_t *bye;
	size_t i;

	memset(p, 0, sizeof(*p));
	find_hellos(p, log);
	if (!p->n)
		return refuse(err,
			      "%s: no boot of chargeback's is in it; a record "
			      "that says hello was looked for",
			      path);
	for (i = 0; i < p->n; i++) {
		piece = &p->v[i];
		piece->end = i + 1 < p->n ? p->v[i + 1].start : log->len;
		bye = record_in(log->bytes + piece->start,
				piece->end - piece->start, BYE);
		piece->bye = bye;
		json_decref(bye);
		set_run(i ? piece - 1 : NULL, piece);
	}
	return 0;
}

void pieces_free(struct pieces *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		json_decref(p->v[i].hello);
	free(p->v);
}
