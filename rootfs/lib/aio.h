/* SPDX-License-Identifier: GPL-2.0 */
/* Asynchronous reads and writes, by the system calls themselves. */
#ifndef CB_AIO_H
#define CB_AIO_H

#include <stdbool.h>
#include <linux/aio_abi.h>

/* Makes a context for this many requests at once. */
aio_context_t aio_make(int requests);
/*
 * Submits one request.  The descriptor must be open for direct I/O, or the call
 * waits for the request's end.
 */
void aio_submit(aio_context_t aio, int fd, bool writing, void *buf,
		unsigned int bytes, long long at);
/*
 * Waits for at least one request, and returns how many have ended.  A request
 * that moved another number of bytes is an error.
 */
int aio_reap(aio_context_t aio, unsigned int bytes);
/* Waits for all requests in flight, and removes the context. */
void aio_end(aio_context_t aio);

#endif
