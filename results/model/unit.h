/* SPDX-License-Identifier: GPL-2.0 */
/* Which units are costs and which are gains. */
#ifndef CB_UNIT_H
#define CB_UNIT_H

/* 1: more is worse; -1: less is worse; 0: neither. */
int unit_direction(const char *unit);

#endif
