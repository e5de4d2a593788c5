/* SPDX-License-Identifier: GPL-2.0 */
/* The record channel: one line a record, numbered and with a checksum. */
#ifndef CB_RECORD_H
#define CB_RECORD_H

#include "json.h"
#include "record/wire.h"

/*
 * Opens the best channel there is and returns its kind: "virtio", "uart" or
 * "console".  Without it record_send() sends nothing.
 */
const char *record_open(void);
void record_send(struct json *j);
/* Returns when all that was sent has left the machine. */
void record_flush(void);

#endif
