// SPDX-License-Identifier: GPL-2.0
/*
 * Finds records in any byte stream. Memory holds one line and the records,
 * never the stream.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/crc32.h"
#include "record/records.h"

#define MARKER_LEN (sizeof(RECORD_MARKER) - 1)
/* Of a line that is too long only its end, the longest record, is kept. */
#define RECORD_SPAN (RECORD_BYTES_MAX + 1)

void records_init(struct records *r)
{
	memset(r, 0, sizeof(*r));
	r->line = xrealloc(NULL, RECORD_LINE_MAX);
}

void records_free(struct records *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free(r->v[i]);
	free(r->v);
	free(r->line);
}

/* Index of the first record numbered seq or higher. */
static size_t lower_bound(const struct records *r, uint64_t seq)
{
	size_t lo = 0, hi = r->n;

	if (!r->n || r->v[r->n - 1]->seq < seq)
		return r->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r->v[mid]->seq < seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void again(struct records *r, struct record *old, const char *json,
		  size_t len)
{
	if (old->len == len && !memcmp(old->json, json, len)) {
		r->counts.repeated++;
		return;
	}
	r->counts.conflicting++;
	if (!old->conflicting)
		r->counts.accepted--;
	old->conflicting = true;
}

static void keep(struct records *r, uint64_t seq, const char *json, size_t len)
{
	size_t at = lower_bound(r, seq);
	struct record *new;

	if (at < r->n && r->v[at]->seq == seq) {
		again(r, r->v[at], json, len);
		return;
	}
	if (r->n == RECORDS_MAX) {
		r->counts.unkept++;
		return;
	}
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 256;
		r->v = xrealloc(r->v, r->room * sizeof(*r->v));
	}
	if (at < r->n)
		r->counts.reordered++;
	new = xrealloc(NULL, sizeof(*new) + len);
	new->seq = seq;
	new->conflicting = false;
	new->len = len;
	memcpy(new->json, json, len);
	memmove(r->v + at + 1, r->v + at, (r->n - at) * sizeof(*r->v));
	r->v[at] = new;
	r->n++;
	r->counts.accepted++;
}

/* Decimal, no sign, no leading zero; leaves *p behind the blank after it. */
static bool take_seq(const char **p, const char *end, uint64_t *seq)
{
	const char *s = *p;

	*seq = 0;
	while (s < end && *s >= '0' && *s <= '9' &&
	       s - *p < RECORD_NUMBER_DIGITS)
		*seq = *seq * 10 + (uint64_t)(*s++ - '0');
	if (s == *p || (**p == '0' && s - *p > 1))
		return false;
	if (s == end || *s != ' ')
		return false;
	*p = s + 1;
	return true;
}

static bool take_crc(const char **p, const char *end, uint32_t *crc)
{
	static const char digits[] = "0123456789abcdef";
	const char *s = *p;
	int i;

	if (end - s <= RECORD_CRC_DIGITS || s[RECORD_CRC_DIGITS] != ' ')
		return false;
	*crc = 0;
	for (i = 0; i < RECORD_CRC_DIGITS; i++) {
		const char *d = memchr(digits, s[i], sizeof(digits) - 1);

		if (!d)
			return false;
		*crc = *crc << 4 | (uint32_t)(d - digits);
	}
	*p = s + RECORD_CRC_DIGITS + 1;
	return true;
}

/*
 * True for an object with a type. records.jsonl adds "seq" and "boot", so a
 * record must not have them.
 */
static bool json_fits(const char *json, size_t len)
{
	json_t *o;
	bool fits;

	if (!len || len > RECORD_JSON_MAX || *json != '{' ||
	    json[len - 1] != '}')
		return false;
	o = json_loadb(json, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
		       NULL);
	fits = json_is_string(json_object_get(o, "t")) &&
	       !json_object_get(o, "seq") && !json_object_get(o, "boot");
	json_decref(o);
	return fits;
}

/* Takes the text behind a marker. True when its checksum is right. */
static bool take_record(struct records *r, const char *p, const char *end)
{
	uint64_t seq;
	uint32_t crc;

	if (!take_seq(&p, end, &seq) || !take_crc(&p, end, &crc) ||
	    end - p > RECORD_JSON_MAX) {
		r->counts.malformed++;
		return false;
	}
	if (crc32_ieee(0, p, (size_t)(end - p)) != crc) {
		r->counts.crc_errors++;
		return false;
	}
	if (json_fits(p, (size_t)(end - p)))
		keep(r, seq, p, (size_t)(end - p));
	else
		r->counts.malformed++;
	return true;
}

static const char *find_marker(const char *p, const char *end)
{
	return memmem(p, (size_t)(end - p), RECORD_MARKER, MARKER_LEN);
}

/*
 * Other text, or a part of another record, may come first in the line; a record
 * always reaches to the end of the line.
 */
static void take_line(struct records *r, const char *p, size_t len)
{
	const char *end = p + len;

	r->counts.lines++;
	while (end > p && end[-1] == '\r')
		end--;
	while ((p = find_marker(p, end))) {
		p += MARKER_LEN;
		if (take_record(r, p, end))
			return;
	}
}

/* The buffer is full without a newline: only its end may be a record. */
static void drop_head(struct records *r)
{
	size_t head = r->fill - RECORD_SPAN;

	if (!r->overlong)
		r->counts.overlong++;
	r->overlong = true;
	if (find_marker(r->line, r->line + head))
		r->counts.malformed++;
	memmove(r->line, r->line + head, RECORD_SPAN);
	r->fill = RECORD_SPAN;
}

void records_feed(struct records *r, const void *data, size_t len)
{
	const char *p = data;

	r->counts.bytes += len;
	while (len) {
		const char *nl = memchr(p, '\n', len);
		size_t part = nl ? (size_t)(nl - p) : len;

		if (part > RECORD_LINE_MAX - r->fill) {
			part = RECORD_LINE_MAX - r->fill;
			nl = NULL;
		}
		memcpy(r->line + r->fill, p, part);
		r->fill += part;
		p += part;
		len -= part;
		if (nl) {
			take_line(r, r->line, r->fill);
			r->fill = 0;
			r->overlong = false;
			p++;
			len--;
		} else if (r->fill == RECORD_LINE_MAX && len) {
			drop_head(r);
		}
	}
}

void records_finish(struct records *r)
{
	uint64_t want = 0;
	size_t i;

	if (find_marker(r->line, r->line + r->fill))
		r->counts.truncated++;
	r->fill = 0;
	r->overlong = false;

	r->counts.gaps = 0;
	r->counts.missing = 0;
	for (i = 0; i < r->n; i++) {
		uint64_t seq = r->v[i]->seq;

		r->counts.gaps += seq != want;
		r->counts.missing += seq - want;
		want = seq + 1;
	}
}

int records_read(struct records *r, const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	static char buf[RECORD_LINE_MAX];
	ssize_t got;
	int why;

	if (fd < 0)
		return refuse(err, "%s: %s; a file of bytes from the guest",
			      path, strerror(errno));
	do {
		got = read(fd, buf, sizeof(buf));
		if (got > 0)
			records_feed(r, buf, (size_t)got);
	} while (got > 0 || (got < 0 && errno == EINTR));
	why = errno;
	close(fd);
	if (got < 0)
		return refuse(err, "%s: %s; a file of bytes from the guest",
			      path, strerror(why));
	records_finish(r);
	return 0;
}

bool records_whole(const struct records *r, uint64_t first, uint64_t last)
{
	size_t at = lower_bound(r, first);
	uint64_t seq;

	for (seq = first; seq <= last; seq++, at++) {
		if (at == r->n || r->v[at]->seq != seq || r->v[at]->conflicting)
			return false;
	}
	return true;
}
