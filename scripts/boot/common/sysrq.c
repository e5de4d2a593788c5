// SPDX-License-Identifier: GPL-2.0
/*
 * Has a silent kernel print its tasks, by SysRq over the serial line: a break,
 * then a key. The kernel prints its answer on the console.
 */
#include "sysrq.h"

/*
 * 9 raises the log level, at which the image would hide the reports; then come
 * blocked tasks, the tasks of all processors, all tasks.
 */
static const char keys[] = { '9', 'w', 'l', 't' };

#define KEY_MS 2000 /* at most for the report of one key */
#define QUIET_MS 300 /* of silence end a report */

static void next_break(struct sysrq *s, int64_t now)
{
	s->sent = false;
	s->due_ms = now + KEY_MS;
	s->line->send_break(s->line->arg);
}

void sysrq_start(struct sysrq *s, const struct sysrq_line *line, int64_t now)
{
	s->line = line;
	s->next = 0;
	next_break(s, now);
}

void sysrq_broke(struct sysrq *s, int64_t now)
{
	s->sent = s->line->send_key(s->line->arg, keys[s->next]);
	s->due_ms = now + KEY_MS;
}

bool sysrq_step(struct sysrq *s, int64_t now, int64_t heard)
{
	if (now < sysrq_due(s, heard))
		return false;
	/* Without a break or an answer further keys are useless. */
	if (!s->sent || heard < s->due_ms - KEY_MS)
		return true;
	if (++s->next == sizeof(keys))
		return true;
	next_break(s, now);
	return false;
}

int64_t sysrq_due(const struct sysrq *s, int64_t heard)
{
	if (s->sent && heard >= s->due_ms - KEY_MS &&
	    heard + QUIET_MS < s->due_ms)
		return heard + QUIET_MS;
	return s->due_ms;
}
