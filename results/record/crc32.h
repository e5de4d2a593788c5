/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CB_CRC32_H
#define CB_CRC32_H

#include <stddef.h>
#include <stdint.h>

/*
 * CRC-32 of IEEE 802.3. Pass 0 to start, the last result to continue over
 * data that comes in pieces.
 */
uint32_t crc32_ieee(uint32_t crc, const void *data, size_t len);

#endif
