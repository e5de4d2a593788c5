/* SPDX-License-Identifier: GPL-2.0 */
/* What each maker of boots needs of its host: time, messages, its folder. */
#ifndef BOOT_HOST_H
#define BOOT_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/boot.h"
#include "record/status.h"

/* Milliseconds of a monotonic clock: setting the date must not end a run. */
int64_t now_ms(void);
/* Seconds since the start of the whole command, from CB_START. */
int64_t elapsed_s(void);

/*
 * say.c: each prints one line on stderr; with PROGRESS=json in the environment
 * an object, which results/record/FORMAT.md describes.
 */
bool for_programs(void);
/* A step, after elapsed_s(). */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* An object, whatever was asked for; members is "", or ends with a comma. */
void say_object(const char *type, const char *members, const char *text);
/* "PROGRAM: MESSAGE"; die() exits with STATUS_USAGE, too. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/*
 * Replaces all but printable ASCII, because an untrusted guest's text goes to a
 * terminal and into JSON. Returns the length without blanks at its end.
 */
size_t make_harmless(char *text, size_t len);

/*
 * The value of the option name in milliseconds: text is a number of seconds, or
 * of milliseconds with "ms" behind it, up to a week. Exits with STATUS_USAGE if
 * it is anything else.
 */
int64_t parse_time(const char *name, const char *text);

/* A closed standard stream must not become one of the machine's channels. */
void fill_streams(void);
/* Sends SIGTERM to this program when its parent dies, even by SIGKILL. */
void end_with_parent(void);
/*
 * A signalfd with SIGCHLD and all signals that end a run; SIGPIPE is ignored.
 * Signals are read from a file, so that none arrives between fork() and the
 * note of its pid.
 */
int open_signals(void);
/* A timerfd of the clock of now_ms(). */
int open_timer(void);
/* Sets it to expire at due, in milliseconds; 0: never. */
void arm_timer(int timer, int64_t due);

/*
 * Makes the folder of a boot, locks it against a second run, and removes what
 * tells of an older boot. Exits with STATUS_USAGE if that fails. Returns its
 * descriptor.
 */
int open_folder(const char *path);
/* Writes boot.json; false, with a line on stderr, if the host cannot. */
bool write_outcome(const struct boot_info *info, const char *out);

#endif
