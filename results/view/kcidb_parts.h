/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the files that write KCIDB. */
#ifndef CB_KCIDB_PARTS_H
#define CB_KCIDB_PARTS_H

#include "view/kcidb.h"

/* A document in the making. */
struct kcidb {
	const char *origin;
	json_t *checkouts, *builds, *tests, *issues, *incidents;
	/* Of the result that is being added. */
	const char *build_id;
	const char *run_id;
};

/* An object with this id and the origin. */
json_t *kcidb_object(const struct kcidb *k, const char *id);
/* True if an object of the list has this id. */
bool kcidb_has(const json_t *list, const char *id);
/* Sets a text, unless it is NULL or empty. */
void kcidb_set(json_t *o, const char *key, const char *text);
/* s with a '-' for each byte but letters, digits, '.', '_' and '-'. */
char *kcidb_word(const char *s);

/* kcidb_test.c: adds what ran: entries, costs and problems. */
void kcidb_tests(struct kcidb *k, const struct report *report);

#endif
