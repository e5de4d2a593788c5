/* SPDX-License-Identifier: GPL-2.0 */
/* Asynchronous reads and writes, by the system calls themselves. */
#ifndef CB_AIO_H
#define CB_AIO_H

#include <stdbool.h>
#include <linux/aio_abi.h>

/* A context for so many requests at once. */
aio_context_t aio_make(int requests);
/*
 * One request of this many bytes; the descriptor must be open for direct I/O,
 * or the call waits for its end.
 */
void aio_submit(aio_context_t aio, int fd, bool writing, void *buf,
		unsigned int bytes, long long at);
/*
 * Waits for one request or more, and returns how many have ended.  One that
 * did not move what it was to move is an error.
 */
int aio_reap(aio_context_t aio, unsigned int bytes);
/* Blocks until all that is under way has ended. */
void aio_end(aio_context_t aio);

#endif
