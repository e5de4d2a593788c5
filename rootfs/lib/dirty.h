/* SPDX-License-Identifier: GPL-2.0 */
/* How many bytes of the page cache may be dirty. */
#ifndef CB_DIRTY_H
#define CB_DIRTY_H

/*
 * Sets vm.dirty_bytes, and the background limit to half of it; the ratios come
 * back when the scenario concludes.
 */
void dirty_limit(long long bytes);
/* Brings the ratios back now. */
void dirty_unlimit(void);
/* Bytes that are dirty or under writeback; the statistics lag. */
long long dirty_bytes(void);

#endif
