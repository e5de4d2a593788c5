/* SPDX-License-Identifier: GPL-2.0 */
/* How an entry came out on the machine under test. */
#ifndef CB_CLAIM_H
#define CB_CLAIM_H

enum claim {
	CLAIM_NONE, /* the entry has not ended, or its end is unreadable */
	CLAIM_HELD,
	CLAIM_FAILED,
	CLAIM_SKIP,
	/* These replace an earlier conclusion. */
	CLAIM_ERROR,
	CLAIM_TIMEOUT,
	CLAIM_SPLAT,
	CLAIMS,
};

/* The member "claim" of an end record; "" for CLAIM_NONE. */
extern const char *const claim_names[CLAIMS];

#endif
