// SPDX-License-Identifier: GPL-2.0
/*
 * A stand-in for QEMU: takes its arguments, speaks enough QMP, and plays the
 * words it finds after "-append", one after the other. A word that is waited
 * for is waited for by an event, never by a time.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int console = -1, records = -1, qmp = -1;

static void put(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n <= 0)
			exit(9);
		text += n;
		len -= n;
	}
}

/* One command, found by its name alone; commands come one a line. */
static void expect(const char *name)
{
	static char line[4096];
	size_t len = 0;

	while (len < sizeof(line) - 1 && read(qmp, &line[len], 1) == 1) {
		if (line[len++] != '\n')
			continue;
		line[len] = 0;
		len = 0;
		if (!strstr(line, name))
			continue;
		printf("got %s\n", name);
		fflush(stdout);
		snprintf(line, sizeof(line),
			 "{\"return\": {}, \"id\": \"%s\"}\r\n", name);
		put(qmp, line);
		return;
	}
	exit(8);
}

static void start(void)
{
	put(qmp,
	    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 3, \"minor\": 2,"
	    " \"major\": 1}, \"package\": \"fake\"}}}\r\n");
	expect("qmp_capabilities");
	expect("cont");
}

static void shutdown_event(const char *reason)
{
	char text[200];

	snprintf(text, sizeof(text),
		 "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true,"
		 " \"reason\": \"%s\"}}\r\n",
		 reason);
	put(qmp, text);
}

static void flood(int fd, size_t mib)
{
	static char block[1 << 20];

	memset(block, 'x', sizeof(block) - 1);
	block[sizeof(block) - 2] = '\n';
	while (mib--)
		put(fd, block);
}

static void wedge(void)
{
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	for (;;)
		pause();
}

/* SysRq as a kernel sees it: a break, then a key, then its report. */
static void answer_keys(void)
{
	char key, text[64];

	for (int i = 0; i < 4; i++) {
		expect("chardev-send-break");
		if (read(console, &key, 1) != 1)
			exit(7);
		snprintf(text, sizeof(text), "report %c\n", key);
		put(console, text);
	}
}

/* Sends the terminal's input back, up to a full stop. */
static void echo(void)
{
	char text[2] = "";

	while (read(console, text, 1) == 1 && *text != '.')
		put(console, text);
}

/* A shell that only the second end of input ends. */
static void read_to_end(void)
{
	char text[2] = "";

	for (int ends = 0; ends < 2; ends += *text == 4)
		if (read(console, text, 1) != 1)
			exit(8);
		else if (*text != 4)
			put(console, text);
}

/* Nothing may come before the prompt. */
static void prompt(void)
{
	struct pollfd fd = { .fd = console, .events = POLLIN };

	if (poll(&fd, 1, 300))
		exit(9);
	put(console, "welcome\nshell# ");
}

static void play(const char *word)
{
	if (!strcmp(word, "start"))
		start();
	else if (!strcmp(word, "record"))
		put(records, "@cb 0 a record\n");
	else if (!strcmp(word, "say"))
		put(console, "KTAP version 1\nok 1 \033[2Jfirst\nno result\n"
			     "# 5 of 9 requests\n# 5 of them\n"
			     "    not ok 2 second\n");
	else if (!strcmp(word, "panic"))
		put(console, "Kernel panic - not syncing: planted\n");
	else if (!strcmp(word, "panic-event"))
		put(qmp, "{\"event\": \"GUEST_PANICKED\", \"data\": {}}\r\n");
	else if (!strncmp(word, "guest-", 6))
		shutdown_event(word);
	else if (!strncmp(word, "flood-console=", 14))
		flood(console, atoi(word + 14));
	else if (!strncmp(word, "flood-records=", 14))
		flood(records, atoi(word + 14));
	else if (!strcmp(word, "garbage"))
		put(qmp, "{\"QMP\": 7}\nnot json\n\n{\"event\": 3}\n[]\n");
	else if (!strcmp(word, "sysrq"))
		answer_keys();
	else if (!strcmp(word, "quit"))
		expect("quit");
	else if (!strcmp(word, "wedge"))
		wedge();
	else if (!strcmp(word, "abort"))
		abort();
	else if (!strcmp(word, "echo"))
		echo();
	else if (!strcmp(word, "prompt"))
		prompt();
	else if (!strcmp(word, "read"))
		read_to_end();
	else if (!strcmp(word, "complain"))
		put(STDERR_FILENO,
		    "fake: first\nfake: no such \033accelerator\n");
	else if (!strncmp(word, "exit=", 5))
		exit(atoi(word + 5));
	else if (!strcmp(word, "plan"))
		put(console, "1..4\n");
	else if (strcmp(word, "no_timer_check") &&
		 strncmp(word, "tsc_early_khz=", 14) &&
		 strcmp(word, "clocksource=tsc") &&
		 strcmp(word, "tsc=reliable") &&
		 strcmp(word, "cb.records=ttyS1"))
		exit(3);
}

/* By its number, or opened anew through its name. */
static void open_channel(const char *text)
{
	const char *number = strstr(text, ",fd=");
	const char *path = strstr(text, ",path=");
	int fd;

	if (number)
		fd = atoi(number + 4);
	else if (path)
		fd = open(path + 6, O_WRONLY);
	else
		exit(5);
	if (strstr(text, "id=console"))
		console = fd;
	else if (strstr(text, "id=records"))
		records = fd;
	else if (strstr(text, "id=qmp"))
		qmp = fd;
}

int main(int argc, char **argv)
{
	char *words = NULL;

	for (int i = 1; i < argc - 1; i++)
		if (!strcmp(argv[i], "-chardev"))
			open_channel(argv[++i]);
		else if (!strcmp(argv[i], "-append"))
			words = argv[++i];
	if (!words || console < 0 || records < 0 || qmp < 0)
		return 4;
	printf("words %s\nfake-pid %d\n", words, getpid());
	fflush(stdout);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		play(word);
	return 0;
}
