// SPDX-License-Identifier: GPL-2.0
// KTAP on the console, for people; results are judged from the records.
#include <stdio.h>

#include "ktap.h"

void ktap_start(const struct plan *p)
{
	printf("KTAP version 1\n1..%d\n", p->count);
}

void ktap_stray(const char *splat)
{
	printf("# splat: %s\n", splat);
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

bool ktap_end(const struct entry *e, enum claim claim, const char *reason,
	      const struct meters *m, const char *evidence)
{
	bool good = as_expected(e, claim, m);
	int i;

	fputs(evidence, stdout);
	for (i = 0; i < m->count; i++)
		printf("# moved: %s\n", m->moved[i]);
	if (*reason && claim != CLAIM_SKIP)
		printf("# %s: %s\n", claim_names[claim], reason);
	printf("%s %d - %s%s%s %s", good ? "ok" : "not ok", e->id + 1,
	       scenario_name(e->scenario), *e->cell ? " " : "", e->cell,
	       e->driver->name);
	if (e->control)
		printf(" (control: %s)",
		       e->control->expect == EXPECT_TRUE ? "true" : "false");
	if (claim == CLAIM_SKIP)
		printf(" # SKIP %s", reason);
	putchar('\n');
	fflush(stdout);
	return good;
}
