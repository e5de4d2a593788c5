/* SPDX-License-Identifier: GPL-2.0 */
/* Results in the format of KernelCI's database, KCIDB, schema 5.3. */
#ifndef CB_KCIDB_H
#define CB_KCIDB_H

#include "view/report.h"

#define KCIDB_ORIGIN "chargeback" /* where nothing else is said */

/* False unless origin is one or more of a-z, 0-9 and _. */
bool kcidb_origin_valid(const char *origin);

/*
 * All results as one document, whose only reference is the caller's. Each
 * kernel is a checkout, each kernel with its image a build, and each entry and
 * each cost a test. A control that came out as it must is counted in its build
 * and is no test. A known hole is an issue; an incident links it to the tests
 * in which it was seen (xfail) or was gone (xpass).
 *
 * Ids depend on the results alone: the same result gets the same ids again.
 */
json_t *kcidb_json(const struct report *reports, size_t n, const char *origin);

#endif
