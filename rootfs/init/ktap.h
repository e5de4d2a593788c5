/* SPDX-License-Identifier: GPL-2.0 */
/* KTAP on the console, for people; results are judged from the records. */
#ifndef CB_KTAP_H
#define CB_KTAP_H

#include <stdbool.h>

#include "meters.h"
#include "plan.h"
#include "report.h"

void ktap_start(const struct plan *p, const struct options *o);
/* What the kernel reports of itself while no entry runs. */
void ktap_stray(const char *splat);
/* Did it come out as it should?  A skip counts as well. */
bool ktap_end(const struct entry *e, enum claim claim, const char *reason,
	      const struct meters *m, const char *evidence);

#endif
