// SPDX-License-Identifier: GPL-2.0
/* Reads and writes the folder of one boot. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/boot.h"

const char *const boot_end_names[BOOT_ENDS] = {
	[END_NONE] = "",
	[END_POWEROFF] = "poweroff",
	[END_RESET] = "reset",
	[END_PANIC] = "panic",
	[END_HANG] = "hang",
	[END_DEADLINE] = "deadline",
	[END_VMM_DIED] = "vmm-died",
	[END_INTERRUPTED] = "interrupted",
};

const char boot_info_fields[] = "end, detail, words, accel, qemu, mem, clock, "
				"smp, wall_ms, first_record_ms, truncated";

/* The members that are texts or numbers; the others are end and truncated. */
static const struct {
	const char *key;
	size_t at;
} texts[] = {
	{ "detail", offsetof(struct boot_info, detail) },
	{ "words", offsetof(struct boot_info, words) },
	{ "accel", offsetof(struct boot_info, accel) },
	{ "qemu", offsetof(struct boot_info, qemu) },
	{ "mem", offsetof(struct boot_info, mem) },
	{ "clock", offsetof(struct boot_info, clock) },
}, numbers[] = {
	{ "smp", offsetof(struct boot_info, smp) },
	{ "wall_ms", offsetof(struct boot_info, wall_ms) },
	{ "first_record_ms", offsetof(struct boot_info, first_record_ms) },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char **text_at(const struct boot_info *b, size_t i)
{
	return (const char **)((char *)b + texts[i].at);
}

static int64_t *number_at(const struct boot_info *b, size_t i)
{
	return (int64_t *)((char *)b + numbers[i].at);
}

int boot_info_parse(struct boot_info *b, json_t *json, const char *path,
		    struct error *err)
{
	const char *end = json_string_value(json_object_get(json, "end"));
	size_t i;

	memset(b, 0, sizeof(*b));
	b->json = json;
	b->first_record_ms = -1;
	b->truncated = json_is_true(json_object_get(json, "truncated"));
	for (i = 0; i < COUNT(texts); i++)
		*text_at(b, i) =
			json_string_value(json_object_get(json, texts[i].key));
	for (i = 0; i < COUNT(numbers); i++) {
		json_t *number = json_object_get(json, numbers[i].key);

		if (json_is_integer(number))
			*number_at(b, i) = json_integer_value(number);
	}
	for (i = END_NONE + 1; end && i < BOOT_ENDS; i++) {
		if (!strcmp(end, boot_end_names[i]))
			b->end = (enum boot_end)i;
	}
	if (b->end != END_NONE)
		return 0;
	return refuse(
		err,
		"%s: no known end; \"end\" is poweroff, reset, panic, hang,"
		" deadline, vmm-died or interrupted",
		path);
}

int boot_info_read(struct boot_info *b, const char *dir, struct error *err)
{
	char *path = xasprintf("%s/" BOOT_INFO, dir);
	json_error_t why;
	json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	int bad;

	if (json) {
		bad = boot_info_parse(b, json, path, err);
	} else {
		memset(b, 0, sizeof(*b));
		bad = refuse(err, "%s: %s; the folder of a boot is needed",
			     path, why.text);
	}
	free(path);
	return bad;
}

void boot_info_free(struct boot_info *b)
{
	json_decref(b->json);
}

int boot_info_write(const struct boot_info *b, const char *dir,
		    struct error *err)
{
	json_t *o =
		json_pack("{s:s,s:I,s:I,s:b}", "end", boot_end_names[b->end],
			  "wall_ms", (json_int_t)b->wall_ms, "first_record_ms",
			  (json_int_t)b->first_record_ms, "truncated",
			  (int)b->truncated);
	struct outfile out;
	size_t i;

	for (i = 0; i < COUNT(texts); i++) {
		if (*text_at(b, i))
			json_object_set_new(o, texts[i].key,
					    json_string(*text_at(b, i)));
	}
	if (b->smp)
		json_object_set_new(o, "smp", json_integer(b->smp));
	if (out_open(&out, dir, BOOT_INFO, err)) {
		json_decref(o);
		return -1;
	}
	/* A failed write stays visible in the stream; commit reports it. */
	json_dumpf(o, out.f, JSON_COMPACT);
	fputc('\n', out.f);
	json_decref(o);
	return out_commit(&out, err);
}

char *boot_info_field(const struct boot_info *b, const char *key)
{
	size_t i;

	if (!strcmp(key, "end"))
		return xstrdup(boot_end_names[b->end]);
	if (!strcmp(key, "truncated"))
		return xstrdup(b->truncated ? "true" : "false");
	for (i = 0; i < COUNT(texts); i++) {
		if (!strcmp(key, texts[i].key))
			return xstrdup(*text_at(b, i) ? *text_at(b, i) : "");
	}
	for (i = 0; i < COUNT(numbers); i++) {
		if (!strcmp(key, numbers[i].key))
			return xasprintf("%lld", (long long)*number_at(b, i));
	}
	return NULL;
}

/* A guest without a channel of its own wrote its records to the console. */
int boot_records_read(struct records *r, const char *dir, struct error *err)
{
	char *records = xasprintf("%s/" BOOT_RECORDS, dir);
	char *console = xasprintf("%s/" BOOT_CONSOLE, dir);
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
