// SPDX-License-Identifier: GPL-2.0
// A disk that a process serves: the network block device on a socket pair.
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/nbd.h>

#include "nbd.h"
#include "process.h"
#include "scenario.h"

/* The server moves a request in pieces of at most this size. */
#define PIECE 65536
#define STEP_MS 20000

#define NBD_SYSFS "/sys/block/nbd0/"

/* The server's end of the socket pair, and the kernel's. */
static int peer, lent;
/* The server's descriptor of the disk's content. */
static int file;

static void take(void *buf, size_t bytes)
{
	ssize_t n = CHECK(recv(peer, buf, bytes, MSG_WAITALL));

	if ((size_t)n != bytes)
		FAIL(0, "%zd of %zu bytes of a request", n, bytes);
}

static void give(const void *buf, size_t bytes)
{
	ssize_t n = CHECK(send(peer, buf, bytes, MSG_NOSIGNAL));

	if ((size_t)n != bytes)
		FAIL(0, "%zd of %zu bytes of an answer", n, bytes);
}

/* Receives or sends a request's data. */
static void move(bool writing, long long at, unsigned int bytes)
{
	static char buf[PIECE];
	unsigned int piece;

	for (; bytes; bytes -= piece, at += piece) {
		piece = bytes < PIECE ? bytes : PIECE;
		if (writing) {
			take(buf, piece);
			pwrite_all(file, buf, piece, at);
		} else {
			pread_all(file, buf, piece, at);
			give(buf, piece);
		}
	}
}

static void answer(const struct nbd_request *request)
{
	struct nbd_reply reply = { .magic = htobe32(NBD_REPLY_MAGIC) };

	memcpy(reply.handle, request->handle, sizeof(reply.handle));
	give(&reply, sizeof(reply));
}

/* Serves until the disk is disconnected. */
static void serve(void *arg)
{
	struct nbd_request request;
	struct nbd *n = arg;
	unsigned int bytes;
	long long at;

	/* The kernel notices the server's exit only if this is closed. */
	CHECK(close(lent));
	file = CHECK(open(n->file, O_RDWR | O_CLOEXEC));
	if (n->on_start)
		n->on_start();
	for (;;) {
		take(&request, sizeof(request));
		at = be64toh(request.from);
		bytes = be32toh(request.len);
		switch (be32toh(request.type)) {
		case NBD_CMD_READ:
			answer(&request);
			move(false, at, bytes);
			break;
		case NBD_CMD_WRITE:
			if (n->on_write)
				n->on_write();
			move(true, at, bytes);
			answer(&request);
			break;
		case NBD_CMD_FLUSH:
			CHECK(fdatasync(file));
			answer(&request);
			break;
		case NBD_CMD_DISC:
			return;
		default:
			FAIL(0, "a request of type %u", be32toh(request.type));
		}
	}
}

/* The call NBD_DO_IT returns when the disk is disconnected. */
static void keep(void *arg)
{
	int fd = CHECK(open(NBD_DISK, O_RDWR | O_CLOEXEC));
	struct nbd *n = arg;

	CHECK(close(peer));
	CHECK(ioctl(fd, NBD_SET_BLKSIZE, BLOCK));
	CHECK(ioctl(fd, NBD_SET_SIZE_BLOCKS, n->bytes / BLOCK));
	CHECK(ioctl(fd, NBD_SET_FLAGS,
		    NBD_FLAG_HAS_FLAGS | NBD_FLAG_SEND_FLUSH));
	CHECK(ioctl(fd, NBD_SET_SOCK, lent));
	CHECK(ioctl(fd, NBD_DO_IT));
	CHECK(ioctl(fd, NBD_CLEAR_SOCK));
	CHECK(close(fd));
}

/* The disk may be served before it has a size; until then all I/O fails. */
static bool is_there(void *unused)
{
	char size[32];

	(void)unused;
	return access(NBD_SYSFS "pid", F_OK) == 0 &&
	       file_read(NBD_SYSFS "size", size, sizeof(size)) > 0 &&
	       strcmp(size, "0\n");
}

void nbd_start(struct nbd *n)
{
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	peer = ends[0];
	lent = ends[1];
	n->server = process_start(n->group, serve, n);
	n->keeper = process_start(NULL, keep, n);
	CHECK(close(peer));
	CHECK(close(lent));
	if (!wait_until(is_there, NULL, STEP_MS))
		FAIL(0, "%s is not served", NBD_DISK);
}

/* The keeper ends as well, when the kernel sees that the socket is closed. */
void nbd_crash(struct nbd *n)
{
	int status;

	CHECK(kill(n->server, SIGKILL));
	if (!process_wait(n->server, &status, STEP_MS * patience))
		FAIL(0, "SIGKILL does not end the disk's server");
	process_end(n->keeper, STEP_MS, "the disk's keeper");
	n->keeper = 0;
}

void nbd_stop(struct nbd *n)
{
	int fd;

	if (!n->keeper)
		return;
	fd = CHECK(open(NBD_DISK, O_RDWR | O_CLOEXEC));
	CHECK(ioctl(fd, NBD_DISCONNECT));
	CHECK(close(fd));
	process_end(n->server, STEP_MS, "the disk's server");
	process_end(n->keeper, STEP_MS, "the disk's keeper");
	n->keeper = 0;
}
