// SPDX-License-Identifier: GPL-2.0
// Asynchronous reads and writes, by the system calls themselves.
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "aio.h"
#include "util.h"

aio_context_t aio_make(int requests)
{
	aio_context_t aio = 0;

	CHECK(syscall(SYS_io_setup, requests, &aio));
	return aio;
}

void aio_submit(aio_context_t aio, int fd, bool writing, void *buf,
		unsigned int bytes, long long at)
{
	struct iocb cb = {
		.aio_lio_opcode = writing ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
		.aio_fildes = fd,
		.aio_buf = (uintptr_t)buf,
		.aio_nbytes = bytes,
		.aio_offset = at,
	};
	struct iocb *list[] = { &cb };

	if (CHECK(syscall(SYS_io_submit, aio, 1, list)) != 1)
		FAIL(0, "io_submit took no request");
}

int aio_reap(aio_context_t aio, unsigned int bytes)
{
	struct io_event done[64];
	long i, n;

	do
		n = syscall(SYS_io_getevents, aio, 1, ARRAY_SIZE(done), done,
			    NULL);
	while (n < 0 && errno == EINTR);
	CHECK(n);
	for (i = 0; i < n; i++)
		if (done[i].res != bytes)
			FAIL(done[i].res < 0 ? -done[i].res : 0,
			     "a request ended with %lld of %u bytes",
			     (long long)done[i].res, bytes);
	return n;
}

void aio_end(aio_context_t aio)
{
	CHECK(syscall(SYS_io_destroy, aio));
}
