/* SPDX-License-Identifier: GPL-2.0 */
/* One boot under way: what the loop and the channels share. */
#ifndef SUPERVISE_RUN_H
#define SUPERVISE_RUN_H

#include "supervise.h"

/* In this order something is done to an end; each but the last has a bound. */
enum phase {
	PHASE_RUN,
	PHASE_PANICKED, /* the kernel prints its last lines */
	PHASE_ASK, /* the kernel is asked for them */
	PHASE_QUIT, /* QEMU is expected to leave */
	PHASE_KILLED, /* nothing is left but to wait for the process */
};

struct run {
	const struct options *opt;
	struct outcome *out;
	int dir;
	struct vm vm;
	struct qmp qmp;
	struct progress progress;
	struct terminal terminal;
	struct sysrq sysrq;
	struct sink console;
	struct sink records;
	struct sink log;
	int signals;
	int timer;
	enum phase phase;
	bool host_failed; /* the disk does not take what the guest says */
	int64_t start;
	int64_t heard; /* the last sign of life: a record; before one, any byte */
	int64_t console_heard; /* 0: never */
	int64_t due; /* bound of a phase other than PHASE_RUN */
	char last_log[200]; /* QEMU's own last line */
};

/* watch.c */
void kill_vm(struct run *r);

/* channels.c */
void channels_open(struct run *r);
bool channel_input(struct run *r, int *fd);
void channels_drain(struct run *r);
bool channels_close(struct run *r);

#endif
