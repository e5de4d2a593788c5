/* SPDX-License-Identifier: GPL-2.0 */
/* The exit statuses of a run. */
#ifndef CB_STATUS_H
#define CB_STATUS_H

/*
 * Name, number and text; of several, the one further up has precedence.
 * scripts/help.sh reads this list too, so each status is one line of this form.
 */
/* clang-format off */
#define STATUSES(S)                                                  \
	S(USAGE, 2, "wrong usage, or the host lacks something")           \
	S(MACHINE, 3, "splat, panic or hang of the machine under test")   \
	S(HARNESS, 4, "the harness could not tell")                       \
	S(CLAIM, 1, "a claim failed, or unexpectedly held")               \
	S(EXPECTED, 0, "all as expected")
/* clang-format on */

#define STATUS_NAME(name, number, text) STATUS_##name = number,
enum status {
	STATUSES(STATUS_NAME)
};
#undef STATUS_NAME

#endif
