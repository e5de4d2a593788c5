// SPDX-License-Identifier: GPL-2.0
/*
 * Expectations: known holes and exceptions to them, one per line. The head of
 * the file documents the format.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"

struct expectation {
	unsigned int line;
	/* Series as major << 16 | minor, both ends included. */
	unsigned long from;
	unsigned long to;
	bool any_kernel;
	char *driver;
	char *scenario;
	char *cell;
	char *how; /* see evidence.c; "-" with PASS */
	char *reason;
	enum verdict verdict; /* XFAIL or PASS */
	bool used;
};

#define FORMAT "kernel-range driver scenario cell verdict evidence reason"

/* Parses "6.12", ignores a patch level, and advances *s past the number. */
static bool take_series(const char **s, unsigned long *series)
{
	unsigned long part[2];
	int i;

	for (i = 0; i < 2; i++) {
		char *end;

		if (**s < '0' || **s > '9')
			return false;
		part[i] = strtoul(*s, &end, 10);
		if (part[i] > 0xffff || (!i && *end++ != '.'))
			return false;
		*s = end;
	}
	*series = part[0] << 16 | part[1];
	return true;
}

static bool take_range(struct expectation *x, const char *s)
{
	x->any_kernel = !strcmp(s, "*");
	if (x->any_kernel)
		return true;
	if (!take_series(&s, &x->from))
		return false;
	x->to = x->from;
	if (*s == '-') {
		s++;
		if (!take_series(&s, &x->to))
			return false;
	}
	return !*s && x->from <= x->to;
}

/* "*", or key=value pairs without an empty part. */
static bool cell_is_good(const char *s)
{
	if (!strcmp(s, "*"))
		return true;
	for (;;) {
		size_t key = strcspn(s, "=,");
		size_t value = s[key] == '=' ? strcspn(s + key + 1, "=,") : 0;

		if (!key || !value)
			return false;
		s += key + 1 + value;
		if (!*s)
			return true;
		if (*s++ != ',')
			return false;
	}
}

/* Sets x->verdict, and x->how to what the verdict demands. */
static int take_verdict(struct expectation *x, const char *verdict,
			const char *how, const char *path, struct error *err)
{
	bool good;

	if (!strcmp(verdict, "xfail"))
		x->verdict = XFAIL;
	else if (!strcmp(verdict, "pass"))
		x->verdict = PASS;
	else
		return refuse(err,
			      "%s:%u: '%s' cannot be expected: xfail, or pass"
			      " for an exception to a later line",
			      path, x->line, verdict);
	good = x->verdict == PASS ? !strcmp(how, "-") :
				    evidence_demand_is_good(how);
	if (!good)
		return refuse(err,
			      "%s:%u: '%s' is no evidence: name=5, name=5..9,"
			      " name=5.. or name=..9 with commas between, or -"
			      " with pass",
			      path, x->line, how);
	return 0;
}

#define WORDS 6

static int take_line(struct expectations *x, char *line, unsigned int number,
		     const char *path, struct error *err)
{
	static const char blank[] = " \t\r";
	struct expectation new = { .line = number };
	char *word[WORDS], *rest = line;
	size_t i;

	for (i = 0; i < WORDS; i++) {
		rest += strspn(rest, blank);
		word[i] = strsep(&rest, blank);
		if (!rest)
			break;
	}
	if (i < WORDS || !rest[strspn(rest, blank)])
		return refuse(err, "%s:%u: a line is: " FORMAT, path, number);
	if (!take_range(&new, word[0]))
		return refuse(err,
			      "%s:%u: '%s' is no kernel range: 6.12, 6.1-6.12"
			      " or *",
			      path, number, word[0]);
	if (!cell_is_good(word[3]))
		return refuse(err, "%s:%u: '%s' is no cell: key=value,... or *",
			      path, number, word[3]);
	if (take_verdict(&new, word[4], word[5], path, err))
		return -1;
	new.driver = xstrdup(word[1]);
	new.scenario = xstrdup(word[2]);
	new.cell = xstrdup(word[3]);
	new.how = xstrdup(word[5]);
	new.reason = xstrdup(rest + strspn(rest, blank));
	x->v = xrealloc(x->v, (x->n + 1) * sizeof(*x->v));
	x->v[x->n++] = new;
	return 0;
}

/* Changes text. */
int expect_parse(struct expectations *x, char *text, const char *path,
		 struct error *err)
{
	unsigned int number = 0;
	json_t *probe = json_string(text);
	char *line;

	if (!probe)
		return refuse(err, "%s: not UTF-8; lines of text: " FORMAT,
			      path);
	json_decref(probe);
	while ((line = strsep(&text, "\n"))) {
		char *first = line + strspn(line, " \t\r");

		number++;
		if (!*first || *first == '#')
			continue;
		if (take_line(x, first, number, path, err))
			return -1;
	}
	return 0;
}

int expect_load(struct expectations *x, const char *path, struct error *err)
{
	static const char what[] = "a file of lines: " FORMAT;
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	int bad;

	if (!f)
		return refuse(err, "%s: %s; %s", path, strerror(errno), what);
	errno = 0;
	len = getdelim(&text, &room, '\0', f);
	if (len < 0 && ferror(f))
		bad = refuse(err, "%s: %s; %s", path, strerror(errno), what);
	else if (len > 0 && !text[len - 1])
		bad = refuse(err, "%s: holds a NUL; %s", path, what);
	else
		bad = len > 0 ? expect_parse(x, text, path, err) : 0;
	free(text);
	fclose(f);
	return bad;
}

void expect_free(struct expectations *x)
{
	size_t i;

	for (i = 0; i < x->n; i++) {
		free(x->v[i].driver);
		free(x->v[i].scenario);
		free(x->v[i].cell);
		free(x->v[i].how);
		free(x->v[i].reason);
	}
	free(x->v);
}

/* A kernel that did not report its release matches no range. */
static bool covers(const struct expectation *x, const char *kernel)
{
	unsigned long series;

	if (x->any_kernel)
		return true;
	return take_series(&kernel, &series) && series >= x->from &&
	       series <= x->to;
}

/* Every pair of the line must be in the cell; the cell may have more. */
static bool cell_matches(const char *want, const struct entry *e)
{
	if (!strcmp(want, "*"))
		return true;
	while (*want) {
		size_t key = strcspn(want, "=");
		const char *value = want + key + 1;
		size_t len = strcspn(value, ",");
		char *name = xasprintf("%.*s", (int)key, want);
		const char *is =
			json_string_value(json_object_get(e->cell, name));

		free(name);
		if (!is || strlen(is) != len || strncmp(is, value, len))
			return false;
		want = value + len;
		want += *want == ',';
	}
	return true;
}

static bool driver_matches(const struct expectation *x, const struct entry *e)
{
	return !strcmp(x->driver, "*") || !strcmp(x->driver, e->driver);
}

static bool matches(const struct expectation *x, const struct entry *e)
{
	return !strcmp(x->scenario, e->name) && driver_matches(x, e) &&
	       cell_matches(x->cell, e);
}

/*
 * Makes the failure of an entry one that is known, if it fails as the line
 * says. A moved meter is never the known defect.
 */
static void apply_failure(const struct expectation *x, struct entry *e)
{
	char *differs, *was = e->detail;

	if (e->outcome != CLAIM_FAILED)
		return;
	differs = evidence_differs(e, x->how);
	if (!differs) {
		e->verdict = XFAIL;
		e->detail = xasprintf("expected to fail: %s", x->reason);
	} else {
		e->detail = xasprintf("not as expected by line %u (%s): %s%s%s",
				      x->line, x->how, differs, was ? "; " : "",
				      was ? was : "");
	}
	free(differs);
	free(was);
}

static void apply_to(struct run *run, const char *kernel, struct entry *e)
{
	const struct expectation *first = NULL;
	size_t i;

	for (i = 0; i < run->expectations.n; i++) {
		struct expectation *x = &run->expectations.v[i];

		if (!covers(x, kernel) || !matches(x, e))
			continue;
		x->used = true;
		if (!first)
			first = x;
	}
	if (!first || first->verdict != XFAIL)
		return;
	if (e->verdict == FAIL) {
		apply_failure(first, e);
	} else if (e->verdict == PASS) {
		e->verdict = XPASS;
		free(e->detail);
		e->detail = xasprintf("expected to fail: %s", first->reason);
	}
}

/* True if a word of the command line begins with start. */
static bool has_word(const char *words, const char *start)
{
	const char *at = words;

	while ((at = strstr(at, start))) {
		if (at == words || at[-1] == ' ')
			return true;
		at++;
	}
	return false;
}

/*
 * Why it is wrong that a line matched nothing; NULL when the user left its
 * scenario or driver out of this run.
 */
static const char *why_unused(const struct run *run,
			      const struct expectation *x, const char *words)
{
	bool scenario = false, subject = false, control = false;
	size_t i;

	for (i = 0; i < run->plan.n; i++) {
		const struct entry *e = &run->plan.v[i];

		if (strcmp(x->scenario, e->name))
			continue;
		scenario = true;
		control = control || (e->control && driver_matches(x, e));
		subject = subject || (!e->control && driver_matches(x, e));
	}
	if (subject)
		return "no cell of that scenario matches";
	if (control)
		return "controls cannot be listed";
	if (scenario)
		return has_word(words, "cb.drivers=") ? NULL :
							"no such driver ran";
	if (has_word(words, "cb.suite=full") &&
	    !has_word(words, "cb.scenarios="))
		return "there is no such scenario";
	return NULL;
}

void expect_apply(struct run *run, const char *kernel, const char *words)
{
	size_t i;

	/* Mutants fail on purpose, so known holes do not apply. */
	if (has_word(words, "cb.suite=mutants"))
		return;
	for (i = 0; i < run->plan.n; i++) {
		if (!run->plan.v[i].control)
			apply_to(run, kernel, &run->plan.v[i]);
	}
	/* Without a hello the words of the guest are unknown. */
	if (!run->hello)
		return;
	for (i = 0; i < run->expectations.n; i++) {
		const struct expectation *x = &run->expectations.v[i];
		const char *why;

		if (x->used || !covers(x, kernel))
			continue;
		why = why_unused(run, x, words);
		if (why)
			add_problem(run, "expectations",
				    "line %u (%s %s %s) matches nothing: %s",
				    x->line, x->driver, x->scenario, x->cell,
				    why);
	}
}
