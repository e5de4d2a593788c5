// SPDX-License-Identifier: GPL-2.0
/*
 * Has a silent kernel print its tasks, by SysRq over the serial line: a break,
 * then a key. The kernel prints its answer on the console.
 */
#include <sys/socket.h>

#include "supervise.h"

/*
 * 9 raises the log level, at which the image would hide the reports; then come
 * blocked tasks, the tasks of all processors, all tasks.
 */
static const char keys[] = { '9', 'w', 'l', 't' };

#define KEY_MS 2000 /* at most for the report of one key */
#define QUIET_MS 300 /* of silence end a report */

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
 * True when all keys were sent and answered. heard is the time of the console's
 * last byte. Break and key travel on different channels, so the key waits until
 * QEMU confirms the break.
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
	/* Without a break or an answer further keys are useless. */
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
