/* SPDX-License-Identifier: GPL-2.0 */
/* Processes of a scenario: started in a cgroup, waited for with a bound. */
#ifndef CB_PROCESS_H
#define CB_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Waits for the end of a child for at most ms, on any kernel; false if it still
 * runs.
 */
bool process_wait(pid_t pid, int *status, int ms);
/*
 * Runs fn(arg) in a new process in the cgroup at path and returns its pid;
 * path NULL is the caller's own cgroup.  The process ends with status 0 when fn
 * returns.  A failed check in it is the scenario's error.
 */
pid_t process_start(const char *path, void (*fn)(void *arg), void *arg);
/* Waits for its end; any status but 0, or none within ms, is an error. */
void process_end(pid_t pid, int ms, const char *who);
/* Both, and returns the status; a process that outlives ms is an error. */
int process_run(const char *path, void (*fn)(void *arg), void *arg, int ms);
/* Both, with an error for any status but 0, or for none within 20 seconds. */
#define run_in(path, fn, arg) run_in_at(path, fn, arg, #fn)
void run_in_at(const char *path, void (*fn)(void *arg), void *arg,
	       const char *name);

/*
 * A step that one process waits for and another allows.  Make it before either
 * is started.  Waiting for more than ms is an error.
 */
int step_make(void);
void step_allow(int step);
void step_wait(int step, int ms);

#endif
