/* SPDX-License-Identifier: GPL-2.0 */
/* Units of measurements, as far as they tell what is good. */
#ifndef CB_UNIT_H
#define CB_UNIT_H

/* 1: more is worse; -1: less is; 0: it is no cost. */
int unit_direction(const char *unit);

#endif
