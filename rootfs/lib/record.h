/* SPDX-License-Identifier: GPL-2.0 */
/* The record channel: one line a record, numbered and with a checksum. */
#ifndef CB_RECORD_H
#define CB_RECORD_H

#include <stdbool.h>

#include "json.h"
#include "record/wire.h"

/*
 * Opens the channel and returns its kind: "uart" for the UART of this name
 * below /dev; else, with name NULL, "virtio" for our port of a virtio console;
 * else "console".  Without a channel record_send() sends nothing.
 */
const char *record_open(const char *name);
void record_send(struct json *j);
/* Gets a copy of each line that is sent, where set; true: it has stored it. */
extern bool (*record_hook)(const char *line, size_t len);
/* Returns when all that was sent has left the machine. */
void record_flush(void);

#endif
