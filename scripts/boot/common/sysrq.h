/* SPDX-License-Identifier: GPL-2.0 */
/* Has a silent kernel print its tasks, by SysRq over the serial line. */
#ifndef BOOT_SYSRQ_H
#define BOOT_SYSRQ_H

#include <stdbool.h>
#include <stdint.h>

/* How the break and the key behind it reach the machine. */
struct sysrq_line {
	void (*send_break)(void *arg); /* sysrq_broke() confirms it */
	bool (*send_key)(void *arg, char key); /* false: not sent */
	void *arg;
};

struct sysrq {
	const struct sysrq_line *line;
	unsigned int next; /* index of the key to send */
	bool sent; /* its key has been given to the machine */
	int64_t due_ms; /* when to stop waiting for this key */
};

void sysrq_start(struct sysrq *s, const struct sysrq_line *line, int64_t now);
/* The break has been sent: now the key can follow. */
void sysrq_broke(struct sysrq *s, int64_t now);
/*
 * True when all keys were sent and answered. heard is the time of the console's
 * last byte.
 */
bool sysrq_step(struct sysrq *s, int64_t now, int64_t heard);
int64_t sysrq_due(const struct sysrq *s, int64_t heard);

#endif
