/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CB_RECORDS_H
#define CB_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "record/wire.h"

struct record {
	uint64_t seq;
	/* Two records have this number and different bytes: use neither. */
	bool conflicting;
	size_t len;
	char json[];
};

/* Counts of a stream. All from crc_errors on are defects. */
struct record_counts {
	uint64_t bytes;
	uint64_t lines; /* complete ones */
	uint64_t accepted; /* distinct records in no conflict */
	uint64_t repeated; /* dropped: same number, same bytes */
	uint64_t reordered; /* came after one with a higher number */
	uint64_t overlong; /* lines of more than RECORD_LINE_MAX bytes */
	uint64_t crc_errors;
	uint64_t conflicting; /* same number, other bytes */
	uint64_t malformed; /* marker, but no record behind it */
	uint64_t truncated; /* marker in a last line without a newline */
	uint64_t gaps; /* runs of numbers that never came */
	uint64_t missing; /* numbers that never came */
	uint64_t unkept; /* beyond RECORDS_MAX */
};

struct records {
	struct record **v; /* by rising seq */
	size_t n;
	struct record_counts counts;
	/* The line at hand; private to the reader. */
	char *line;
	size_t fill;
	bool overlong;
	size_t room;
};

void records_init(struct records *r);
void records_free(struct records *r);

/*
 * Takes any bytes, cut anywhere, and a second stream after the first.
 * records_finish() ends a stream and computes gaps and missing.
 */
void records_feed(struct records *r, const void *data, size_t len);
void records_finish(struct records *r);

/* Feeds and finishes a file; 0, or -1 with err set when it cannot be read. */
int records_read(struct records *r, const char *path, struct error *err);

/* Whether all records from first to last are there and in no conflict. */
bool records_whole(const struct records *r, uint64_t first, uint64_t last);

#endif
