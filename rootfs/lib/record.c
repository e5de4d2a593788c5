// SPDX-License-Identifier: GPL-2.0
// The record channel: one line a record, numbered and with a checksum.
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <linux/serial.h>

#include "record.h"
#include "record/crc32.h"
#include "util.h"

/* How long a virtio console may take to announce its ports. */
#define PORT_MS 2000

static int channel = -1;
static unsigned long seq;
bool (*record_hook)(const char *line, size_t len);

/* Opens our port, if it has been announced; arg is where its fd goes. */
static bool open_port(void *arg)
{
	char name[64], node[PATH_LEN];
	int *fd = arg;
	glob_t found;
	size_t i;

	if (glob("/sys/class/virtio-ports/*/name", 0, NULL, &found))
		return false;
	for (i = 0; i < found.gl_pathc && *fd < 0; i++) {
		if (file_read(found.gl_pathv[i], name, sizeof(name)) < 0 ||
		    strcmp(name, RECORD_PORT "\n"))
			continue;
		*strrchr(found.gl_pathv[i], '/') = '\0';
		text_set(node, sizeof(node), "/dev/%s",
			 strrchr(found.gl_pathv[i], '/') + 1);
		*fd = open(node, O_WRONLY | O_CLOEXEC);
	}
	globfree(&found);
	return *fd >= 0;
}

/* A port is announced some time after its device was found. */
static int open_virtio(void)
{
	int fd = -1;
	glob_t found;

	if (glob("/sys/bus/virtio/drivers/virtio_console/virtio*", 0, NULL,
		 &found))
		return -1;
	globfree(&found);
	wait_until(open_port, &fd, PORT_MS);
	return fd;
}

/* A node may exist without its UART, whose type is then unknown. */
static int open_uart(const char *name)
{
	struct serial_struct uart;
	struct termios line;
	char node[PATH_LEN];
	int fd;

	text_set(node, sizeof(node), "/dev/%s", name);
	fd = open(node, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (ioctl(fd, TIOCGSERIAL, &uart) == 0 && uart.type != PORT_UNKNOWN &&
	    tcgetattr(fd, &line) == 0) {
		cfmakeraw(&line);
		cfsetspeed(&line, B115200);
		if (tcsetattr(fd, TCSANOW, &line) == 0)
			return fd;
	}
	close(fd);
	return -1;
}

/*
 * A UART that nobody named is not ours: it may be the way to a server's
 * management processor or to its power supply.
 */
const char *record_open(const char *name)
{
	channel = name ? open_uart(name) : open_virtio();
	if (channel >= 0)
		return name ? "uart" : "virtio";
	if (name)
		printf("init: cb.records=%s: no such UART; records go to the "
		       "console\n",
		       name);
	channel = CHECK(dup(STDOUT_FILENO));
	CHECK(fcntl(channel, F_SETFD, FD_CLOEXEC));
	return "console";
}

void record_send(struct json *j)
{
	char line[RECORD_BYTES_MAX + 1];
	size_t len, done = 0;
	bool kept;
	ssize_t n;

	if (channel < 0 && !record_hook)
		return;
	len = snprintf(line, sizeof(line), RECORD_MARKER "%lu %08x %s\n", seq++,
		       crc32_ieee(0, j->text, j->len), j->text);
	kept = record_hook && record_hook(line, len);
	while (channel >= 0 && done < len) {
		n = write(channel, line + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		/* A console that fails does not end a run on a medium. */
		if (n < 0 && kept) {
			channel = -1;
			return;
		}
		done += CHECK(n);
	}
}

void record_flush(void)
{
	/* A virtio port has no queue of its own, and refuses this. */
	if (channel >= 0)
		tcdrain(channel);
	tcdrain(STDOUT_FILENO);
}
