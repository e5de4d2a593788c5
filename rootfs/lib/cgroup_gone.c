// SPDX-License-Identifier: GPL-2.0
// Is a removed cgroup gone as soon as its twin?
#include "cgroup_gone.h"
#include "scenario.h"

/* The twin takes 0.1 s; a grace period or two on a slow machine. */
#define TWIN_MS 20000
/*
 * What the subject gets on top, in turns of wait_until(): about five seconds
 * on an idle machine.  Whoever keeps a group keeps it for a minute, or for
 * good.
 */
#define TURNS 1600

struct dying {
	const char *above;
	long long left;
	int turns, most;
};

static bool is_gone(void *arg)
{
	struct dying *d = arg;

	d->left = CHECK(
		cgroup_key(d->above, "cgroup.stat", "nr_dying_descendants"));
	return !d->left;
}

static bool is_gone_or_late(void *arg)
{
	struct dying *d = arg;

	return is_gone(arg) || ++d->turns >= d->most;
}

void cgroup_gone_wait(struct cgroup_gone *g)
{
	struct dying twin = { .above = g->twin };
	struct dying subject = { .above = g->subject,
				 .most = g->turns ? g->turns : TURNS };
	long long start = now_ms();

	if (!wait_until(is_gone, &twin, TWIN_MS))
		FAIL(0, "the twin stays, too: %lld dying", twin.left);
	g->twin_ms = now_ms() - start;
	wait_until(is_gone_or_late, &subject, 4 * TWIN_MS);
	g->subject_ms = now_ms() - start;
	g->twin_left = twin.left;
	g->subject_left = subject.left;
	evidence("twin_dying", twin.left, "cgroups");
	evidence("twin_gone_after", g->twin_ms, "ms");
	evidence("subject_dying", subject.left, "cgroups");
	evidence("subject_watched_for", g->subject_ms, "ms");
}

void cgroup_gone_conclude(const struct cgroup_gone *g, const char *who)
{
	if (!g->subject_left)
		held();
	failed("%s kept a removed cgroup for %lld ms and more; its twin was "
	       "gone after %lld ms",
	       who, g->subject_ms, g->twin_ms);
}
