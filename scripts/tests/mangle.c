// SPDX-License-Identifier: GPL-2.0
/* Damages a recorded stream of records in a named way, for the self-test. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/crc32.h"
#include "record/wire.h"

#define COUNT_MAX 1024
#define FLOOD (RECORDS_MAX + 40000) /* more than the reader keeps */

/* The records of the stream; a record's number is its index. */
static char records[COUNT_MAX][RECORD_JSON_MAX + 1];
static size_t count;

static void fail(const char *what)
{
	fprintf(stderr, "mangle: %s\n", what);
	exit(2);
}

/* The record that the faults are about. */
static size_t evidence(void)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strstr(records[i], "\"t\":\"evidence\""))
			return i;
	fail("no evidence in the stream");
	return 0;
}

static void put(uint64_t number, const char *json)
{
	printf(RECORD_MARKER "%" PRIu64 " %08x %s\n", number,
	       crc32_ieee(0, json, strlen(json)), json);
}

static void put_from(size_t first, size_t end)
{
	for (; first < end; first++)
		put(first, records[first]);
}

/* Writes another number behind the key. */
static void set_number(size_t i, const char *key, int number)
{
	char tail[RECORD_JSON_MAX + 1], *value = strstr(records[i], key);

	if (!value)
		fail("the record lacks a key");
	value += strlen(key);
	snprintf(tail, sizeof(tail), "%s", value + strspn(value, "0123456789"));
	snprintf(value, sizeof(records[i]) - (size_t)(value - records[i]),
		 "%d%s", number, tail);
}

/* In the middle of a record, as when the channel breaks. */
static void cut(void)
{
	put_from(0, evidence());
	printf(RECORD_MARKER "%zu 0123", evidence());
}

static void corrupt(void)
{
	size_t at = evidence();

	put_from(0, at);
	printf(RECORD_MARKER "%zu %08x %s\n", at,
	       1 ^ crc32_ieee(0, records[at], strlen(records[at])),
	       records[at]);
	put_from(at + 1, count);
}

static void lose(void)
{
	put_from(0, evidence());
	put_from(evidence() + 1, count);
}

static void reorder(void)
{
	size_t at = evidence();

	put_from(0, at);
	put(at + 1, records[at + 1]);
	put(at, records[at]);
	put_from(at + 2, count);
}

static void duplicate(void)
{
	put_from(0, evidence() + 1);
	put_from(evidence(), count);
}

/* The same number again, with another content that is whole as well. */
static void contradict(void)
{
	put_from(0, count);
	set_number(evidence(), "\"value\":", 77);
	put(evidence(), records[evidence()]);
}

/* Records that are whole, and more of them than anybody keeps. */
static void flood(void)
{
	char tick[64];
	size_t i;

	put_from(0, evidence());
	for (i = 0; i < FLOOD; i++) {
		snprintf(tick, sizeof(tick),
			 "{\"t\":\"tick\",\"id\":0,\"ms\":%zu}", 100000 + i);
		put(evidence() + i, tick);
	}
	for (i = evidence(); i < count; i++)
		put(i + FLOOD, records[i]);
}

/* Between any two records all that a serial line may bring. */
static void noise(void)
{
	size_t i;
	int byte;

	for (i = 0; i < count; i++) {
		for (byte = 0; byte < 256; byte++)
			putchar(byte);
		put(i, records[i]);
	}
}

/* The runner says that it ran more than it did. */
static void miscount(void)
{
	set_number(count - 1, "\"ran\":", 99);
	put_from(0, count);
}

static void misplan(void)
{
	set_number(0, "\"plan\":", 99);
	put_from(0, count);
}

/* An entry's end a second time, and the other way. */
static void forge(void)
{
	put_from(0, count - 1);
	put(count - 1, "{\"t\":\"end\",\"id\":1,\"claim\":\"held\","
		       "\"reason\":\"\",\"ms\":1,\"meters\":[]}");
	put(count, records[count - 1]);
}

static const struct {
	const char *name;
	void (*fault)(void);
} faults[] = {
	{ "cut", cut },
	{ "corrupted", corrupt },
	{ "lost", lose },
	{ "reordered", reorder },
	{ "duplicated", duplicate },
	{ "contradicted", contradict },
	{ "flooded", flood },
	{ "noisy", noise },
	{ "miscounted", miscount },
	{ "misplanned", misplan },
	{ "forged", forge },
};

static void read_all(void)
{
	char line[RECORD_BYTES_MAX + 1], *json;

	while (fgets(line, sizeof(line), stdin)) {
		json = strchr(line, '{');
		if (!json || count == COUNT_MAX)
			fail("not a stream of whole records, or too long");
		json[strcspn(json, "\n")] = '\0';
		snprintf(records[count], sizeof(records[count]), "%s", json);
		count++;
	}
}

int main(int argc, char **argv)
{
	size_t i;

	read_all();
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (argc == 2 && !strcmp(argv[1], faults[i].name)) {
			faults[i].fault();
			return fflush(stdout) ? 2 : 0;
		}
	}
	fail("allowed is one fault's name");
}
