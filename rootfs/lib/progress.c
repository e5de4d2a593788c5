// SPDX-License-Identifier: GPL-2.0
// Does something get on, is it stuck, or has the machine no time for it?
#include <sched.h>
#include <time.h>

#include "process.h"
#include "progress.h"
#include "util.h"

#define TURN_NS 2000000
/* For a state that a slow machine takes long to get to. */
#define STATE_MS 120000

static void take_turn(const cpu_set_t *cpus)
{
	const struct timespec rest = { .tv_nsec = TURN_NS / CPU_COUNT(cpus) };
	cpu_set_t one;
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, cpus))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		CHECK(sched_setaffinity(0, sizeof(one), &one));
		nanosleep(&rest, NULL);
	}
}

bool progress_wait(bool (*look)(void *arg, long long *at), void *arg, int turns,
		   int ms, const char *who)
{
	long long at = 0, last = 0, end = now_ms() + ms * patience;
	bool done = false;
	cpu_set_t cpus;
	int still;

	CHECK(sched_getaffinity(0, sizeof(cpus), &cpus));
	for (still = 0; still <= turns; still++) {
		done = look(arg, &at);
		if (done)
			break;
		if (at != last)
			still = 0;
		last = at;
		if (now_ms() >= end)
			FAIL(0, "%s is neither done nor stuck after %d ms", who,
			     ms * patience);
		take_turn(&cpus);
	}
	CHECK(sched_setaffinity(0, sizeof(cpus), &cpus));
	return done;
}

struct counter {
	const int *count;
	int target;
};

static bool look_at_counter(void *arg, long long *at)
{
	struct counter *c = arg;

	*at = READ_ONCE(*c->count);
	return *at >= c->target;
}

bool progress_count(const int *count, int target, int turns, int ms,
		    const char *who)
{
	struct counter c = { .count = count, .target = target };

	return progress_wait(look_at_counter, &c, turns, ms, who);
}

struct state {
	bool (*done)(void *arg);
	void *arg;
};

static bool look_at_state(void *arg, long long *at)
{
	struct state *s = arg;

	*at = 0;
	return s->done(s->arg);
}

bool progress_until(bool (*done)(void *arg), void *arg, int turns,
		    const char *who)
{
	struct state s = { .done = done, .arg = arg };

	return progress_wait(look_at_state, &s, turns, STATE_MS, who);
}

struct child {
	pid_t pid;
	int *status;
};

static bool has_ended(void *arg)
{
	struct child *c = arg;

	return process_wait(c->pid, c->status, 0);
}

bool progress_end(pid_t pid, int *status, const char *who)
{
	struct child c = { .pid = pid, .status = status };

	return progress_until(has_ended, &c, PROGRESS_HANGS, who);
}
