// SPDX-License-Identifier: GPL-2.0
/* The serial line: a device of this host, a console server, or a command. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "attend.h"

#define CONNECT_MS 10000

/* Other programs announce by such a file that they use a port. */
static void check_lock_file(const char *name)
{
	char path[300], text[32] = "";
	FILE *f;
	long pid;

	snprintf(path, sizeof(path), "/var/lock/LCK..%.200s",
		 strrchr(name, '/') + 1);
	f = fopen(path, "re");
	if (!f)
		return;
	if (!fgets(text, sizeof(text), f))
		*text = 0;
	fclose(f);
	pid = strtol(text, NULL, 10);
	if (pid > 0 && (!kill((pid_t)pid, 0) || errno == EPERM))
		die("CONSOLE='%s': busy: process %ld uses it", name, pid);
}

static void open_device(struct line *l)
{
	struct termios tio;
	struct stat st;

	if (stat(l->name, &st))
		die("CONSOLE='%s': %s", l->name, strerror(errno));
	if (!S_ISCHR(st.st_mode))
		die("CONSOLE='%s': no terminal device; allowed are a serial "
		    "port such as /dev/ttyUSB0, HOST:PORT, or a command",
		    l->name);
	check_lock_file(l->name);
	l->fd = open(l->name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (l->fd < 0)
		die("CONSOLE='%s': %s", l->name,
		    errno == EBUSY ? "busy" : strerror(errno));
	if (tcgetattr(l->fd, &tio))
		die("CONSOLE='%s': no terminal device; allowed are a serial "
		    "port such as /dev/ttyUSB0, HOST:PORT, or a command",
		    l->name);
	if (flock(l->fd, LOCK_EX | LOCK_NB))
		die("CONSOLE='%s': busy: another program has locked it",
		    l->name);
	ioctl(l->fd, TIOCEXCL);
	cfmakeraw(&tio);
	tio.c_cflag |= CLOCAL | CREAD;
	tio.c_cflag &= ~(tcflag_t)CRTSCTS;
	cfsetspeed(&tio, B115200);
	if (tcsetattr(l->fd, TCSANOW, &tio))
		die("CONSOLE='%s': %s", l->name, strerror(errno));
}

/* -1, with errno set; waits no longer than CONNECT_MS. */
static int connect_to(const struct addrinfo *a)
{
	struct timeval bound = { .tv_sec = CONNECT_MS / 1000 };
	int error, fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC,
			       a->ai_protocol);

	if (fd < 0)
		return -1;
	/* It bounds connect(), too. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound));
	if (!connect(fd, a->ai_addr, a->ai_addrlen))
		return fd;
	error = errno == EINPROGRESS ? ETIMEDOUT : errno;
	close(fd);
	errno = error;
	return -1;
}

static void open_tcp(struct line *l)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found, *a;
	char host[256];
	const char *port = strrchr(l->name, ':') + 1;
	int error;

	snprintf(host, sizeof(host), "%.*s", (int)(port - 1 - l->name),
		 l->name);
	error = getaddrinfo(host, port, &hints, &found);
	if (error)
		die("CONSOLE='%s': %s", l->name, gai_strerror(error));
	errno = 0;
	for (a = found; a && l->fd < 0; a = a->ai_next)
		l->fd = connect_to(a);
	if (l->fd < 0)
		die("CONSOLE='%s': %s", l->name, strerror(errno));
	freeaddrinfo(found);
	fcntl(l->fd, F_SETFL, fcntl(l->fd, F_GETFL) | O_NONBLOCK);
}

/* On a terminal of its own: ipmitool demands one. */
static void open_command(struct line *l)
{
	struct termios raw;
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	sigset_t none;
	int fd;

	memset(&raw, 0, sizeof(raw));
	cfmakeraw(&raw);
	raw.c_cflag |= CS8 | CREAD;
	cfsetspeed(&raw, B115200);
	l->pid = forkpty(&fd, NULL, &raw, &size);
	if (l->pid < 0)
		die("CONSOLE='%s': %s", l->name, strerror(errno));
	if (!l->pid) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/bin/sh", "sh", "-c", l->name, NULL);
		_exit(127);
	}
	l->fd = fd;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void line_open(struct line *l, const char *name)
{
	*l = (struct line){ .name = name, .fd = -1 };
	if (*name == '/' && !strchr(name, ' ')) {
		l->kind = LINE_DEVICE;
		open_device(l);
	} else if (strchr(name, ':') && !strpbrk(name, " /")) {
		l->kind = LINE_TCP;
		open_tcp(l);
	} else {
		l->kind = LINE_COMMAND;
		open_command(l);
	}
}

ssize_t line_read(struct line *l, char *data, size_t size)
{
	ssize_t n = read(l->fd, data, size);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	if (l->kind == LINE_TCP)
		n = (ssize_t)telnet_filter(&l->telnet, data, (size_t)n);
	return n;
}

static bool put(struct line *l, const char *data, size_t len)
{
	return l->fd >= 0 && write(l->fd, data, len) == (ssize_t)len;
}

bool line_break(struct line *l)
{
	/* ipmitool sends a break for this, at the start of a line. */
	static const char sol_break[] = "\r~B";

	switch (l->kind) {
	case LINE_DEVICE:
		return l->fd >= 0 && !tcsendbreak(l->fd, 0);
	case LINE_TCP:
		return l->telnet.spoken &&
		       put(l, telnet_break, sizeof(telnet_break));
	default:
		return strstr(l->name, "ipmitool") &&
		       put(l, sol_break, strlen(sol_break));
	}
}

bool line_key(struct line *l, char key)
{
	return put(l, &key, 1);
}

void line_close(struct line *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	if (!l->pid)
		return;
	/* forkpty() has made it the leader of a group. */
	kill(-l->pid, SIGTERM);
	kill(-l->pid, SIGKILL);
	waitpid(l->pid, NULL, 0);
	l->pid = 0;
}
