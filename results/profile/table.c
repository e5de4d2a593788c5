// SPDX-License-Identifier: GPL-2.0
/* Prints a profile as a table, saves it as JSON, and compares two. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/profile.h"

#define PROFILE_SCHEMA 1
#define MOVED_MAX 20 /* lines of a comparison */

static double each(const struct profile *p, int64_t count)
{
	return (double)count / (double)p->requests;
}

static double percent(const struct profile *p, int64_t count)
{
	return 100.0 * (double)count / (double)p->frames[0].total;
}

void profile_print(const struct profile *p, size_t rows, FILE *f)
{
	char *title = text_clean(p->title);
	size_t i;

	fprintf(f, "%s: %.1f instructions a request, of %lld\n\n", title,
		each(p, p->frames[0].total), (long long)p->requests);
	fputs("       own  share  with callees  share  function\n", f);
	for (i = 0; i < p->n_functions && i < rows; i++) {
		const struct function *fn = &p->functions[i];
		char *name = text_clean(fn->name);

		fprintf(f, "%10.1f %5.1f%%  %12.1f %5.1f%%  %s\n",
			each(p, fn->self), percent(p, fn->self),
			each(p, fn->total), percent(p, fn->total), name);
		free(name);
	}
	free(title);
}

void profile_save(const struct profile *p, FILE *f)
{
	size_t i;

	fprintf(f, "{\"schema\": %d, \"requests\": %lld, \"functions\": [\n",
		PROFILE_SCHEMA, (long long)p->requests);
	for (i = 0; i < p->n_functions; i++) {
		const struct function *fn = &p->functions[i];
		json_t *o = json_pack("{s:s,s:I,s:I}", "name", fn->name, "self",
				      (json_int_t)fn->self, "total",
				      (json_int_t)fn->total);

		json_dumpf(o, f, JSON_COMPACT);
		json_decref(o);
		fputs(i + 1 < p->n_functions ? ",\n" : "\n", f);
	}
	fputs("]}\n", f);
}

/* Each function with its own instructions per request. */
struct costs {
	json_t *json;
	json_t *by_name; /* object: name → number */
};

static const char *take_costs(struct costs *c)
{
	json_t *list = json_object_get(c->json, "functions"), *one;
	double requests =
		json_number_value(json_object_get(c->json, "requests"));
	size_t i;

	if (json_integer_value(json_object_get(c->json, "schema")) !=
	    PROFILE_SCHEMA)
		return "no profile of schema 1";
	if (!json_is_array(list) || !(requests >= 1))
		return "no array of functions, or no number of requests";
	c->by_name = json_object();
	json_array_foreach(list, i, one) {
		const char *name =
			json_string_value(json_object_get(one, "name"));
		json_t *self = json_object_get(one, "self");

		if (!name || !json_is_integer(self))
			return "a function is a name and self, a whole number";
		json_object_set_new(c->by_name, name,
				    json_real(json_number_value(self) /
					      requests));
	}
	return NULL;
}

static int load_costs(struct costs *c, const char *path, struct error *err)
{
	json_error_t why;
	const char *bad;

	c->json = json_load_file(path, 0, &why);
	bad = c->json ? take_costs(c) : why.text;
	return bad ? refuse(err, "%s: %s", path, bad) : 0;
}

struct moved {
	const char *name;
	double was, is;
};

static int by_distance(const void *a, const void *b)
{
	const struct moved *x = a, *y = b;
	double dx = fabs(x->is - x->was), dy = fabs(y->is - y->was);

	if (dx != dy)
		return dx < dy ? 1 : -1;
	return strcmp(x->name, y->name);
}

static double cost_in(const struct costs *c, const char *name)
{
	return json_number_value(json_object_get(c->by_name, name));
}

static void print_moved(const struct costs *base, const struct costs *head,
			FILE *f)
{
	size_t room = json_object_size(base->by_name) +
		      json_object_size(head->by_name);
	struct moved *v = xrealloc(NULL, (room + 1) * sizeof(*v));
	double was = 0, is = 0;
	size_t i, n = 0;
	const char *name;
	json_t *one;

	json_object_foreach(base->by_name, name, one)
		v[n++] = (struct moved){ name, json_real_value(one),
					 cost_in(head, name) };
	json_object_foreach(head->by_name, name, one) {
		if (!json_object_get(base->by_name, name))
			v[n++] =
				(struct moved){ name, 0, json_real_value(one) };
	}
	qsort(v, n, sizeof(*v), by_distance);
	for (i = 0; i < n; i++) {
		was += v[i].was;
		is += v[i].is;
	}
	fputs("      base        head       moved  function\n", f);
	for (i = 0; i < n && i < MOVED_MAX && v[i].was != v[i].is; i++) {
		char *clean = text_clean(v[i].name);

		fprintf(f, "%10.1f  %10.1f  %+10.1f  %s\n", v[i].was, v[i].is,
			v[i].is - v[i].was, clean);
		free(clean);
	}
	fprintf(f, "%10.1f  %10.1f  %+10.1f  all\n", was, is, is - was);
	free(v);
}

int profile_compare(const char *base, const char *head, FILE *f,
		    struct error *err)
{
	struct costs b = { 0 }, h = { 0 };
	int bad = load_costs(&b, base, err) || load_costs(&h, head, err);

	if (!bad)
		print_moved(&b, &h, f);
	json_decref(b.json);
	json_decref(b.by_name);
	json_decref(h.json);
	json_decref(h.by_name);
	return bad ? -1 : 0;
}
