/* SPDX-License-Identifier: GPL-2.0 */
/* Describes this machine: maker, firmware, processor, memory. */
#ifndef CB_MACHINE_H
#define CB_MACHINE_H

#include "json.h"

/* Adds the member "machine", an object of texts, without what is unknown. */
void machine_describe(struct json *j);

#endif
