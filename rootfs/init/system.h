/* SPDX-License-Identifier: GPL-2.0 */
/* PID 1's work on the whole machine. */
#ifndef CB_SYSTEM_H
#define CB_SYSTEM_H

#include "util.h"

/* Mounts the file systems that scenarios expect, and enables controllers. */
void system_mount(void);
/* A kernel without a console gives init no standard streams. */
void system_fill_streams(void);
/* An interactive shell on the console; returns when it ends. */
void system_shell(void);
/* system_off() reboots the machine then, so that its own disk boots. */
void system_reboot_at_end(void);
__noreturn void system_off(void);
/* For check_hook: prints why, and powers off. */
void system_die(const char *why);

#endif
