// SPDX-License-Identifier: GPL-2.0
/* The boots of a run, and which entries each was to run. */
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"
#include "record/entries.h"

/*
 * The entries among the kernel's words. The caller frees; NULL when there is no
 * such word.
 */
static char *ids_of(const char *words)
{
	static const char key[] = ENTRIES_WORD;
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

bool boot_has(const struct boot *boot, size_t id)
{
	return entries_have(boot->ids, id);
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

static struct boot *add(struct run *run)
{
	struct boot *boot;

	run->boots =
		xrealloc(run->boots, (run->n_boots + 1) * sizeof(*run->boots));
	boot = &run->boots[run->n_boots++];
	memset(boot, 0, sizeof(*boot));
	records_init(&boot->records);
	return boot;
}

int boot_parse(struct run *run, json_t *json, const char *path,
	       struct error *err)
{
	struct boot *boot = add(run);
	int bad = boot_info_parse(&boot->info, json, path, err);

	boot->ids = ids_of(boot->info.words);
	return bad;
}

int boot_load(struct run *run, const char *dir, struct error *err)
{
	struct boot *boot = add(run);
	int bad = boot_info_read(&boot->info, dir, err);

	boot->ids = ids_of(boot->info.words);
	return bad ? bad : boot_records_read(&boot->records, dir, err);
}

void boot_free(struct boot *boot)
{
	records_free(&boot->records);
	boot_info_free(&boot->info);
	json_decref(boot->hello);
	free(boot->ids);
}
