// SPDX-License-Identifier: GPL-2.0
/*
 * The command that makes a baseline of a run: what the comparer needs, an
 * entry a line, so that a baseline is small and its changes can be reviewed.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

static const char usage[] =
	"usage: baseline --out DIR RESULT...\n"
	"\n"
	"Makes DIR/SERIES.json of each result, a result.json or a run's folder;\n"
	"SERIES is its kernel's, as in 6.12. Tolerances of costs are taken from\n"
	"the result, or else from the baseline that is there already.\n"
	"\n"
	"Exit status: 0, or 2 for a result that cannot be a baseline.\n";

/* Copies those that there are. */
static json_t *pick(json_t *from, const char *const keys[], size_t n)
{
	json_t *to = json_object();
	size_t i;

	for (i = 0; i < n; i++) {
		json_t *value = json_object_get(from, keys[i]);

		if (value)
			json_object_set(to, keys[i], value);
	}
	return to;
}

#define PICK(from, keys) pick(from, keys, sizeof(keys) / sizeof(*(keys)))

static json_t *strip_meta(json_t *meta)
{
	static const char *const keys[] = {
		"kernel",	"commit",	 "source",   "config_sha256",
		"image_sha256", "module_sha256", "compiler", "qemu",
		"accel",	"smp",		 "mem",	     "words",
		"sources",
	};
	json_t *stripped = PICK(meta, keys);
	const char *source =
		json_string_value(json_object_get(stripped, "source"));

	/* The path of somebody's own tree means nothing elsewhere. */
	if (source && strchr(source, '/'))
		json_object_del(stripped, "source");
	return stripped;
}

static json_t *strip_item(const struct item *it)
{
	static const char *const keys[] = {
		"name",	  "cell",    "driver", "variant",  "control",
		"expect", "verdict", "reason", "evidence",
	};
	json_t *stripped = PICK(it->json, keys);

	/* What a control measured as it did what it must is in its evidence. */
	if (it->verdict == PASS)
		json_object_set_new(stripped, "reason", json_string(""));
	return stripped;
}

static json_t *matrices(const struct result *r)
{
	return json_object_get(r->json, "matrices");
}

/* The tolerance of old's cell that is the same as this one, or NULL. */
static json_t *old_tolerance(const struct result *old, json_t *cell)
{
	static const char *const same[] = { "name", "driver", "cell" };
	json_t *one;
	size_t i, j;

	json_array_foreach(matrices(old), i, one) {
		for (j = 0; j < 3; j++) {
			if (!json_equal(json_object_get(one, same[j]),
					json_object_get(cell, same[j])))
				break;
		}
		if (j == 3)
			return json_object_get(one, "tolerance");
	}
	return NULL;
}

static json_t *strip_cell(json_t *cell, const struct result *old)
{
	static const char *const keys[] = { "name", "driver", "cell", "metrics",
					    "tolerance" };
	json_t *stripped = PICK(cell, keys), *tolerance;

	tolerance = old_tolerance(old, cell);
	if (tolerance && !json_object_get(stripped, "tolerance"))
		json_object_set(stripped, "tolerance", tolerance);
	return stripped;
}

/* A line, and behind it what separates it from the next. */
static void put_line(FILE *f, json_t *o, bool last)
{
	json_dumpf(o, f, 0);
	fputs(last ? "\n" : ",\n", f);
	json_decref(o);
}

static void put_baseline(FILE *f, const struct result *r,
			 const struct result *old)
{
	size_t i, cells = json_array_size(matrices(r));
	json_t *meta = strip_meta(r->meta);

	fprintf(f,
		"{\"schema\": %d, \"status\": %d,\n\"meta\": ", RESULT_SCHEMA,
		r->status);
	json_dumpf(meta, f, JSON_INDENT(1));
	json_decref(meta);
	fputs(",\n\"problems\": ", f);
	json_dumpf(r->problems, f, 0);
	fputs(",\n\"scenarios\": [\n", f);
	for (i = 0; i < r->n_items; i++)
		put_line(f, strip_item(&r->items[i]), i + 1 == r->n_items);
	fputs("],\n\"matrices\": [\n", f);
	for (i = 0; i < cells; i++)
		put_line(f, strip_cell(json_array_get(matrices(r), i), old),
			 i + 1 == cells);
	fputs("]}\n", f);
}

/* "6.12" of "6.12.117-chargeback"; NULL when it is not so. */
static char *series_of(const struct result *r)
{
	static const char digits[] = "0123456789";
	char *kernel = result_meta(r, "kernel");
	size_t major = strspn(kernel, digits), minor;

	minor = kernel[major] == '.' ? strspn(kernel + major + 1, digits) : 0;
	if (major && minor && major + minor < 16) {
		kernel[major + 1 + minor] = '\0';
		return kernel;
	}
	free(kernel);
	return NULL;
}

static int save(const struct result *r, const char *dir, struct error *err)
{
	char *series = series_of(r), *name, *path;
	struct result old;
	struct outfile out;
	struct error none = { "" };
	int bad;

	if (!series)
		return refuse(err, "%s: meta names no kernel", r->path);
	name = xasprintf("%s.json", series);
	path = xasprintf("%s/%s", dir, name);
	/* Where there is none, or a broken one, there is nothing to keep. */
	result_load(&old, path, NULL, &none);
	bad = out_open(&out, dir, name, err);
	if (!bad) {
		put_baseline(out.f, r, &old);
		bad = out_commit(&out, err);
	}
	if (!bad)
		printf("%s: of %s\n", path, r->path);
	result_free(&old);
	free(path);
	free(name);
	free(series);
	return bad;
}

static int take_result(const char *arg, const char *dir, struct error *err)
{
	struct result r;
	int bad = result_load(&r, arg, NULL, err);

	/* Against what broke, everything would be better. */
	if (!bad && r.status > STATUS_CLAIM)
		bad = refuse(err,
			     "%s: its status is %d; a baseline's is 0 or 1",
			     r.path, r.status);
	if (!bad)
		bad = save(&r, dir, err);
	result_free(&r);
	return bad;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "out", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct error err = { "" };
	const char *dir = NULL;
	int c, bad = 0;

	bound_json_memory();
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (c != 'o')
			return STATUS_USAGE;
		dir = optarg;
	}
	if (!dir || optind == argc)
		bad = refuse(&err, "--out DIR and a RESULT are needed; see "
				   "baseline --help");
	while (!bad && optind < argc)
		bad = take_result(argv[optind++], dir, &err);
	if (!bad && (fflush(stdout) || ferror(stdout)))
		bad = refuse(&err, "standard output cannot be written");
	if (bad)
		fprintf(stderr, "baseline: %s\n", err.text);
	return bad ? STATUS_USAGE : 0;
}
