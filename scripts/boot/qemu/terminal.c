// SPDX-License-Identifier: GPL-2.0
/*
 * The caller's terminal as the guest's console. A keeper process restores the
 * terminal's settings even after a SIGKILL to this program.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervise.h"

#define CTRL_A 1
#define CTRL_D 4
#define CTRL_U 21 /* drops the line that was begun */
#define REPEAT_MS 1000 /* until the shell has seen the end of input */

/*
 * In the keeper: waits for the end of the pipe, then restores the terminal. A
 * byte in the pipe means that it is restored already; its next owner may have
 * changed it since.
 */
static void keep(int pipe, const struct termios *saved)
{
	sigset_t all;
	char byte;
	ssize_t n;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	/* Leave the foreground group, to which the terminal sends signals. */
	setpgid(0, 0);
	do {
		n = read(pipe, &byte, 1);
	} while (n < 0 && errno == EINTR);
	/* SIGTTOU is blocked, so a background process may do this. */
	if (!n)
		tcsetattr(STDIN_FILENO, TCSANOW, saved);
	_exit(0);
}

static struct terminal *attached;

/* Runs at exit, wherever the program ends. */
static void detach_at_exit(void)
{
	terminal_detach(attached);
}

static void start_keeper(struct terminal *t)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	t->keeper = fork();
	if (t->keeper < 0)
		die("fork: %s", strerror(errno));
	if (!t->keeper) {
		close(fds[1]);
		keep(fds[0], &t->saved);
	}
	close(fds[0]);
	t->keeper_pipe = fds[1];
}

/*
 * Setting up the terminal stops a job in the background, where no signal and no
 * bound would reach it; timeout(1) makes such a job of its command.
 */
static void check_foreground(void)
{
	pid_t owner = tcgetpgrp(STDIN_FILENO);

	if (owner >= 0 && owner != getpgrp())
		die("%s",
		    "the terminal belongs to another job; run this one in "
		    "the foreground (timeout has --foreground for that)");
	/* Nor may it stop when it comes into the background later. */
	signal(SIGTTOU, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
}

/*
 * Takes standard input, and sets a terminal to raw. Call it before vm_start(),
 * or the keeper would hold QEMU's channels open.
 */
void terminal_attach(struct terminal *t, const char *prompt)
{
	struct termios raw;

	*t = (struct terminal){ .attached = true, .prompt = prompt };
	check_foreground();
	if (tcgetattr(STDIN_FILENO, &t->saved)) {
		t->held = prompt;
		return;
	}
	say("the guest's console is this terminal; Ctrl-A x quits");
	start_keeper(t);
	attached = t;
	atexit(detach_at_exit);
	raw = t->saved;
	cfmakeraw(&raw);
	t->raw = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static void take_key(struct terminal *t, char key)
{
	if (t->escape) {
		t->escape = false;
		if (key == 'x')
			t->quit = true;
		if (key != CTRL_A)
			return;
	} else if (key == CTRL_A && t->raw) {
		t->escape = true;
		return;
	}
	t->pending[t->len++] = key;
}

/*
 * Takes the guest's output. The guest's serial port loses bytes that arrive
 * before its shell is open, so a file or a pipe is read only after the prompt.
 */
void terminal_output(struct terminal *t, const char *data, size_t len)
{
	for (size_t i = 0; t->held && i < len; i++) {
		if (data[i] != t->prompt[t->matched])
			t->matched = 0;
		if (data[i] == t->prompt[t->matched])
			t->matched++;
		t->held = t->prompt[t->matched];
	}
}

/* The descriptor to wait for; -1 while no input is wanted. */
int terminal_wants(const struct terminal *t)
{
	return t->attached && !t->held && !t->len ? STDIN_FILENO : -1;
}

/* Call it only while pending is empty: then a whole read fits. */
void terminal_input(struct terminal *t)
{
	char data[sizeof(t->pending)];
	ssize_t n = read(STDIN_FILENO, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		t->attached = false;
		t->ended = true;
		t->end_ms = now_ms();
		return;
	}
	for (ssize_t i = 0; i < n; i++)
		take_key(t, data[i]);
	t->last = data[n - 1];
}

/* When terminal_end() has something to do; 0: never. */
int64_t terminal_due(const struct terminal *t)
{
	return t->ended && !t->len ? t->end_ms : 0;
}

/*
 * The end of input is the end of the shell. A Ctrl-D says so to it, again and
 * again: while the shell runs a program, that one gets it, or the shell finds
 * an odd character in its line later.
 */
void terminal_end(struct terminal *t, int64_t now)
{
	if (!t->ended || t->len || now < t->end_ms)
		return;
	if (t->last && t->last != '\n')
		t->pending[t->len++] = '\n';
	t->last = 0;
	t->pending[t->len++] = CTRL_U;
	t->pending[t->len++] = CTRL_D;
	t->end_ms = now + REPEAT_MS;
}

/* Input that does not fit stays pending until the channel takes more. */
void terminal_flush(struct terminal *t, int console)
{
	ssize_t n;

	if (!t->len)
		return;
	n = send(console, t->pending, t->len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		n = t->len;
	if (n <= 0)
		return;
	t->len -= n;
	memmove(t->pending, t->pending + n, t->len);
}

/* May be called at any time, and more than once. */
void terminal_detach(struct terminal *t)
{
	if (t->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t->saved);
	t->raw = false;
	t->attached = false;
	if (!t->keeper)
		return;
	if (write(t->keeper_pipe, "", 1) != 1)
		kill(t->keeper, SIGKILL);
	close(t->keeper_pipe);
	waitpid(t->keeper, NULL, 0);
	t->keeper = 0;
}
