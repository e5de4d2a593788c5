/* SPDX-License-Identifier: GPL-2.0 */
/* The machine's watchdog: it resets a machine whose runner has stopped. */
#ifndef CB_WATCHDOG_H
#define CB_WATCHDOG_H

#include <stdbool.h>

/*
 * Loads the drivers of common watchdogs and arms the first device.  It resets
 * the machine when it has not been fed for this many seconds.  false: the
 * machine has none, so that a hang does not end by itself.
 */
bool watchdog_arm(int seconds);
/* Whether it was the watchdog that ended the boot before. */
bool watchdog_has_reset(void);
/* At most once a second; does nothing without an armed watchdog. */
void watchdog_feed(void);
void watchdog_disarm(void);

#endif
