/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scenario, and the functions that it calls while it runs.
 *
 * A scenario is one C file with one SCENARIO() in it.  It states a claim.  Its
 * run() measures, and concludes by held() or failed(), which do not return; a
 * failed check is an error.  It runs in a process of its own, in the cgroup
 * <group>/main, with an empty folder of its own and its driver loaded.
 * cleanup() is always called, even when setup() failed half-way.  The runner
 * undoes what is left behind after that, and names it in the verdict.
 */
#ifndef CB_SCENARIO_H
#define CB_SCENARIO_H

#include <stdbool.h>

#include "cgroup.h"
#include "driver.h"
#include "io.h"
#include "klog.h"
#include "process.h"
#include "util.h"

enum suite {
	SUITE_SMOKE, /* part of the full suite as well */
	SUITE_FULL,
	SUITE_PLANTED, /* faults that test the harness */
	SUITE_MUTANTS, /* all, with their false controls as subjects */
	SUITE_SOAK, /* takes minutes, or hours on a debug kernel */
};

/* A type of its own, so that the compiler refuses a CLAIM_* of report.h. */
enum expect {
	EXPECT_FALSE,
	EXPECT_TRUE,
};

/* Another setting for the claim, and the outcome that it must have there. */
struct control {
	const char *driver;
	enum expect expect;
	/* For variant_is(), or cgloop-inject's faults. */
	const char *variant;
};

struct scenario {
	const char *id; /* the name, with _ for - */
	const char *claim;
	const char *drivers; /* globs for the subjects; NULL: all */
	const char *const *needs;
	const char *const *cells; /* "axis=value axis=value" each */
	const struct control *controls;
	unsigned int timeout_s;
	unsigned int expect_events; /* bits of enum klog_event */
	enum suite suite;
	void (*setup)(void);
	void (*run)(void);
	void (*cleanup)(void);
	const struct matrix *matrix; /* if it is made of one; else NULL */
};

/*
 * "driver": a driver under test; "cgroup:NAME": a controller; "module:NAME":
 * it can be loaded; "load:NAME PARAMETERS": the runner loads it; "kvm": the
 * processor can run virtual machines; "kmem": kernel memory is charged; a path:
 * a program, or a file in /sys.
 * "AXIS=VALUE NEED" is a need of those cells only.
 */
#define NEEDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define CELLS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define CONTROLS(...) ((const struct control[]){ __VA_ARGS__, { 0 } })

/* Adds the scenario to the list: no other file needs an edit. */
#define SCENARIO(name, ...)                                             \
	static const struct scenario name##_scenario = { .id = #name,   \
							 __VA_ARGS__ }; \
	static const struct scenario *const name##_entry                \
		__attribute__((used, retain, section("scenarios"))) =   \
			&name##_scenario

/* One run of a scenario: one line of the plan. */
struct entry {
	int id;
	const struct scenario *scenario;
	const char *cell;
	const struct driver *driver;
	const struct control *control; /* NULL: the driver is the subject */
	const char *variant; /* see struct control; NULL: none */
	int round; /* of a matrix by the wall clock; 0 is the warm-up */
};

/* The scenario's name as users write it, in a static buffer. */
const char *scenario_name(const struct scenario *s);
bool scenario_needs(const struct scenario *s, const char *need);
/* A need without its condition; NULL if the entry's cell has another value. */
const char *scenario_need(const struct entry *e, const char *need);
/* The first need that is not met, or NULL. */
const char *scenario_unmet(const struct entry *e);
/* Loads the modules among the needs. */
int scenario_load(const struct entry *e);
/* The paths of an entry's group and folder: PATH_LEN bytes. */
void entry_group(const struct entry *e, char *buf);
void entry_folder(const struct entry *e, char *buf);

/* Runs the entry in the calling process; reports to fd. */
__noreturn void scenario_play(const struct entry *e, int fd);

/* The rest is for scenarios. */

const struct driver *driver(void);
const struct entry *playing(void);
bool cell_is(const char *axis, const char *value);
bool variant_is(const char *name);
/* Paths in the scenario's own folder and own cgroup; PATH_LEN bytes. */
void in_folder(char *buf, const char *name);
void in_group(char *buf, const char *name);
/* Makes a group in the scenario's own, and puts its path into buf. */
void make_group(char *buf, const char *name, const char *controllers);

/* Puts a measurement with its unit on record, at once. */
void evidence(const char *name, long long value, const char *unit);
/* Puts a whole text of any length on record. */
void output(const char *name, const char *text);
/*
 * Registers a limit that blocks a task, or a setting to restore.  Writing text
 * to path lifts it: when the scenario concludes, or by the runner at the
 * deadline, because a blocked task takes no signal.
 */
void holds(const char *path, const char *text);

__noreturn void held(void);
__noreturn __printf(1, 2) void failed(const char *fmt, ...);

#endif
