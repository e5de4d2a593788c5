/* SPDX-License-Identifier: GPL-2.0 */
/* Swap space on a disk. */
#ifndef CB_SWAP_H
#define CB_SWAP_H

/* Makes the first pages of a disk swap space, and uses it. */
void swap_start(const char *disk, unsigned int pages);
/* Reads everything back; where there is no swap space, nothing happens. */
void swap_stop(const char *disk);

#endif
