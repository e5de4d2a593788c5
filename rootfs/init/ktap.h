/* SPDX-License-Identifier: GPL-2.0 */
/* KTAP on the console, for people; results are judged from the records. */
#ifndef CB_KTAP_H
#define CB_KTAP_H

#include <stdbool.h>

#include "meters.h"
#include "plan.h"
#include "report.h"

void ktap_start(const struct plan *p, const struct options *o);
/* Prints a splat that came while no entry ran. */
void ktap_stray(const char *splat);
/*
 * Returns whether it came out as it should; a skip did.  It took ms
 * milliseconds.
 */
bool ktap_end(const struct entry *e, enum claim claim, const char *reason,
	      const struct meters *m, const char *evidence, long long ms);

#endif
