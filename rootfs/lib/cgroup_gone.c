// SPDX-License-Identifier: GPL-2.0
// Is a removed cgroup gone as soon as its twin?
#include "cgroup_gone.h"
#include "progress.h"
#include "scenario.h"

/* Both take 0.1 s; a grace period or two on a slow machine. */
#define WATCH_MS 120000
/*
 * Turns that the subject gets on top: about five seconds on an idle machine.
 * A driver that keeps a group keeps it for a minute, or for good.
 */
#define TURNS 1600

struct dying {
	const char *above;
	long long left;
};

void cgroup_gone_make(struct cgroup_gone *g, const char *controllers)
{
	make_group(g->subject, "subject", controllers);
	make_group(g->subject_user, "subject/user", "");
	make_group(g->twin, "twin", controllers);
	make_group(g->twin_user, "twin/user", "");
}

static bool is_gone(void *arg)
{
	struct dying *d = arg;

	d->left = CHECK(
		cgroup_key(d->above, "cgroup.stat", "nr_dying_descendants"));
	return !d->left;
}

static bool look(void *arg, long long *at)
{
	/* Fewer dying groups are no reason to wait longer. */
	*at = 0;
	return is_gone(arg);
}

void cgroup_gone_wait(struct cgroup_gone *g)
{
	struct dying twin = { .above = g->twin };
	struct dying subject = { .above = g->subject };
	long long start = now_ms();

	if (!progress_until(is_gone, &twin, PROGRESS_HANGS, "the twin"))
		FAIL(0, "the twin stays, too: %lld dying", twin.left);
	g->twin_ms = now_ms() - start;
	progress_wait(look, &subject, g->turns ? g->turns : TURNS, WATCH_MS,
		      "the removed group");
	g->subject_ms = now_ms() - start;
	g->twin_left = twin.left;
	g->subject_left = subject.left;
	evidence("twin_dying", twin.left, "cgroups");
	evidence("twin_gone_after", g->twin_ms, "ms");
	evidence("subject_dying", subject.left, "cgroups");
	evidence("subject_watched_for", g->subject_ms, "ms");
}

void cgroup_gone_without(const struct cgroup_gone *g, struct target *t)
{
	struct dying subject = { .above = g->subject };

	if (!g->subject_left)
		return;
	target_remove(t);
	progress_wait(look, &subject, TURNS, WATCH_MS, "the removed group");
	evidence("dying_without_device", subject.left, "cgroups");
}

void cgroup_gone_at_last(const struct cgroup_gone *g, int ms)
{
	struct dying subject = { .above = g->subject };
	long long start = now_ms();

	if (g->subject_left && wait_until(is_gone, &subject, ms))
		evidence("subject_gone_after", g->subject_ms + now_ms() - start,
			 "ms");
}

void cgroup_gone_conclude(const struct cgroup_gone *g, const char *keeper)
{
	if (!g->subject_left)
		held();
	failed("%s kept a removed cgroup for %lld ms and more; its twin was "
	       "gone after %lld ms",
	       keeper, g->subject_ms, g->twin_ms);
}
