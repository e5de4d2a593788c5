/* SPDX-License-Identifier: GPL-2.0 */
/* Runs one entry of the plan and sends its records. */
#ifndef CB_RUNNER_H
#define CB_RUNNER_H

#include "plan.h"

/* Call it before the first entry. */
void runner_start(void);
/* false: the machine is not fit for another entry. */
bool runner_run(const struct entry *e);
/*
 * Waits for the cgroups of all entries to be freed, and ends these entries.
 * Returns how many of all did not come out as they should.  If the machine is
 * not fit, further reports of the kernel are consequences, and are ignored.
 */
int runner_finish(bool fit);

#endif
