/* SPDX-License-Identifier: GPL-2.0 */
/* Runs one entry of the plan and sends its records. */
#ifndef CB_RUNNER_H
#define CB_RUNNER_H

#include "plan.h"

/* Before the first entry. */
void runner_start(void);
/* false: the machine is not fit for another entry. */
bool runner_run(const struct entry *e);
/*
 * Waits for what is left of the entries before, and ends them.  Returns how
 * many of all that ran did not come out as they should.  If the machine is not
 * fit, whatever else it says of itself follows from that.
 */
int runner_finish(bool fit);

#endif
