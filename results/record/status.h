/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The exit statuses of a run.  Of several, the one further up in this list
 * has precedence.  scripts/help.sh reads numbers, order and texts from here, so
 * each status is one line of this form.
 */
#ifndef CB_STATUS_H
#define CB_STATUS_H

#define STATUS_USAGE 2 /* wrong usage, or the host lacks something */
#define STATUS_MACHINE 3 /* splat, panic or hang of the machine under test */
#define STATUS_HARNESS 4 /* the harness could not tell */
#define STATUS_CLAIM 1 /* a claim failed, or unexpectedly held */
#define STATUS_EXPECTED 0 /* all as expected */

#endif
