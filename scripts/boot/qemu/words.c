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

static void send_break(struct words *w, int qmp, int64_t now)
{
	qmp_command(qmp, "chardev-send-break", "{\"id\":\"console\"}");
	w->waiting = true;
	w->sent = false;
	w->due_ms = now + KEY_MS;
}

void words_start(struct words *w, int qmp, int64_t now)
{
	w->next = 0;
	send_break(w, qmp, now);
}

/*
 * True when all was asked and answered. heard is when the console's last byte
 * came. A key must not overtake its break: they travel on different channels,
 * so the key waits for QEMU's answer.
 */
bool words_step(struct words *w, const struct vm *vm, struct qmp *q,
		int64_t now, int64_t heard)
{
	if (w->waiting && q->broke) {
		q->broke = false;
		w->waiting = false;
		w->sent = vm->console >= 0 &&
			  send(vm->console, &keys[w->next], 1,
			       MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
		w->due_ms = now + KEY_MS;
	}
	if (now < words_due(w, heard))
		return false;
	/* No break or no answer at all: more keys would fare no better. */
	if (!w->sent || heard < w->due_ms - KEY_MS)
		return true;
	if (++w->next == sizeof(keys))
		return true;
	send_break(w, vm->qmp, now);
	return false;
}

int64_t words_due(const struct words *w, int64_t heard)
{
	if (w->sent && heard >= w->due_ms - KEY_MS &&
	    heard + QUIET_MS < w->due_ms)
		return heard + QUIET_MS;
	return w->due_ms;
}
