/* SPDX-License-Identifier: GPL-2.0 */
/* Last words of the kernel that ran before, from memory or the firmware. */
#ifndef CB_LASTWORDS_H
#define CB_LASTWORDS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Mounts pstore and passes each file of it to sink, piece by piece; then
 * removes the file, which frees its place.  Returns whether one of them is of
 * a panic.  Nothing else is ever written to the firmware.
 */
bool lastwords_read(void (*sink)(const char *text, size_t len));

#endif
