// SPDX-License-Identifier: GPL-2.0
/* QEMU's control channel: one JSON object per line, both ways. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "supervise.h"

/*
 * Sends without waiting. A full socket needs no handling: each answer has a
 * deadline, which also catches a QEMU that does not read. arguments is JSON or
 * NULL. The answer has the command's name as its id.
 */
void qmp_command(int fd, const char *name, const char *arguments)
{
	char text[256];
	int len;

	if (fd < 0)
		return;
	len = snprintf(text, sizeof(text),
		       "{\"execute\":\"%s\",\"id\":\"%s\"%s%s}\n", name, name,
		       arguments ? ",\"arguments\":" : "",
		       arguments ? arguments : "");
	if (send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

static void greeting(struct qmp *q, int fd, json_t *version)
{
	const char *package = "";
	int major, minor, micro;

	if (!json_unpack(version, "{s:{s:i,s:i,s:i}}", "qemu", "major", &major,
			 "minor", &minor, "micro", &micro)) {
		json_unpack(version, "{s:s}", "package", &package);
		snprintf(q->version, sizeof(q->version),
			 "QEMU emulator version %d.%d.%d%s%.100s%s", major,
			 minor, micro, *package ? " (" : "", package,
			 *package ? ")" : "");
		q->version[make_harmless(q->version, strlen(q->version))] = 0;
	}
	qmp_command(fd, "qmp_capabilities", NULL);
}

static void answer(struct qmp *q, int fd, const char *id)
{
	if (!strcmp(id, "qmp_capabilities")) {
		if (!q->hold)
			qmp_command(fd, "cont", NULL);
		else
			q->ready = true;
	} else if (!strcmp(id, "cont")) {
		q->ready = true;
	} else if (!strcmp(id, "chardev-send-break")) {
		q->broke = true;
	}
}

static void event(struct qmp *q, const char *name, json_t *message)
{
	const char *reason = "";
	int guest = 0;

	if (!strcmp(name, "GUEST_PANICKED")) {
		q->panicked = true;
	} else if (!strcmp(name, "SHUTDOWN")) {
		json_unpack(message, "{s:{s:b,s:s}}", "data", "guest", &guest,
			    "reason", &reason);
		q->shutdown_guest = guest;
		snprintf(q->shutdown, sizeof(q->shutdown), "%s",
			 *reason ? reason : "unknown");
	}
}

static void message_input(struct qmp *q, int fd, const char *text, size_t len)
{
	json_t *message = json_loadb(text, len, 0, NULL);
	const char *word;
	json_t *version;

	if (!message)
		return;
	if (!json_unpack(message, "{s:{s:o}}", "QMP", "version", &version))
		greeting(q, fd, version);
	else if (!json_unpack(message, "{s:s}", "event", &word))
		event(q, word, message);
	else if (json_object_get(message, "return") &&
		 !json_unpack(message, "{s:s}", "id", &word))
		answer(q, fd, word);
	json_decref(message);
}

/* Takes bytes from QEMU, cut anywhere; ignores messages that we do not know. */
void qmp_input(struct qmp *q, int fd, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] != '\n') {
			if (q->len < sizeof(q->buf))
				q->buf[q->len++] = data[i];
			else
				q->overlong = true;
			continue;
		}
		if (!q->overlong)
			message_input(q, fd, q->buf, q->len);
		q->overlong = false;
		q->len = 0;
	}
}
