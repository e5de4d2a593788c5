// SPDX-License-Identifier: GPL-2.0
/* Boot folders, as a supervisor would have left them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "import/import.h"
#include "record/boot.h"

const char *text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/*
 * How it ended: what it said itself, else what the next boot of the run found
 * out. Nobody watched the last one: it was interrupted, as far as is known.
 */
static void find_end(const struct piece *piece, const struct piece *next,
		     struct boot_info *info)
{
	const char *after = next ? text_of(next->hello, "after") : "";

	info->detail = "";
	if (piece->bye) {
		info->end = END_POWEROFF;
	} else if (!strcmp(after, "panic")) {
		info->end = END_PANIC;
		info->detail = "the next boot found a panic's last words";
	} else if (!strcmp(after, "watchdog")) {
		info->end = END_HANG;
		info->detail = "the watchdog reset the machine";
	} else if (next) {
		info->end = END_RESET;
		info->detail = "another boot followed";
	} else {
		info->end = END_INTERRUPTED;
		info->detail = "the log ends here";
	}
}

/* The entries that it was to run go into its words, as a supervisor's do. */
static int write_info(const struct piece *piece, const struct piece *next,
		      const char *dir, struct error *err)
{
	const char *entries = text_of(piece->hello, "entries");
	struct boot_info info = { .accel = "none",
				  .clock = "wall",
				  .first_record_ms = -1 };
	char *words =
		*entries ? xasprintf("cb.entries=%s", entries) : xstrdup("");
	int bad;

	info.words = words;
	find_end(piece, next, &info);
	bad = boot_info_write(&info, dir, err);
	free(words);
	return bad;
}

static int write_file(const char *dir, const char *name, const char *bytes,
		      size_t len, struct error *err)
{
	struct outfile out;

	if (out_open(&out, dir, name, err))
		return -1;
	fwrite(bytes, 1, len, out.f);
	return out_commit(&out, err);
}

/* The part of the console between this mark's line and the next mark. */
static void section(const struct text *console, const char *what,
		    const struct piece *piece, FILE *f)
{
	int run = (int)json_integer_value(json_object_get(piece->hello, "run"));
	char *mark =
		xasprintf("=== %s run %d boot %d\n", what, run, piece->number);
	const char *stop = console->bytes + console->len, *end;
	const char *at =
		memmem(console->bytes, console->len, mark, strlen(mark));

	if (at) {
		at += strlen(mark);
		end = memmem(at, (size_t)(stop - at), "\n=== ", 5);
		if (!end)
			end = stop;
		fwrite(at, 1, (size_t)(end - at), f);
		fputc('\n', f);
	}
	free(mark);
}

/* Its console, and the last words that the next boot found of it. */
static int write_console(const char *dir, const struct piece *piece,
			 const struct piece *next, const struct text *console,
			 struct error *err)
{
	size_t size;
	char *bytes;
	FILE *f = xmemstream(&bytes, &size);
	int bad;

	section(console, "console of", piece, f);
	if (next)
		section(console, "last words before", next, f);
	fclose(f);
	bad = write_file(dir, BOOT_CONSOLE, bytes, size, err);
	free(bytes);
	return bad;
}

static int write_boot(const char *dir, const struct piece *piece,
		      const struct piece *next, const struct text *log,
		      const struct text *console, size_t from,
		      struct error *err)
{
	int bad;

	bad = mkdir(dir, 0777) && errno != EEXIST ?
		      refuse(err, "%s: %s", dir, strerror(errno)) :
		      0;
	bad = bad || write_file(dir, BOOT_RECORDS, log->bytes + piece->start,
				piece->end - piece->start, err);
	if (console->len)
		bad = bad || write_console(dir, piece, next, console, err);
	else
		bad = bad || write_file(dir, BOOT_CONSOLE, log->bytes + from,
					piece->end - from, err);
	bad = bad || write_info(piece, next, dir, err);
	return bad ? -1 : 0;
}

int boots_write(const struct pieces *p, int run, const struct text *log,
		const struct text *console, const char *out, struct error *err)
{
	size_t i, from = 0;
	int number = 0;

	for (i = 0; i < p->n; i++) {
		const struct piece *piece = &p->v[i], *next = NULL;
		char *dir;
		int bad;

		if (i + 1 < p->n && p->v[i + 1].run == piece->run)
			next = &p->v[i + 1];
		if (piece->run == run) {
			dir = xasprintf("%s/boot-%d", out, ++number);
			/* Text before the first hello belongs to it, too. */
			bad = write_boot(dir, piece, next, log, console,
					 number == 1 ? from : piece->start,
					 err);
			free(dir);
			if (bad)
				return -1;
		}
		from = piece->end;
	}
	return number;
}
