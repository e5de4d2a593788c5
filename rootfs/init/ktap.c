// SPDX-License-Identifier: GPL-2.0
// KTAP on the console, for people; results are judged from the records.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "consoles.h"
#include "ktap.h"

/*
 * KTAP wants its numbers from 1 in rising order.  An entry may end before an
 * older one whose cgroups are still dying, so its lines are kept until then.
 */
static int *numbers; /* by an entry's id; 0: this boot does not run it */
static char **kept; /* by number: the lines of an entry that has ended */
static int count, next = 1;
static bool lava; /* cb.lava: a line for LAVA's patterns, too */

void ktap_start(const struct plan *p, const struct options *o)
{
	char head[64];
	int i;

	numbers = zalloc(p->count * sizeof(*numbers));
	kept = zalloc((p->count + 2) * sizeof(*kept));
	for (i = 0; i < p->count; i++)
		if (options_run(o, i))
			numbers[i] = ++count;
	lava = o->lava;
	text_set(head, sizeof(head), "KTAP version 1\n1..%d\n", count);
	consoles_print(head);
}

void ktap_stray(const char *splat)
{
	char *line;

	if (asprintf(&line, "# splat: %s\n", splat) < 0)
		FAIL(errno, "asprintf");
	consoles_print(line);
	free(line);
}

static bool as_expected(const struct entry *e, enum claim claim,
			const struct meters *m)
{
	if (claim == CLAIM_SKIP)
		return true;
	if (!e->control)
		return claim == CLAIM_HELD && !m->count;
	if (e->control->expect == EXPECT_FALSE)
		return claim == CLAIM_FAILED;
	return claim == CLAIM_HELD;
}

static void write_lines(FILE *f, const struct entry *e, enum claim claim,
			const char *reason, const struct meters *m, bool good)
{
	int i;

	for (i = 0; i < m->count; i++)
		fprintf(f, "# moved: %s\n", m->moved[i]);
	if (*reason && claim != CLAIM_SKIP)
		fprintf(f, "# %s: %s\n", claim_names[claim], reason);
	/* By this line the report finds an entry in the console of its boot. */
	fprintf(f, "# id: %d\n", e->id);
	fprintf(f, "%s %d - %s%s%s %s", good ? "ok" : "not ok", numbers[e->id],
		scenario_name(e->scenario), *e->cell ? " " : "", e->cell,
		e->driver->name);
	if (e->control)
		fprintf(f, " (control: %s)",
			e->control->expect == EXPECT_TRUE ? "true" : "false");
	if (claim == CLAIM_SKIP)
		fprintf(f, " # SKIP %s", reason);
	fputc('\n', f);
}

/* A word of one of LAVA's results: letters, digits and . = - and _. */
static void write_cell(FILE *f, const char *cell)
{
	for (; *cell; cell++)
		fputc(*cell == ' ' || *cell == ',' ? '.' : *cell, f);
}

/* "cb: VERDICT NAME SECONDS s": no two entries of a plan have the same name. */
static void write_lava(FILE *f, const struct entry *e, enum claim claim,
		       long long ms, bool good)
{
	const char *verdict = good ? "pass" : "fail";

	if (claim >= CLAIM_SKIP)
		verdict = claim_names[claim];
	else if (e->control && !good)
		verdict = claim_names[CLAIM_ERROR];
	fprintf(f, "cb: %s %s.", verdict, scenario_name(e->scenario));
	write_cell(f, e->cell);
	fprintf(f, "%s%s", *e->cell ? "." : "", e->driver->name);
	if (e->control)
		fputs(".control", f);
	if (e->variant)
		fprintf(f, ".%s", e->variant);
	if (e->round)
		fprintf(f, ".round-%d", e->round);
	fprintf(f, " %lld.%02lld s\n", ms / 1000, ms % 1000 / 10);
}

bool ktap_end(const struct entry *e, enum claim claim, const char *reason,
	      const struct meters *m, const char *evidence, long long ms)
{
	bool good = as_expected(e, claim, m);
	size_t size;
	FILE *f = open_memstream(&kept[numbers[e->id]], &size);

	if (!f)
		FAIL(errno, "the lines of entry %d", e->id);
	fputs(evidence, f);
	write_lines(f, e, claim, reason, m, good);
	if (lava)
		write_lava(f, e, claim, ms, good);
	if (fclose(f))
		FAIL(errno, "the lines of entry %d", e->id);
	for (; kept[next]; next++) {
		consoles_print(kept[next]);
		free(kept[next]);
	}
	return good;
}
