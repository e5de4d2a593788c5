// SPDX-License-Identifier: GPL-2.0
/*
 * A stand-in for a serial line: fake-line tcp|pty prints where it can be
 * opened, then plays a machine that hangs behind its first record, which is
 * read from standard input, and that answers SysRq by telnet's break.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

static void put(int fd, const char *text, size_t len)
{
	if (write(fd, text, len) != (ssize_t)len)
		exit(9);
}

static int open_tcp(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&a, len) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)&a, &len))
		exit(8);
	printf("127.0.0.1:%d\n", ntohs(a.sin_port));
	fflush(stdout);
	return accept(fd, NULL, NULL);
}

static int open_terminal(void)
{
	struct termios raw = { 0 };
	char name[100];
	int fd, theirs;

	cfmakeraw(&raw);
	if (openpty(&fd, &theirs, name, &raw, NULL))
		exit(8);
	printf("%s\n", name);
	fflush(stdout);
	return fd;
}

/* A break and a key, then its report, four times. */
static void answer_keys(int fd)
{
	static const unsigned char brk[] = { 255, 243 };
	unsigned char got[3];
	char text[32];
	int i;

	for (i = 0; i < 4; i++) {
		if (recv(fd, got, sizeof(got), MSG_WAITALL) != sizeof(got) ||
		    memcmp(got, brk, sizeof(brk)))
			exit(7);
		snprintf(text, sizeof(text), "report %c\n", got[2]);
		put(fd, text, strlen(text));
	}
}

int main(int argc, char **argv)
{
	static const char offer[] = "\377\373\001\377\375\003";
	char record[4096];
	ssize_t len = read(STDIN_FILENO, record, sizeof(record));
	const int tcp = argc > 1 && !strcmp(argv[1], "tcp");
	int fd = tcp ? open_tcp() : open_terminal();

	if (fd < 0 || len < 0)
		return 6;
	if (tcp)
		put(fd, offer, sizeof(offer) - 1);
	put(fd, record, (size_t)len);
	if (tcp)
		answer_keys(fd);
	/* Until the other end hangs up, or for a terminal until killed. */
	while (!tcp || read(fd, record, 1) > 0)
		if (!tcp)
			pause();
	return 0;
}
