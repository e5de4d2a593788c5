/* SPDX-License-Identifier: GPL-2.0 */
/* One boot under way, for the loop and the channels. */
#ifndef SUPERVISE_RUN_H
#define SUPERVISE_RUN_H

#include "supervise.h"

/* A run goes through these in this order; each but the last has a deadline. */
enum phase {
	PHASE_RUN,
	PHASE_PANICKED, /* the kernel prints its last lines */
	PHASE_ASK, /* the kernel is asked for them */
	PHASE_QUIT, /* QEMU is expected to leave */
	PHASE_KILLED, /* only the end of the process is left to wait for */
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
	struct sysrq_line line;
	struct sink console;
	struct sink records;
	struct sink log;
	int signals;
	int timer;
	enum phase phase;
	bool host_failed; /* a file of the folder cannot be written */
	int64_t start;
	int64_t heard; /* when the last record came; before one, any byte */
	int64_t console_heard; /* 0: never */
	int64_t due; /* deadline of a phase other than PHASE_RUN */
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
