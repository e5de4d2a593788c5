/* SPDX-License-Identifier: GPL-2.0 */
/* Watches a real machine over its serial line and its power switch. */
#ifndef ATTEND_H
#define ATTEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host.h"
#include "progress.h"
#include "sink.h"
#include "sysrq.h"

struct options {
	const char *console; /* a device, HOST:PORT, or a command */
	const char *on, *off; /* shell commands; NULL: there is none */
	const char *out;
	const char *words; /* for the kernel, in the commands' CB_WORDS */
	int64_t deadline_ms; /* 0: no bound */
	int64_t start_ms; /* until the first record; 0: no bound */
	int64_t silence_ms; /* behind the first record; 0: no bound */
	bool quiet;
	bool eta;
};

/* options.c */
void options_parse(struct options *opt, int argc, char **argv);

/* telnet.c: takes the commands of that protocol out of a stream. */
struct telnet {
	bool spoken; /* the other end speaks it: a break can be sent */
	int state;
};

/* Removes commands from data, in place; returns the length that is left. */
size_t telnet_filter(struct telnet *t, char *data, size_t len);
extern const char telnet_break[2];

/* line.c: the serial line. fd is -1 once it has ended. */
enum line_kind {
	LINE_DEVICE,
	LINE_TCP,
	LINE_COMMAND
};

struct line {
	enum line_kind kind;
	const char *name;
	int fd;
	pid_t pid; /* of a command; 0: none */
	struct telnet telnet;
};

/* Exits with STATUS_USAGE and one line if it cannot be opened. */
void line_open(struct line *l, const char *name);
/* 0: nothing came; -1: it has ended. */
ssize_t line_read(struct line *l, char *data, size_t size);
/* False where this kind of line has no break. */
bool line_break(struct line *l);
bool line_key(struct line *l, char key);
void line_close(struct line *l);

/* power.c: one command of the power switch at a time. */
struct power {
	int dir; /* its output is in power.log there */
	const char *words;
	const char *command; /* that runs; NULL: none */
	pid_t pid;
	int64_t due_ms; /* a command that takes longer has failed */
};

void power_start(struct power *p, const char *command, int64_t now);
/*
 * True once the command has ended well, or none was started. Exits with
 * STATUS_USAGE and one line if it failed.
 */
bool power_done(struct power *p, int64_t now);
void power_end(struct power *p);

/*
 * guest.c: what the console says.  Lines are kept whole: none of the next boot
 * may come into the folder of this one.
 */
struct guest {
	void (*keep)(void *arg, const char *line, size_t len);
	void *arg;
	bool heard; /* a record has come since this was last false */
	bool hello, bye;
	bool again; /* it has said hello for a second time */
	bool off, restarts; /* the kernel's last line */
	char *words; /* its own cb. words, with cb.entries; NULL: none yet */
	char *line;
	size_t len;
};

/* Takes bytes of the console, cut anywhere. */
void guest_input(struct guest *g, const char *data, size_t len);
/* The line that was begun will have no end. */
void guest_flush(struct guest *g);

/* watch.c: the loop from power on to the end. */
struct outcome {
	enum boot_end end;
	char detail[400];
	int64_t wall_ms;
	int64_t first_record_ms; /* since power on; -1: none came */
	bool truncated;
	const char *words;
	int signal; /* that interrupted the run; 0: none */
};

void watch(struct outcome *o, const struct options *opt, int dir);

#endif
