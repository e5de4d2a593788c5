// SPDX-License-Identifier: GPL-2.0
/*
 * Ask a silent kernel what it is doing: SysRq over the serial line, which is a
 * break followed by a key. What it prints goes where the console goes.
 */
#include <sys/socket.h>

#include "supervise.h"

/*
 * 9 first: the reports are printed at a level that the image's own setting
 * would hide. Then blocked tasks, what the processors run, all tasks.
 */
static const char keys[] = { '9', 'w', 'l', 't' };

#define KEY_MS 2000 /* the bound for one key's report */
#define QUIET_MS 300 /* after this much silence it has said all */

static void send_break(struct sysrq *s, int qmp, int64_t now)
{
	qmp_command(qmp, "chardev-send-break", "{\"id\":\"console\"}");
	s->waiting = true;
	s->sent = false;
	s->due_ms = now + KEY_MS;
}

void sysrq_start(struct sysrq *s, int qmp, int64_t now)
{
	s->next = 0;
	send_break(s, qmp, now);
}

/*
 * True when all was asked and answered. heard is when the console's last byte
 * came. A key must not overtake its break: they travel on different channels,
 * so the key waits for QEMU's answer.
 */
bool sysrq_step(struct sysrq *s, const struct vm *vm, struct qmp *q,
		int64_t now, int64_t heard)
{
	if (s->waiting && q->broke) {
		q->broke = false;
		s->waiting = false;
		s->sent = vm->console >= 0 &&
			  send(vm->console, &keys[s->next], 1,
			       MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
		s->due_ms = now + KEY_MS;
	}
	if (now < sysrq_due(s, heard))
		return false;
	/* No break or no answer at all: more keys would fare no better. */
	if (!s->sent || heard < s->due_ms - KEY_MS)
		return true;
	if (++s->next == sizeof(keys))
		return true;
	send_break(s, vm->qmp, now);
	return false;
}

int64_t sysrq_due(const struct sysrq *s, int64_t heard)
{
	if (s->sent && heard >= s->due_ms - KEY_MS &&
	    heard + QUIET_MS < s->due_ms)
		return heard + QUIET_MS;
	return s->due_ms;
}
