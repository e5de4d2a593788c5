/* SPDX-License-Identifier: GPL-2.0 */
/* fio as a process of a scenario.  Needs NEEDS_FIO. */
#ifndef CB_FIO_H
#define CB_FIO_H

#define NEEDS_FIO "/bin/fio"

/*
 * Writes in random order, reads back, and verifies each block by its CRC.  args
 * are fio's, up to a NULL: at least a file, a size and block sizes.  Returns
 * fio's wait status; a fio that outlives ms is an error.
 */
int fio_verify(const char *const *args, int ms);

#endif
