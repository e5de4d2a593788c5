// SPDX-License-Identifier: GPL-2.0
/* boot.json: how the machine under test ended, as its supervisor saw it. */
#include <string.h>

#include "judge.h"

static const char *const end_names[BOOT_ENDS] = {
	[END_POWEROFF] = "poweroff",
	[END_RESET] = "reset",
	[END_PANIC] = "panic",
	[END_HANG] = "hang",
	[END_DEADLINE] = "deadline",
	[END_VMM_DIED] = "vmm-died",
	[END_INTERRUPTED] = "interrupted",
};

/* Takes over json. */
int boot_parse(struct boot *boot, json_t *json, const char *path,
	       struct error *err)
{
	const char *end = json_string_value(json_object_get(json, "end"));
	int i;

	boot->json = json;
	boot->detail = json_string_value(json_object_get(json, "detail"));
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

int boot_load(struct boot *boot, const char *path, struct error *err)
{
	json_error_t why;
	json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &why);

	if (!json)
		return refuse(err, "%s: %s; boot.json, as supervise writes it",
			      path, why.text);
	return boot_parse(boot, json, path, err);
}
