/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The record lines, which FORMAT.md describes. The guest that writes them and
 * the host that reads them are built from this file.
 */
#ifndef CB_WIRE_H
#define CB_WIRE_H

/* The version that a hello record states; a reader refuses any other. */
#define RECORD_SCHEMA 1

/* A line is the marker, number, space, CRC-32, space, JSON, newline. */
#define RECORD_MARKER "@cb "
#define RECORD_NUMBER_DIGITS 9 /* at most: numbers end at 999 999 999 */
#define RECORD_CRC_DIGITS 8
#define RECORD_JSON_MAX 4096 /* bytes of JSON in one record */
/* The longest record, with its newline. */
#define RECORD_BYTES_MAX                                        \
	(sizeof(RECORD_MARKER) - 1 + RECORD_NUMBER_DIGITS + 1 + \
	 RECORD_CRC_DIGITS + 1 + RECORD_JSON_MAX + 1)

/* Bytes that a reader keeps of one line; other text may precede the record. */
#define RECORD_LINE_MAX 65536
/* Records that a reader keeps of one boot; it counts the rest as lost. */
#define RECORDS_MAX (1 << 18)

/* The name of the virtio-serial port that takes records. */
#define RECORD_PORT "chargeback.records"

/* The types: the member "t" of a record. */
#define RECORD_HELLO "hello"
#define RECORD_BEGIN "begin"
#define RECORD_TICK "tick"
#define RECORD_EVIDENCE "evidence"
#define RECORD_OUTPUT "output"
#define RECORD_OUTPUT_END "output-end"
#define RECORD_WINDOW "window"
#define RECORD_SYMBOLS "symbols"
#define RECORD_WARNING "warning"
#define RECORD_END "end"
#define RECORD_STRAY "stray"
#define RECORD_BYE "bye"

#endif
