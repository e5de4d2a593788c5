// SPDX-License-Identifier: GPL-2.0
/* What the records among the text of the console say about the boot. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attend.h"
#include "record/entries.h"
#include "record/records.h"
#include "record/wire.h"

static const char *text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/*
 * The cb. words that the guest was started with.  A medium says by itself which
 * entries are left; that counts, and not the words.
 */
static char *words_of(json_t *hello)
{
	const char *entries = text_of(hello, "entries");
	char *line = strdup(text_of(hello, "cmdline")), *word, *rest, *words;
	size_t size;
	FILE *f = open_memstream(&words, &size);

	if (!line || !f)
		die("%s", "no memory left");
	for (word = strtok_r(line, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (strncmp(word, "cb.", 3))
			continue;
		if (*entries &&
		    !strncmp(word, ENTRIES_WORD, strlen(ENTRIES_WORD)))
			continue;
		fprintf(f, "%s%s", ftell(f) ? " " : "", word);
	}
	if (*entries)
		fprintf(f, "%s" ENTRIES_WORD "%s", ftell(f) ? " " : "",
			entries);
	fclose(f);
	free(line);
	return words;
}

static void take(struct guest *g, json_t *record)
{
	const char *type = text_of(record, "t");

	g->heard = true;
	if (!strcmp(type, RECORD_HELLO)) {
		g->again = g->hello;
		if (!g->hello)
			g->words = words_of(record);
		g->hello = true;
	} else if (!strcmp(type, RECORD_BYE)) {
		g->bye = g->hello;
	}
}

static void take_records(struct guest *g)
{
	struct records r;
	json_t *record;

	records_init(&r);
	records_feed(&r, g->line, g->len);
	records_finish(&r);
	for (size_t i = 0; i < r.n; i++) {
		record = json_loadb(r.v[i]->json, r.v[i]->len, 0, NULL);
		take(g, record);
		json_decref(record);
	}
	records_free(&r);
}

static bool has(const struct guest *g, const char *text)
{
	return memmem(g->line, g->len, text, strlen(text));
}

void guest_flush(struct guest *g)
{
	if (!g->len)
		return;
	if (has(g, RECORD_MARKER))
		take_records(g);
	if (g->hello && has(g, "reboot: Power down"))
		g->off = true;
	if (g->hello && has(g, "reboot: Restarting system"))
		g->restarts = true;
	if (!g->again)
		g->keep(g->arg, g->line, g->len);
	g->len = 0;
}

void guest_input(struct guest *g, const char *data, size_t len)
{
	if (!g->line)
		g->line = malloc(RECORD_LINE_MAX);
	if (!g->line)
		die("%s", "no memory left");
	for (size_t i = 0; i < len; i++) {
		g->line[g->len++] = data[i];
		if (data[i] == '\n' || g->len == RECORD_LINE_MAX)
			guest_flush(g);
	}
}
