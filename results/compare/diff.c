// SPDX-License-Identifier: GPL-2.0
/* Finds the differences of two results. Holds the rules of what is worse. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "compare/diff.h"

const char *const change_names[CHANGES] = {
	[SAME] = "same",
	[OTHER] = "other",
	[BETTER] = "better",
	[WORSE] = "worse",
};

/* Verdicts that weigh the same. */
enum class {
	HELD,
	HOLE,
	UNSEEN,
	FALSE,
	UNTOLD,
	BROKE,
	ABSENT,
	CLASSES,
};

static const char *const class_names[CLASSES] = {
	[HELD] = "pass xpass",
	[HOLE] = "xfail",
	[UNSEEN] = "skip",
	[FALSE] = "fail",
	[UNTOLD] = "timeout error incomplete",
	[BROKE] = "splat panic hang",
	[ABSENT] = "no such entry",
};

static const enum class class_of[VERDICTS + 1] = {
	[PASS] = HELD,	  [XPASS] = HELD,	 [XFAIL] = HOLE,
	[SKIP] = UNSEEN,  [FAIL] = FALSE,	 [TIMEOUT] = UNTOLD,
	[ERROR] = UNTOLD, [INCOMPLETE] = UNTOLD, [SPLAT] = BROKE,
	[PANIC] = BROKE,  [HANG] = BROKE,	 [VERDICTS] = ABSENT,
};

/*
 * The rules. It is worse if less is known or more is broken. A missing entry is
 * always worse, or leaving a failure out would cure it. A new entry is worse
 * only if it failed. A breakdown that becomes a skip or an error may still be
 * there, so that is not better. A change within a class is other.
 */
/* clang-format off */
static const char rules[CLASSES][CLASSES + 1] = {
	/*             to: HELD HOLE UNSEEN FALSE UNTOLD BROKE ABSENT */
	[HELD]   =        "=" "W"  "W"   "W"   "W"    "W"   "W",
	[HOLE]   =        "B" "="  "o"   "W"   "W"    "W"   "W",
	[UNSEEN] =        "B" "o"  "="   "W"   "W"    "W"   "W",
	[FALSE]  =        "B" "o"  "o"   "="   "W"    "W"   "W",
	[UNTOLD] =        "B" "o"  "o"   "o"   "="    "W"   "W",
	[BROKE]  =        "B" "B"  "o"   "B"   "o"    "="   "W",
	[ABSENT] =        "o" "o"  "o"   "W"   "W"    "W"   "=",
};
/* clang-format on */

enum change change_of(enum verdict from, enum verdict to)
{
	switch (rules[class_of[from]][class_of[to]]) {
	case 'W':
		return WORSE;
	case 'B':
		return BETTER;
	case 'o':
		return OTHER;
	default:
		return from == to ? SAME : OTHER;
	}
}

void rules_print(FILE *f)
{
	static const char *const heads[CLASSES] = {
		[HELD] = "pass",      [HOLE] = "xfail",	  [UNSEEN] = "skip",
		[FALSE] = "fail",     [UNTOLD] = "error", [BROKE] = "panic",
		[ABSENT] = "missing",
	};
	int i, j;

	fprintf(f, "  %-26s", "from, down; to, across");
	for (i = 0; i < CLASSES; i++)
		fprintf(f, "%s%s", heads[i], i < CLASSES - 1 ? "  " : "\n");
	for (i = 0; i < CLASSES; i++) {
		fprintf(f, "  %-26s", class_names[i]);
		for (j = 0; j < CLASSES - 1; j++)
			fprintf(f, "%-*c", (int)strlen(heads[j]) + 2,
				rules[i][j]);
		fprintf(f, "%c\n", rules[i][j]);
	}
}

const struct item *delta_item(const struct delta *d)
{
	return d->head ? d->head : d->base;
}

const char *delta_verdict(const struct item *it)
{
	return it ? verdict_names[it->verdict] : "none";
}

char *delta_name(const struct delta *d)
{
	const struct item *it = delta_item(d);

	return xasprintf("%s%s%s %s%s", it->name, *it->cell_text ? " " : "",
			 it->cell_text, it->label,
			 it->control ? " (control)" : "");
}

char *delta_why(const struct delta *d)
{
	const struct item *it = delta_item(d);
	char *reason = text_reason(it->reason, it->detail);
	const char *what = "";
	char *why;

	/* A control that passed repeats its evidence as its reason. */
	if (!d->head || it->verdict == PASS)
		*reason = '\0';

	if (!d->head)
		what = "no longer there";
	else if (!d->base)
		what = "new";
	else if (d->control_unexpected)
		what = "the control is no longer as it must be";
	else if (d->hole == HOLE_OPENED)
		what = "hole opened";
	else if (d->hole == HOLE_CLOSED)
		what = "hole closed";
	why = xasprintf("%s%s%s", what, *what && *reason ? ": " : "", reason);
	free(reason);
	return why;
}

static bool is_hole(const struct item *it)
{
	return it->verdict == FAIL || it->verdict == XFAIL;
}

static bool is_held(const struct item *it)
{
	return !it->control && (it->verdict == PASS || it->verdict == XPASS);
}

static bool is_unexpected(const struct item *it)
{
	return it->control && it->verdict == ERROR &&
	       !strcmp(it->reason, "control-unexpected");
}

/* Counts and exit statuses are equal in all good runs; sizes vary. */
static bool matters(const char *unit, bool changed)
{
	return changed || !strcmp(unit, "events") || !strcmp(unit, "status");
}

static const char *unit_of(const json_t *one)
{
	const char *unit = json_string_value(json_object_get(one, "unit"));

	return unit ? unit : "";
}

static char *quantity(const json_t *one)
{
	return one ? text_quantity(json_object_get(one, "value"),
				   unit_of(one)) :
		     xstrdup("none");
}

/* Appends one change; text may be NULL. */
static char *add_evidence(char *text, const char *name, const json_t *from,
			  const json_t *to)
{
	char *was = quantity(from), *is = quantity(to), *clean, *longer;

	clean = text_clean(name);
	longer = xasprintf("%s%s%s %s -> %s", text ? text : "",
			   text ? ", " : "", clean, was, is);
	free(clean);
	free(text);
	free(was);
	free(is);
	return longer;
}

/* NULL when no change matters. */
static char *evidence_text(const struct item *base, const struct item *head)
{
	bool changed = base->verdict != head->verdict;
	char *text = NULL;
	const char *name;
	json_t *was, *is;

	json_object_foreach(base->evidence, name, was) {
		is = json_object_get(head->evidence, name);
		if (!json_equal(was, is) && matters(unit_of(was), changed))
			text = add_evidence(text, name, was, is);
	}
	json_object_foreach(head->evidence, name, is) {
		if (!json_object_get(base->evidence, name) &&
		    matters(unit_of(is), changed))
			text = add_evidence(text, name, NULL, is);
	}
	return text;
}

static void add_delta(struct diff *d, const struct item *base,
		      const struct item *head)
{
	struct delta *new = &d->v[d->n++];

	memset(new, 0, sizeof(*new));
	new->base = base;
	new->head = head;
	if (d->no_verdicts && !head)
		return;
	new->change = change_of(base ? base->verdict : VERDICTS,
				head ? head->verdict : VERDICTS);
	d->counts[new->change]++;
	if (!base || !head)
		return;
	if (is_held(base) && is_hole(head))
		new->hole = HOLE_OPENED;
	else if (is_hole(base) && is_held(head))
		new->hole = HOLE_CLOSED;
	new->control_unexpected = is_unexpected(head) && !is_unexpected(base);
	new->evidence = evidence_text(base, head);
}

static int by_item_key(const void *a, const void *b)
{
	return strcmp((*(struct item *const *)a)->key,
		      (*(struct item *const *)b)->key);
}

static const struct item **sort_items(const struct result *r)
{
	const struct item **v = xrealloc(NULL, (r->n_items + 1) * sizeof(*v));
	size_t i;

	for (i = 0; i < r->n_items; i++)
		v[i] = &r->items[i];
	qsort(v, r->n_items, sizeof(*v), by_item_key);
	return v;
}

/*
 * A bench lists only cells that failed, and none of them is in base. A result
 * without costs is no bench: it has lost all entries.
 */
static bool is_bench(const struct result *r, const struct result *base)
{
	size_t i, j;

	for (i = 0; i < r->n_items; i++) {
		for (j = 0; j < base->n_items; j++) {
			if (!strcmp(r->items[i].name, base->items[j].name))
				return false;
		}
	}
	return r->n_figures && base->n_figures;
}

static void diff_items(struct diff *d)
{
	const struct item **heads = sort_items(d->head);
	const struct item **bases = sort_items(d->base);
	size_t i;

	d->v = xrealloc(NULL, (d->base->n_items + d->head->n_items + 1) *
				      sizeof(*d->v));
	for (i = 0; i < d->base->n_items; i++) {
		const struct item *it = &d->base->items[i];
		const struct item **found =
			bsearch(&it, heads, d->head->n_items, sizeof(*heads),
				by_item_key);

		add_delta(d, it, found ? *found : NULL);
	}
	for (i = 0; i < d->head->n_items; i++) {
		const struct item *it = &d->head->items[i];

		if (!bsearch(&it, bases, d->base->n_items, sizeof(*bases),
			     by_item_key))
			add_delta(d, NULL, it);
	}
	free(heads);
	free(bases);
}

static bool has_reason(const json_t *problems, const char *reason)
{
	json_t *one;
	size_t i;

	json_array_foreach(problems, i, one) {
		if (!strcmp(json_string_value(json_object_get(one, "reason")),
			    reason))
			return true;
	}
	return false;
}

/* Adds the problems of list whose reason is not in other. */
static void add_problems(struct diff *d, const json_t *list,
			 const json_t *other, enum change change)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		struct problem_delta *p = &d->problems[d->n_problems];

		p->reason = json_string_value(json_object_get(one, "reason"));
		p->detail = json_string_value(json_object_get(one, "detail"));
		p->change = change;
		if (has_reason(other, p->reason))
			continue;
		d->n_problems++;
		d->counts[change]++;
	}
}

static void diff_problems(struct diff *d)
{
	size_t n = json_array_size(d->base->problems) +
		   json_array_size(d->head->problems);

	d->problems = xrealloc(NULL, (n + 1) * sizeof(*d->problems));
	add_problems(d, d->head->problems, d->base->problems, WORSE);
	add_problems(d, d->base->problems, d->head->problems, BETTER);
}

static void add_warning(struct diff *d, char *line)
{
	d->warnings = xrealloc(d->warnings,
			       (d->n_warnings + 1) * sizeof(*d->warnings));
	d->warnings[d->n_warnings++] = line;
}

/* One value, cleaned and no longer than bytes. The caller frees. */
static char *provenance(const struct diff *d, const struct result *r,
			const char *key, size_t bytes)
{
	bool costs = !d->base->n_items || d->no_verdicts;
	char *raw = costs ? bench_meta(r, key) : result_meta(r, key);
	char *clean = text_clean(*raw ? raw : "unknown");

	free(raw);
	if (strlen(clean) <= bytes)
		return clean;
	/* Do not split a character. */
	while (bytes && (clean[bytes] & 0xc0) == 0x80)
		bytes--;
	clean[bytes] = '\0';
	return clean;
}

static void diff_provenance(struct diff *d)
{
	static const struct {
		const char *key, *what;
		size_t width; /* in bytes; less for a hash */
	} known[] = {
		{ "kernel", "kernel", 200 },
		{ "config_sha256", "kernel configuration", 12 },
		{ "compiler", "compiler", 200 },
		{ "qemu", "QEMU", 200 },
		{ "accel", "accelerator", 200 },
		{ "clock", "clock", 200 },
		{ "smp", "CPUs", 200 },
		{ "mem", "memory", 200 },
		{ "image_sha256", "image", 12 },
		{ "words", "what was to run", 200 },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		char *a = provenance(d, d->base, known[i].key, known[i].width);
		char *b = provenance(d, d->head, known[i].key, known[i].width);

		if (strcmp(a, b))
			add_warning(d, xasprintf("%s differs: %s -> %s",
						 known[i].what, a, b));
		free(a);
		free(b);
	}
}

static void warn_of_lack(struct diff *d, const char *who, const char *what,
			 const char *whose)
{
	add_warning(d, xasprintf("%s has no %s: those of %s are not compared",
				 who, what, whose));
}

void diff_make(struct diff *d, const struct result *base,
	       const struct result *head)
{
	memset(d, 0, sizeof(*d));
	d->base = base;
	d->head = head;
	d->no_verdicts = base->n_items && is_bench(head, base);
	diff_items(d);
	diff_costs(d);
	if (d->no_verdicts)
		warn_of_lack(d, "head", "verdicts", "base");
	if (!head->n_figures && base->n_figures)
		warn_of_lack(d, "head", "costs", "base");
	if (head->n_figures && !base->n_figures)
		warn_of_lack(d, "base", "costs", "head");
	diff_problems(d);
	diff_provenance(d);
}

void diff_free(struct diff *d)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		free(d->v[i].evidence);
	for (i = 0; i < d->n_costs; i++)
		free(d->costs[i].why_not);
	for (i = 0; i < d->n_warnings; i++)
		free(d->warnings[i]);
	free(d->v);
	free(d->costs);
	free(d->problems);
	free(d->warnings);
}
