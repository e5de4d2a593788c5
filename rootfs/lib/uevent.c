// SPDX-License-Identifier: GPL-2.0
// The kernel's events of block devices.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netlink.h>

#include "uevent.h"
#include "util.h"

#define KERNEL_GROUP 1
#define LONGEST 8192

int uevent_open(void)
{
	struct sockaddr_nl all = { .nl_family = AF_NETLINK,
				   .nl_groups = KERNEL_GROUP };
	int fd = CHECK(socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC,
			      NETLINK_KOBJECT_UEVENT));

	CHECK(bind(fd, (struct sockaddr *)&all, sizeof(all)));
	return fd;
}

/* The value of a key in a message of strings, or "". */
static const char *value_of(const char *message, long len, const char *key)
{
	const char *at;

	for (at = message; at < message + len; at += strlen(at) + 1)
		if (!strncmp(at, key, strlen(key)))
			return at + strlen(key);
	return "";
}

static void parse(struct uevent *e, const char *message, long len)
{
	const char *seq = value_of(message, len, "DISKSEQ=");

	text_set(e->action, sizeof(e->action), "%.15s",
		 value_of(message, len, "ACTION="));
	text_set(e->name, sizeof(e->name), "%.63s",
		 value_of(message, len, "DEVNAME="));
	e->media_change =
		!strcmp(value_of(message, len, "DISK_MEDIA_CHANGE="), "1");
	e->diskseq = *seq ? atoll(seq) : -1;
}

bool uevent_next(int fd, struct uevent *event)
{
	char message[LONGEST + 1];
	ssize_t n;

	do {
		n = recv(fd, message, LONGEST, MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return false;
		CHECK(n);
		message[n] = '\0';
		parse(event, message, n);
	} while (!*event->name);
	return true;
}
