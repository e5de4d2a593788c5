// SPDX-License-Identifier: GPL-2.0
/*
 * Assembles an output of fio from its parts, and checks their order, the length
 * and the checksum.
 */
#include <stdlib.h>
#include <string.h>

#include "judge/matrix.h"
#include "record/crc32.h"

static struct output *find(const struct entry *e, const char *name)
{
	size_t i;

	for (i = 0; i < e->n_outputs; i++) {
		if (!strcmp(e->outputs[i].name, name))
			return &e->outputs[i];
	}
	return NULL;
}

static struct output *begin(struct entry *e, const char *name)
{
	struct output *o;

	if (e->n_outputs == OUTPUTS_MAX)
		return NULL;
	e->outputs =
		xrealloc(e->outputs, (e->n_outputs + 1) * sizeof(*e->outputs));
	o = &e->outputs[e->n_outputs++];
	memset(o, 0, sizeof(*o));
	o->name = xstrdup(name);
	o->text = xstrdup("");
	return o;
}

const char *output_take(struct entry *e, json_t *record)
{
	const char *name = json_string_value(json_object_get(record, "name"));
	json_t *part = json_object_get(record, "part");
	json_t *text = json_object_get(record, "text");
	struct output *o;
	size_t len;

	if (!name || !*name || !json_is_integer(part) || !json_is_string(text))
		return "an output is a name, a part's number and its text";
	o = find(e, name);
	if (!o)
		o = begin(e, name);
	if (!o)
		return "more outputs than an entry may have";
	if (o->json)
		return "more of an output that has ended";
	if (json_integer_value(part) != o->parts)
		return "a part of an output is missing, or out of its order";
	len = json_string_length(text);
	if (o->len + len > OUTPUT_BYTES_MAX)
		return "an output is larger than it may be";
	o->text = xrealloc(o->text, o->len + len + 1);
	memcpy(o->text + o->len, json_string_value(text), len);
	o->len += len;
	o->text[o->len] = '\0';
	o->parts++;
	return NULL;
}

const char *output_end(struct entry *e, json_t *record)
{
	const char *name = json_string_value(json_object_get(record, "name"));
	const char *crc = json_string_value(json_object_get(record, "crc"));
	json_t *parts = json_object_get(record, "parts");
	struct output *o = name ? find(e, name) : NULL;
	char mine[9];

	if (!crc || !json_is_integer(parts))
		return "an output's end is a name, a count and a checksum";
	if (!o || json_integer_value(parts) != o->parts)
		return "the last parts of an output are missing";
	if (o->json)
		return "an output ends twice";
	snprintf(mine, sizeof(mine), "%08x", crc32_ieee(0, o->text, o->len));
	if (strcmp(mine, crc))
		return "an output came damaged";
	o->json = json_loadb(o->text, o->len, JSON_REJECT_DUPLICATES, NULL);
	return json_is_object(o->json) ? NULL : "an output is no JSON object";
}

json_t *output_json(const struct entry *e, const char *name)
{
	const struct output *o = find(e, name);

	return o ? o->json : NULL;
}

void outputs_free(struct entry *e)
{
	size_t i;

	for (i = 0; i < e->n_outputs; i++) {
		free(e->outputs[i].name);
		free(e->outputs[i].text);
		json_decref(e->outputs[i].json);
	}
	free(e->outputs);
}

static bool any_output(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->plan.n; i++) {
		if (run->plan.v[i].n_outputs)
			return true;
	}
	return false;
}

int outputs_write(const struct run *run, const char *dir, struct error *err)
{
	struct outfile out;
	size_t i, j;

	if (!any_output(run))
		return 0;
	if (out_open(&out, dir, "fio.jsonl", err))
		return -1;
	for (i = 0; i < run->plan.n; i++) {
		const struct entry *e = &run->plan.v[i];

		for (j = 0; j < e->n_outputs; j++) {
			const struct output *o = &e->outputs[j];
			json_t *line;

			if (!o->json)
				continue;
			line = json_pack("{s:s,s:O,s:s,s:I,s:s,s:O}", "name",
					 e->name, "cell", e->cell, "driver",
					 e->driver, "round", e->round, "run",
					 o->name, "fio", o->json);
			json_dumpf(line, out.f, JSON_COMPACT);
			fputc('\n', out.f);
			json_decref(line);
		}
	}
	return out_commit(&out, err);
}
