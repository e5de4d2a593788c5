// SPDX-License-Identifier: GPL-2.0
/* A boot of the machine under test, as its supervisor left it in a folder. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judge/judge.h"

static const char *const end_names[BOOT_ENDS] = {
	[END_POWEROFF] = "poweroff",
	[END_RESET] = "reset",
	[END_PANIC] = "panic",
	[END_HANG] = "hang",
	[END_DEADLINE] = "deadline",
	[END_VMM_DIED] = "vmm-died",
	[END_INTERRUPTED] = "interrupted",
};

/*
 * The ranges behind cb.entries= among the kernel's words: what both the guest
 * and the host go by. The caller frees; NULL when there is no such word.
 */
static char *ids_of(const char *words)
{
	static const char key[] = "cb.entries=";
	const char *at = words;

	while (at && (at = strstr(at, key))) {
		if (at == words || at[-1] == ' ') {
			at += strlen(key);
			return xasprintf("%.*s", (int)strcspn(at, " "), at);
		}
		at++;
	}
	return NULL;
}

/* FIRST or FIRST-LAST; NULL behind the last range, or where it is none. */
static const char *next_range(const char *p, unsigned long *first,
			      unsigned long *last)
{
	char *end;

	if (!isdigit((unsigned char)*p))
		return NULL;
	*first = *last = strtoul(p, &end, 10);
	if (*end == '-')
		*last = strtoul(end + 1, &end, 10);
	return end + (*end == ',');
}

bool boot_has(const struct boot *boot, size_t id)
{
	const char *p = boot->ids;
	unsigned long first, last;

	if (!p)
		return true;
	while ((p = next_range(p, &first, &last))) {
		if (id >= first && id <= last)
			return true;
	}
	return false;
}

struct boot *boot_of(const struct run *run, size_t id)
{
	size_t i;

	for (i = run->n_boots; i--;) {
		if (boot_has(&run->boots[i], id))
			return &run->boots[i];
	}
	return NULL;
}

int boot_parse(struct run *run, json_t *json, const char *path,
	       struct error *err)
{
	const char *end = json_string_value(json_object_get(json, "end"));
	struct boot *boot;
	int i;

	run->boots =
		xrealloc(run->boots, (run->n_boots + 1) * sizeof(*run->boots));
	boot = &run->boots[run->n_boots++];
	memset(boot, 0, sizeof(*boot));
	records_init(&boot->records);
	boot->json = json;
	boot->detail = json_string_value(json_object_get(json, "detail"));
	boot->ids = ids_of(json_string_value(json_object_get(json, "words")));
	for (i = 0; end && i < BOOT_ENDS; i++) {
		if (strcmp(end, end_names[i]))
			continue;
		boot->end = (enum boot_end)i;
		boot->end_name = end_names[i];
		return 0;
	}
	return refuse(
		err,
		"%s: no known end; \"end\" is poweroff, reset, panic, hang,"
		" deadline, vmm-died or interrupted",
		path);
}

/* A guest without a channel of its own used the console. */
static int read_records(struct records *r, const char *dir, struct error *err)
{
	char *records = xasprintf("%s/records.raw", dir);
	char *console = xasprintf("%s/console.log", dir);
	int bad = records_read(r, records, err);

	if (!bad && !r->n)
		bad = records_read(r, console, err);
	else if (!bad && access(console, R_OK))
		bad = refuse(err, "%s: %s; the bytes of the console", console,
			     strerror(errno));
	free(records);
	free(console);
	return bad;
}

int boot_load(struct run *run, const char *dir, struct error *err)
{
	char *path = xasprintf("%s/boot.json", dir);
	json_error_t why;
	json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	int bad;

	if (json)
		bad = boot_parse(run, json, path, err);
	else
		bad = refuse(err, "%s: %s; a boot, as supervise leaves it",
			     path, why.text);
	free(path);
	if (bad)
		return bad;
	return read_records(&run->boots[run->n_boots - 1].records, dir, err);
}

void boot_free(struct boot *boot)
{
	records_free(&boot->records);
	json_decref(boot->json);
	json_decref(boot->hello);
	free(boot->ids);
}
