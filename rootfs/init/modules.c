// SPDX-License-Identifier: GPL-2.0
// The modules of the kernel under test that an image has to hold.
#include <stdio.h>
#include <string.h>

#include "module.h"
#include "modules.h"
#include "plan.h"
#include "util.h"

static const char *const channel[] = { "virtio_pci", "virtio_console",
				       "pvpanic_pci" };
/* Those that are loaded by name, and no need. */
static const char *const others[] = { "loop", "kvm_amd", "kvm_intel" };

void modules_load_channel(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(channel); i++)
		module_load(channel[i], "");
}

/* A need is "module:NAME" or "load:NAME PARAMETERS", behind its condition. */
static void print_need(const char *need)
{
	const char *word = need;

	if (strcspn(need, " ") > strcspn(need, "="))
		word += strcspn(need, " ") + 1;
	if (!strncmp(word, "module:", 7) || !strncmp(word, "load:", 5)) {
		word = strchr(word, ':') + 1;
		printf("%.*s\n", (int)strcspn(word, " "), word);
	}
}

void modules_print(void)
{
	const struct scenario *const *s;
	const char *const *need;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(channel); i++)
		puts(channel[i]);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		puts(others[i]);
	for (s = __start_scenarios; s != __stop_scenarios; s++)
		for (need = (*s)->needs; need && *need; need++)
			print_need(*need);
}

/* A need of an entry, with the module of its driver for "driver". */
static void print_entry_need(const struct entry *e, const char *need)
{
	char name[PATH_LEN];

	if (strcmp(need, "driver"))
		text_set(name, sizeof(name), "%s", need);
	else if (e->driver->module)
		text_set(name, sizeof(name), "module:%s", e->driver->module);
	else
		return;
	name[strcspn(name, " ")] = '\0';
	printf("%s %s\n", name, scenario_name(e->scenario));
}

void modules_print_needs(const struct plan *p)
{
	const char *const *need, *what;
	int i;

	for (i = 0; i < p->count; i++)
		for (need = p->entries[i].scenario->needs; need && *need;
		     need++) {
			what = scenario_need(&p->entries[i], *need);
			if (what)
				print_entry_need(&p->entries[i], what);
		}
}
