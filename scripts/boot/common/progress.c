// SPDX-License-Identifier: GPL-2.0
/* Prints results and counts as they come and, for people, for how long none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "progress.h"

#define QUIET_MS 2000 /* without a result until we print how long */
#define PERIOD_MS 1000

void progress_init(struct progress *p, bool show, bool shared, bool eta)
{
	*p = (struct progress){
		.show = show,
		.eta = eta,
		.json = for_programs(),
		.signs = !shared && !for_programs() && isatty(STDERR_FILENO),
		.last_ms = now_ms(),
	};
	elapsed_s();
}

void progress_clear(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* A result line of KTAP as an object; left is in seconds, or below 0. */
static void show_object(const struct progress *p, int64_t left)
{
	const char *text = p->line + strspn(p->line, " ");
	bool ok = *text == 'o';
	char members[160], time[40] = "", *end;
	unsigned long number = strtoul(text + (ok ? 3 : 7), &end, 10);

	if (left >= 0)
		snprintf(time, sizeof(time), "\"left_s\":%lld,",
			 (long long)left);
	snprintf(members, sizeof(members),
		 "\"ok\":%s,\"number\":%lu,\"done\":%lu,\"planned\":%lu,%s",
		 ok ? "true" : "false", number, p->done, p->planned, time);
	end += strspn(end, " -");
	say_object("result", members, end);
}

/* Time left = results to come * average time of the results so far. */
static void show_result(struct progress *p)
{
	int64_t left = -1;

	p->done++;
	p->last_ms = now_ms();
	progress_clear(p);
	if (p->eta && p->done <= p->planned)
		left = (p->last_ms - p->start_ms) / 1000 *
		       (int64_t)(p->planned - p->done) / (int64_t)p->done;
	if (p->json)
		show_object(p, left);
	else if (left < 0)
		say("%s", p->line);
	else
		say("%s (%lu of %lu, about %lld:%02lld left)", p->line, p->done,
		    p->planned, (long long)left / 60, (long long)left % 60);
}

/* "# 5 of 9 requests", from an entry that takes long. */
static bool is_count(const char *text)
{
	static const char digits[] = "0123456789";
	size_t n = starts_with(text, "# ") ? strspn(text + 2, digits) : 0;

	return n && starts_with(text + 2 + n, " of ") &&
	       strspn(text + 6 + n, digits);
}

static void show_count(struct progress *p, const char *count)
{
	progress_clear(p);
	say("%s", count);
}

static void line_end(struct progress *p)
{
	static const char panic[] = "Kernel panic";
	const char *text = p->line, *at;

	p->line[make_harmless(p->line, p->len)] = 0;
	p->len = 0;
	at = strstr(text, panic);
	if (at && !*p->panic)
		snprintf(p->panic, sizeof(p->panic), "%s", at);

	text += strspn(text, " ");
	if (starts_with(text, "1..")) {
		p->planned = strtoul(text + 3, NULL, 10);
		p->start_ms = now_ms();
	}
	if (p->show &&
	    (starts_with(text, "ok ") || starts_with(text, "not ok ")))
		show_result(p);
	else if (p->show && is_count(text))
		show_count(p, text + 2);
}

void progress_input(struct progress *p, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n')
			line_end(p);
		else if (data[i] != '\r' && p->len < sizeof(p->line) - 1)
			p->line[p->len++] = data[i];
	}
}

int64_t progress_due(const struct progress *p)
{
	int64_t quiet = now_ms() - p->last_ms;

	if (!p->show || !p->signs)
		return 0;
	if (quiet < QUIET_MS)
		return p->last_ms + QUIET_MS;
	return p->last_ms + (quiet / PERIOD_MS + 1) * PERIOD_MS;
}

void progress_tick(struct progress *p, int64_t now)
{
	if (!p->show || !p->signs || now - p->last_ms < QUIET_MS)
		return;
	fprintf(stderr,
		"\r[%4llds] the machine runs; no result for %lld s\033[K",
		(long long)elapsed_s(), (long long)(now - p->last_ms) / 1000);
	p->drawn = true;
}
