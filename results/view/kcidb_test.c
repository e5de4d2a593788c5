// SPDX-License-Identifier: GPL-2.0
/* KCIDB 5.3: a test per entry and cost; known holes as issues. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "record/crc32.h"
#include "view/kcidb_parts.h"

#define EXCERPT_MAX 16384 /* characters, of the schema; bytes are fewer */
#define KNOWN "expected to fail: " /* the judge writes it before the reason */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-';
}

char *kcidb_word(const char *s)
{
	char *word = xstrdup(s), *p;

	for (p = word; *p; p++) {
		if (!is_plain(*p) && *p != '.')
			*p = '-';
	}
	return word;
}

/*
 * Writes s as parts of a path, one per part between commas; other bytes that a
 * path cannot have become '-'. An empty s has no part.
 */
static void put_path(FILE *f, const char *s)
{
	while (*s) {
		size_t len = strcspn(s, ","), i;

		fputs(len ? "." : "._", f);
		for (i = 0; i < len; i++)
			fputc(is_plain(s[i]) ? s[i] : '-', f);
		s += len + (s[len] == ',');
	}
}

/* The path of a test; the caller frees. */
static char *path_of(const char *name, const char *label, const char *cell,
		     const char *metric)
{
	char *path;
	size_t size;
	FILE *f = xmemstream(&path, &size);

	fputs("chargeback", f);
	put_path(f, name);
	put_path(f, label);
	put_path(f, cell);
	put_path(f, metric);
	fclose(f);
	return path;
}

static const char *status_of(enum verdict v)
{
	static const char *const names[VERDICTS] = {
		[INCOMPLETE] = "MISS", [PASS] = "PASS",	  [FAIL] = "FAIL",
		[SKIP] = "SKIP",       [XFAIL] = "FAIL",  [XPASS] = "PASS",
		[SPLAT] = "FAIL",      [PANIC] = "FAIL",  [HANG] = "FAIL",
		[TIMEOUT] = "ERROR",   [ERROR] = "ERROR",
	};

	return names[v];
}

/* The machine that it ran on. */
static json_t *environment(const struct result *r)
{
	static const char *const keys[] = { "accel",   "qemu",	   "clock",
					    "machine", "firmware", "cpu",
					    "memory",  NULL };
	char *smp = result_meta(r, "smp"), *mem = result_meta(r, "mem");
	char *comment = xasprintf("%s CPUs, %s of memory", *smp ? smp : "?",
				  *mem ? mem : "?");
	json_t *misc = json_object(), *o;
	size_t i;

	for (i = 0; keys[i]; i++) {
		char *value = result_meta(r, keys[i]);

		kcidb_set(misc, keys[i], value);
		free(value);
	}
	o = json_pack("{s:s,s:o}", "comment", comment, "misc", misc);
	free(smp);
	free(mem);
	free(comment);
	return o;
}

/* Adds a test, and returns it to be filled in further. */
static json_t *add_test(struct kcidb *k, const struct result *r,
			const char *kind, size_t at, const char *path,
			const char *status)
{
	char *id = xasprintf("%s:%s-%s%zu", k->origin, k->run_id, kind, at);
	json_t *o = kcidb_object(k, id);

	kcidb_set(o, "build_id", k->build_id);
	kcidb_set(o, "path", path);
	kcidb_set(o, "status", status);
	json_object_set_new(o, "environment", environment(r));
	json_array_append_new(k->tests, o);
	free(id);
	return o;
}

/* A copy without what follows a NUL within a text. */
static json_t *copy_evidence(const json_t *evidence)
{
	json_t *copy = json_object(), *one;
	const char *name;

	json_object_foreach((json_t *)evidence, name, one) {
		const char *unit =
			json_string_value(json_object_get(one, "unit"));

		json_object_set_new(copy, name,
				    json_pack("{s:O,s:s}", "value",
					      json_object_get(one, "value"),
					      "unit", unit));
	}
	return copy;
}

static void set_lines(json_t *misc, const char *key, const json_t *lines)
{
	json_t *copy = json_array(), *one;
	size_t i;

	json_array_foreach(lines, i, one) {
		json_array_append_new(copy,
				      json_string(json_string_value(one)));
	}
	if (json_array_size(copy))
		json_object_set(misc, key, copy);
	json_decref(copy);
}

static json_t *misc_of(const struct item *it)
{
	json_t *misc = json_object();

	kcidb_set(misc, "scenario", it->name);
	kcidb_set(misc, "driver", it->label);
	kcidb_set(misc, "cell", it->cell_text);
	kcidb_set(misc, "control_expect", it->control ? it->expect : NULL);
	kcidb_set(misc, "verdict", verdict_names[it->verdict]);
	kcidb_set(misc, "reason", it->reason);
	kcidb_set(misc, "detail", it->detail);
	json_object_set_new(misc, "evidence", copy_evidence(it->evidence));
	set_lines(misc, "meters", it->meters);
	set_lines(misc, "warnings", it->warnings);
	return misc;
}

static void set_excerpt(json_t *o, const struct report *report,
			const struct item *it)
{
	const struct console *c;
	size_t from, to;
	char *text;
	bool end;

	c = report_excerpt(report, it, &from, &to, &end);
	if (!c)
		return;
	text = text_excerpt(c->text + c->start[from],
			    c->start[to] - c->start[from], EXCERPT_MAX);
	kcidb_set(o, "log_excerpt", text);
	free(text);
}

/* Links the test to the known hole that reason describes. */
static void put_incident(struct kcidb *k, const char *test, const char *reason,
			 bool present)
{
	char *issue = xasprintf("%s:hole-%08x", k->origin,
				crc32_ieee(0, reason, strlen(reason)));
	char *id = xasprintf("%s-hole", test);
	json_t *o;

	if (!kcidb_has(k->issues, issue)) {
		o = kcidb_object(k, issue);
		json_object_set_new(o, "version", json_integer(1));
		kcidb_set(o, "comment", reason);
		json_object_set_new(o, "culprit",
				    json_pack("{s:b,s:b,s:b}", "code", 1,
					      "tool", 0, "harness", 0));
		json_array_append_new(k->issues, o);
	}
	o = kcidb_object(k, id);
	kcidb_set(o, "issue_id", issue);
	json_object_set_new(o, "issue_version", json_integer(1));
	kcidb_set(o, "test_id", test);
	json_object_set_new(o, "present", json_boolean(present));
	json_array_append_new(k->incidents, o);
	free(issue);
	free(id);
}

static void put_item(struct kcidb *k, const struct report *report,
		     const struct item *it)
{
	char *path = path_of(it->name, it->label, it->cell_text, "");
	json_t *o = add_test(k, &report->result, "", it->at, path,
			     status_of(it->verdict));
	const char *reason = it->detail;

	kcidb_set(o, "comment", it->claim);
	json_object_set_new(o, "duration", json_real(it->duration_ms / 1000));
	json_object_set_new(o, "misc", misc_of(it));
	if (!verdict_expected(it->verdict))
		set_excerpt(o, report, it);
	if (!strncmp(reason, KNOWN, strlen(KNOWN)))
		reason += strlen(KNOWN);
	if (it->verdict == XFAIL || it->verdict == XPASS)
		put_incident(k, json_string_value(json_object_get(o, "id")),
			     *reason ? reason : it->name, it->verdict == XFAIL);
	free(path);
}

/* The duration is of all metrics of the cell together. */
static void put_figure(struct kcidb *k, const struct result *r,
		       const struct figure *f)
{
	char *path = path_of(f->matrix, f->driver, f->cell_text, f->metric);
	json_t *o = add_test(k, r, "cost-", f->at, path, "DONE");
	json_t *number = json_pack("{s:f}", "value", f->value);

	kcidb_set(number, "unit", f->unit);
	json_object_set_new(o, "number", number);
	json_object_set_new(o, "duration", json_real(f->duration_ms / 1000));
	if (f->unstable) {
		json_t *misc = json_object();

		kcidb_set(misc, "unstable", f->unstable);
		json_object_set_new(o, "misc", misc);
	}
	free(path);
}

/* Problems of the run as a whole: a defect of the kernel, or of ours. */
static void put_problems(struct kcidb *k, const struct result *r)
{
	json_t *one;
	size_t i;

	json_array_foreach(r->problems, i, one) {
		const char *reason =
			json_string_value(json_object_get(one, "reason"));
		const char *detail =
			json_string_value(json_object_get(one, "detail"));
		bool kernel = !strcmp(reason, "stray-splat") ||
			      !strcmp(reason, "panic") ||
			      !strcmp(reason, "hang");
		char *path = path_of("the-run", reason, "", "");

		kcidb_set(add_test(k, r, "problem-", i, path,
				   kernel ? "FAIL" : "ERROR"),
			  "comment", detail);
		free(path);
	}
}

void kcidb_tests(struct kcidb *k, const struct report *report)
{
	const struct result *r = &report->result;
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		const struct item *it = &r->items[i];

		if (!it->control || it->verdict != PASS)
			put_item(k, report, it);
	}
	for (i = 0; i < r->n_figures; i++)
		put_figure(k, r, &r->figures[i]);
	put_problems(k, r);
}
