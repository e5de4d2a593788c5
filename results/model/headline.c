// SPDX-License-Identifier: GPL-2.0
/*
 * The question that a fleet asks first: does this kernel let a container
 * escape its memory limit through the loop devices that it brings along?
 */
#include <stdlib.h>
#include <string.h>

#include "model/result.h"

#define DRIVER "loop"

/* Many containers have the memory controller and not the io controller. */
static const char *const scenarios[ESCAPE_WAYS] = {
	[FROM_MEMORY_AND_IO] = "oom-bypass",
	[FROM_MEMORY_ALONE] = "memory-only-cgroup",
};

const char *const escape_names[] = {
	[ESCAPE_NOT_TESTED] = "not tested",
	[ESCAPE_NO] = "no",
	[ESCAPE_YES] = "yes",
};

/* True if a control of the same cell and boot passed that expects this. */
static bool control_passed(const struct result *r, const struct item *it,
			   const char *expect)
{
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		const struct item *c = &r->items[i];

		if (c->control && c->verdict == PASS && c->boot == it->boot &&
		    !strcmp(c->expect, expect) && !strcmp(c->name, it->name) &&
		    !strcmp(c->cell_text, it->cell_text))
			return true;
	}
	return false;
}

/*
 * The claim is that the writer is killed. A failure counts only if the claim
 * held without a driver; a success counts only if it failed through a driver
 * that charges nobody. A moved meter is another defect.
 */
static enum escape answer_of(const struct result *r, const struct item *it)
{
	bool failed = it->verdict == XFAIL ||
		      (it->verdict == FAIL && strcmp(it->reason, "meters"));
	bool held = it->verdict == PASS || it->verdict == XPASS;

	if (failed && control_passed(r, it, "true"))
		return ESCAPE_YES;
	if (held && control_passed(r, it, "false"))
		return ESCAPE_NO;
	return ESCAPE_NOT_TESTED;
}

enum escape result_escape(const struct result *r, enum escape_way way)
{
	size_t i, cells = 0, no = 0;

	for (i = 0; i < r->n_items; i++) {
		const struct item *it = &r->items[i];
		enum escape answer;

		if (it->control || strcmp(it->name, scenarios[way]) ||
		    strcmp(it->driver, DRIVER))
			continue;
		answer = answer_of(r, it);
		if (answer == ESCAPE_YES)
			return ESCAPE_YES;
		cells++;
		no += answer == ESCAPE_NO;
	}
	/* An untested setting may be the one that lets a writer escape. */
	return cells && no == cells ? ESCAPE_NO : ESCAPE_NOT_TESTED;
}

char *result_headline(const struct result *r)
{
	char *kernel = result_meta(r, "kernel");
	char *text = xasprintf(
		"this kernel%s%s%s lets a container escape its memory limit "
		"through loop devices: %s; from a cgroup without the io "
		"controller: %s",
		*kernel ? " (" : "", kernel, *kernel ? ")" : "",
		escape_names[result_escape(r, FROM_MEMORY_AND_IO)],
		escape_names[result_escape(r, FROM_MEMORY_ALONE)]);

	free(kernel);
	return text;
}

bool result_has_headline(const struct result *r)
{
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		if (!*r->items[i].metric)
			return true;
	}
	return false;
}
