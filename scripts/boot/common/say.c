// SPDX-License-Identifier: GPL-2.0
/* Messages, for people or for programs, and the time that they tell. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host.h"

int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

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

bool for_programs(void)
{
	const char *progress = getenv("PROGRESS");

	return progress && !strcmp(progress, "json");
}

/* Appends text as JSON's, printable ASCII alone, as far as it fits. */
static size_t put_json(char *line, size_t len, size_t room, const char *text)
{
	for (; *text && len + 3 < room; text++) {
		if (*text == '"' || *text == '\\')
			line[len++] = '\\';
		line[len++] = *text < ' ' || *text > '~' ? '?' : *text;
	}
	return len;
}

/* One write per line: others may write to the same terminal. */
void say_object(const char *type, const char *members, const char *text)
{
	char line[2560];
	size_t len;

	len = (size_t)snprintf(line, sizeof(line),
			       "{\"t\":\"%s\",\"s\":%lld,%s\"text\":\"", type,
			       (long long)elapsed_s(), members);
	len = put_json(line, len, sizeof(line) - 4, text);
	strcpy(line + len, "\"}\n");
	fputs(line, stderr);
}

/* The same for people: start is the beginning of the line. */
static void say_text(const char *type, const char *start, const char *fmt,
		     va_list ap)
{
	char line[1100];
	size_t len = (size_t)snprintf(line, sizeof(line), "%s", start);

	vsnprintf(line + len, sizeof(line) - len - 1, fmt, ap);
	if (for_programs()) {
		say_object(type, "", line + len);
	} else {
		strcat(line, "\n");
		fputs(line, stderr);
	}
}

void say(const char *fmt, ...)
{
	char start[32];
	va_list ap;

	snprintf(start, sizeof(start), "[%4llds] ", (long long)elapsed_s());
	va_start(ap, fmt);
	say_text("step", start, fmt, ap);
	va_end(ap);
}

static void say_error(const char *fmt, va_list ap)
{
	char start[32];

	snprintf(start, sizeof(start), "%s: ", program_invocation_short_name);
	say_text("error", start, fmt, ap);
}

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_error(fmt, ap);
	va_end(ap);
}

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_error(fmt, ap);
	va_end(ap);
	exit(STATUS_USAGE);
}

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
