/* SPDX-License-Identifier: GPL-2.0 */
/* Boots an image in QEMU and watches it to its end. */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "host.h"
#include "progress.h"
#include "record/wire.h"
#include "sink.h"
#include "sysrq.h"

#define PLUGINS_MAX 2

struct options {
	const char *image;
	const char *initrd; /* NULL: the image carries its own */
	const char *out;
	const char *append; /* NULL: no words for the kernel */
	const char *qemu;
	const char *prompt; /* of the guest, with interactive; NULL: none */
	const char *accel;
	const char *mem;
	unsigned int smp;
	int64_t deadline_ms; /* 0: no bound */
	int64_t silence_ms; /* 0: no bound */
	const char *plugins[PLUGINS_MAX]; /* the unused ones are NULL */
	bool virtual; /* the guest's clock counts its instructions */
	bool gdb;
	bool interactive;
	bool quiet;
	bool shared; /* other boots write to the same terminal */
	bool eta; /* print the time left with each result */
};

/* options.c */
void options_parse(struct options *opt, int argc, char **argv);

/* vm.c: the QEMU process. A channel is -1 once it has closed. */
struct vm {
	pid_t pid; /* 0: none, or reaped */
	int status; /* wait status; valid once pid is 0 again */
	int console;
	int records;
	int qmp;
	int log; /* QEMU's own stdout and stderr */
};

void vm_start(struct vm *vm, const struct options *opt);
bool vm_reap(struct vm *vm, bool wait);
void vm_kill(struct vm *vm);
void vm_close(struct vm *vm);

/* tsc.c: in kHz, right to one in a thousand; 0 where there is none. */
unsigned int tsc_khz(void);

/* qmp.c: the state of QEMU, from its control channel. */
struct qmp {
	char buf[65536];
	size_t len;
	bool overlong; /* a message outgrew buf and is being dropped */
	bool hold; /* leave the guest stopped, for a debugger */
	bool ready; /* QEMU is set up and has let the guest go */
	bool broke; /* the last break has been sent to the guest */
	bool panicked;
	char shutdown[32]; /* reason; empty: none seen */
	bool shutdown_guest;
	char version[160];
};

void qmp_input(struct qmp *q, int fd, const char *data, size_t len);
void qmp_command(int fd, const char *name, const char *arguments);

/* terminal.c: the caller's terminal as the guest's console. */
struct terminal {
	bool attached; /* stdin is read and given to the guest */
	const char *prompt; /* NULL: do not wait for one */
	size_t matched; /* characters of it */
	bool held; /* stdin is not read before the prompt */
	bool raw;
	struct termios saved;
	pid_t keeper;
	int keeper_pipe;
	bool escape; /* Ctrl-A was the last key */
	bool quit; /* Ctrl-A x was typed */
	bool ended; /* standard input has no more */
	char last; /* of the input; 0: none, or ended by a line end */
	int64_t end_ms; /* when the guest is told next that it ended */
	char pending[4096];
	size_t len;
};

void terminal_attach(struct terminal *t, const char *prompt);
void terminal_output(struct terminal *t, const char *data, size_t len);
int terminal_wants(const struct terminal *t);
void terminal_input(struct terminal *t);
int64_t terminal_due(const struct terminal *t);
void terminal_end(struct terminal *t, int64_t now);
void terminal_flush(struct terminal *t, int console);
void terminal_detach(struct terminal *t);

/* watch.c: the loop from start to end. */
struct outcome {
	enum boot_end end;
	char detail[400];
	int64_t wall_ms;
	int64_t first_record_ms; /* since QEMU's start; -1: no byte came */
	char version[160]; /* QEMU's; empty: not known */
	bool truncated;
	bool started; /* the guest ran at least one instruction */
	int signal; /* that interrupted the run; 0: none */
};

void watch(struct outcome *o, const struct options *opt, int dir);

/* outcome.c: boot.json. */
bool outcome_write(const struct outcome *o, const struct options *opt);

#endif
