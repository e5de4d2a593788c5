// SPDX-License-Identifier: GPL-2.0
/* Messages, time, and text that cannot harm a terminal. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "supervise.h"

/* Monotonic: setting the host's date must not end a run. */
int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/*
 * Seconds since the start of the whole command, which the scripts pass in
 * CB_START.
 */
int64_t elapsed_s(void)
{
	static int64_t start;
	time_t now = time(NULL);

	if (!start) {
		const char *given = getenv("CB_START");

		start = given ? strtoll(given, NULL, 10) : 0;
		if (start <= 0 || start > now)
			start = now;
	}
	return now - start;
}

/* One write per line: others may write to the same terminal. */
void say(const char *fmt, ...)
{
	char line[1024];
	int len;
	va_list ap;

	len = snprintf(line, sizeof(line), "[%4llds] ", (long long)elapsed_s());
	va_start(ap, fmt);
	vsnprintf(line + len, sizeof(line) - len, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s\n", line);
}

void die(const char *fmt, ...)
{
	va_list ap;

	fputs("supervise: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(STATUS_USAGE);
}

/*
 * Replaces all but printable ASCII, because an untrusted guest's text goes to a
 * terminal and into JSON. Returns the length without blanks at its end.
 */
size_t make_harmless(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\t')
			text[i] = ' ';
		else if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	while (len && text[len - 1] == ' ')
		len--;
	return len;
}
