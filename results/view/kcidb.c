// SPDX-License-Identifier: GPL-2.0
/* KCIDB 5.3: checkouts and builds; kcidb_test.c has what ran on them. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "record/crc32.h"
#include "view/kcidb_parts.h"

bool kcidb_origin_valid(const char *origin)
{
	return *origin &&
	       !origin[strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789_")];
}

void kcidb_set(json_t *o, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new(o, key, json_string(text));
}

/* Sets key to the value of meta, where there is one. */
static void set_meta(json_t *o, const char *key, const struct result *r,
		     const char *meta)
{
	char *value = result_meta(r, meta);

	kcidb_set(o, key, value);
	free(value);
}

json_t *kcidb_object(const struct kcidb *k, const char *id)
{
	return json_pack("{s:s,s:s}", "id", id, "origin", k->origin);
}

bool kcidb_has(const json_t *list, const char *id)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		if (!strcmp(json_string_value(json_object_get(one, "id")), id))
			return true;
	}
	return false;
}

/* An id of the values of meta whose names follow, up to a NULL. */
static char *id_of(const struct kcidb *k, const struct result *r,
		   const char *const *keys)
{
	char *kernel = result_meta(r, "kernel"), *clean = kcidb_word(kernel);
	uint32_t crc = 0;
	char *id;

	for (; *keys; keys++) {
		char *value = result_meta(r, *keys);

		/* With its end, so that no two lists of values run together. */
		crc = crc32_ieee(crc, value, strlen(value) + 1);
		free(value);
	}
	id = xasprintf("%s:%s-%08x", k->origin, clean, crc);
	free(kernel);
	free(clean);
	return id;
}

static bool is_hex(const char *s, size_t digits)
{
	return strlen(s) == digits && !s[strspn(s, "0123456789abcdef")];
}

/* The commit of a tree of the user's; nothing else names one. */
static void put_commit(json_t *o, const struct result *r)
{
	char *commit = result_meta(r, "kernel_commit");
	char *patch = result_meta(r, "kernel_patch");
	char *url = result_meta(r, "kernel_url");

	if (is_hex(commit, 40)) {
		kcidb_set(o, "git_commit_hash", commit);
		set_meta(o, "git_commit_name", r, "kernel_describe");
		json_object_set_new(o, "patchset_hash",
				    json_string(is_hex(patch, 64) ? patch :
								    ""));
		if (!strncmp(url, "https://", 8) &&
		    !strpbrk(url, " <>\"\\^`{|}"))
			kcidb_set(o, "git_repository_url", url);
	}
	free(commit);
	free(patch);
	free(url);
}

static char *put_checkout(struct kcidb *k, const struct result *r)
{
	static const char *const keys[] = { "kernel", "source", "kernel_commit",
					    "kernel_patch", NULL };
	char *id = id_of(k, r, keys);
	json_t *o;

	if (kcidb_has(k->checkouts, id))
		return id;
	o = kcidb_object(k, id);
	set_meta(o, "comment", r, "source");
	put_commit(o, r);
	json_object_set_new(o, "valid", json_true());
	json_array_append_new(k->checkouts, o);
	return id;
}

/* Facts about the build, and the outcome of its controls. */
static json_t *build_misc(const struct result *r)
{
	static const char *const keys[] = { "build",	    "config_sha256",
					    "image_sha256", "module_sha256",
					    "commit",	    "words",
					    "plan_crc",	    NULL };
	json_t *misc = json_object();
	size_t i;

	for (i = 0; keys[i]; i++)
		set_meta(misc, keys[i], r, keys[i]);
	json_object_set_new(misc, "controls_expected",
			    json_integer((json_int_t)r->controls_expected));
	json_object_set_new(misc, "controls_unexpected",
			    json_integer((json_int_t)r->controls_unexpected));
	return misc;
}

static char *put_build(struct kcidb *k, const struct result *r,
		       const char *checkout)
{
	static const char *const keys[] = {
		"kernel",	"source",	 "kernel_commit",
		"kernel_patch", "config_sha256", "image_sha256",
		"compiler",	"words",	 NULL
	};
	char *id = id_of(k, r, keys);
	json_t *o;

	if (kcidb_has(k->builds, id))
		return id;
	o = kcidb_object(k, id);
	kcidb_set(o, "checkout_id", checkout);
	set_meta(o, "architecture", r, "arch");
	set_meta(o, "compiler", r, "compiler");
	set_meta(o, "start_time", r, "started");
	/* It booted, or there would be no result. */
	kcidb_set(o, "status", "PASS");
	json_object_set_new(o, "misc", build_misc(r));
	json_array_append_new(k->builds, o);
	return id;
}

/* A part of the ids of this run's tests, which no other run has. */
static char *run_id(const struct result *r)
{
	char *text = json_dumps(r->json, JSON_COMPACT | JSON_SORT_KEYS);
	char *name = kcidb_word(r->label ? r->label : "");
	char *id = xasprintf("%.80s-%08x", name,
			     crc32_ieee(0, text ? text : "",
					text ? strlen(text) : 0));

	free(text);
	free(name);
	return id;
}

static void put_report(struct kcidb *k, const struct report *report)
{
	char *checkout = put_checkout(k, &report->result);
	char *build = put_build(k, &report->result, checkout);
	char *run = run_id(&report->result);

	k->build_id = build;
	k->run_id = run;
	kcidb_tests(k, report);
	free(checkout);
	free(build);
	free(run);
}

json_t *kcidb_json(const struct report *reports, size_t n, const char *origin)
{
	struct kcidb k = { .origin = origin,
			   .checkouts = json_array(),
			   .builds = json_array(),
			   .tests = json_array(),
			   .issues = json_array(),
			   .incidents = json_array() };
	size_t i;

	for (i = 0; i < n; i++)
		put_report(&k, &reports[i]);
	return json_pack("{s:{s:i,s:i},s:o,s:o,s:o,s:o,s:o}", "version",
			 "major", 5, "minor", 3, "checkouts", k.checkouts,
			 "builds", k.builds, "tests", k.tests, "issues",
			 k.issues, "incidents", k.incidents);
}
