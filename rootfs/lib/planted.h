/* SPDX-License-Identifier: GPL-2.0 */
/* For faults that test the harness.  In the control the fault is off. */
#ifndef CB_PLANTED_H
#define CB_PLANTED_H

#define PLANTED_OFF CONTROLS({ "none", EXPECT_FALSE, "off" })

/* Puts evidence on record; the control concludes here. */
void planted_unless_off(void);

#endif
