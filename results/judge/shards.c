// SPDX-License-Identifier: GPL-2.0
/*
 * Selects the entries to boot next: at first all, later those that a machine
 * left over when it broke down. Cuts them into shards, one per boot.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge/shards.h"

/* A boot takes seconds by itself: a shard of less than this does not pay. */
#define SHARD_MS 12000
/* For a scenario that the file of times lacks. */
#define UNKNOWN_MS 1000

/* Entries of one scenario, which stay together: [first, end). */
struct group {
	size_t first, end;
	uint64_t ms;
	size_t shard;
};

/* The host would end the next boot in the same way. */
static bool machine_ended_it(const struct boot *boot)
{
	return boot->info.end == END_POWEROFF || boot->info.end == END_RESET ||
	       boot->info.end == END_PANIC || boot->info.end == END_HANG;
}

/*
 * An entry runs in one boot only. If a scenario brought the machine down, its
 * remaining cells are skipped. If an entry ended and the guest then left, as it
 * does after a splat, the remaining cells go on in a fresh machine. No boot
 * follows one in which nothing began, so each boot makes progress.
 */
bool runs_next(const struct run *run, size_t id)
{
	const struct boot *boot = boot_of(run, id);
	const struct entry *e = &run->plan.v[id], *last;

	if (!boot)
		return true;
	last = boot->last_begun;
	if (boot->bye || !last || e <= last || !machine_ended_it(boot))
		return false;
	return strcmp(e->name, last->name) ||
	       (boot->info.end == END_POWEROFF && last->ended);
}

int times_load(struct times *t, const char *path, struct error *err)
{
	FILE *f = fopen(path, "re");
	char line[256], rest[2];
	unsigned int number = 0;

	memset(t, 0, sizeof(*t));
	if (!f)
		return refuse(err, "%s: %s; lines of NAME MILLISECONDS", path,
			      strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		struct time_of *one;

		number++;
		if (*line == '#')
			continue;
		t->v = xrealloc(t->v, (t->n + 1) * sizeof(*t->v));
		one = &t->v[t->n++];
		if (sscanf(line, "%63s %9u %1s", one->name, &one->ms, rest) ==
		    2)
			continue;
		fclose(f);
		return refuse(err, "%s:%u: a line is NAME MILLISECONDS", path,
			      number);
	}
	fclose(f);
	return 0;
}

void times_free(struct times *t)
{
	free(t->v);
}

static unsigned int ms_of(const struct times *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (!strcmp(t->v[i].name, name))
			return t->v[i].ms;
	}
	return UNKNOWN_MS;
}

/* The caller frees. */
static struct group *groups_of(const struct run *run, const struct times *t,
			       size_t *n)
{
	struct group *v = xrealloc(NULL, (run->plan.n + 1) * sizeof(*v));
	const char *name = NULL;
	size_t i;

	*n = 0;
	for (i = 0; i < run->plan.n; i++) {
		const struct entry *e = &run->plan.v[i];

		if (!runs_next(run, i)) {
			name = NULL;
			continue;
		}
		if (!name || strcmp(name, e->name))
			v[(*n)++] = (struct group){ .first = i };
		name = e->name;
		v[*n - 1].end = i + 1;
		v[*n - 1].ms += ms_of(t, name);
	}
	return v;
}

/* Slowest first; in the order of the plan if equal. */
static int compare_groups(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a;
	const struct group *y = *(struct group *const *)b;

	if (x->ms != y->ms)
		return x->ms < y->ms ? 1 : -1;
	return x->first < y->first ? -1 : 1;
}

/* Greedy: assign each, slowest first, to the least loaded shard. */
static void deal(struct group *v, size_t n, size_t shards)
{
	struct group **by_ms = xrealloc(NULL, (n + 1) * sizeof(*by_ms));
	uint64_t *load = xrealloc(NULL, (shards + 1) * sizeof(*load));
	size_t i, j;

	memset(load, 0, (shards + 1) * sizeof(*load));
	for (i = 0; i < n; i++)
		by_ms[i] = &v[i];
	qsort(by_ms, n, sizeof(*by_ms), compare_groups);
	for (i = 0; i < n; i++) {
		size_t least = 0;

		for (j = 1; j < shards; j++)
			least = load[j] < load[least] ? j : least;
		by_ms[i]->shard = least;
		load[least] += by_ms[i]->ms;
	}
	free(by_ms);
	free(load);
}

/* The entries of a shard, FIRST-LAST,...; the caller frees. */
static char *ranges_of(const struct group *v, size_t n, size_t shard)
{
	char *text = xstrdup("");
	size_t i = 0, end;

	while (i < n) {
		size_t first = v[i].first;
		char *longer;

		if (v[i].shard != shard) {
			i++;
			continue;
		}
		do {
			end = v[i++].end;
		} while (i < n && v[i].shard == shard && v[i].first == end);
		longer = xasprintf("%s%s%zu-%zu", text, *text ? "," : "", first,
				   end - 1);
		free(text);
		text = longer;
	}
	return text;
}

size_t shards_make(const struct run *run, const struct times *t, size_t max,
		   char **shards)
{
	uint64_t ms = 0;
	size_t n, i, count;
	struct group *v = groups_of(run, t, &n);

	for (i = 0; i < n; i++)
		ms += v[i].ms;
	count = ms / SHARD_MS;
	count = count < 1 ? 1 : count;
	count = count > max ? max : count;
	count = count > n ? n : count;
	deal(v, n, count);
	for (i = 0; i < count; i++)
		shards[i] = ranges_of(v, n, i);
	free(v);
	return count;
}
