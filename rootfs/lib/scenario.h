/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a scenario is, and what it stands on while it runs.
 *
 * A scenario is one C file with one SCENARIO() in it.  It states a claim; its
 * run() measures, and concludes by held() or failed(), neither of which
 * returns; a failed check is an error.  It runs in a process of its own, in
 * <group>/main, with an empty folder of its own and its driver loaded.
 * cleanup() is called in any case, also when setup() got nowhere; the runner
 * undoes what is left even then, and says so in the verdict.
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
	SUITE_SMOKE, /* runs in the full suite, too */
	SUITE_FULL,
	SUITE_PLANTED, /* faults that test the harness */
	SUITE_MUTANTS, /* no scenario's: all, each made to fail by a control */
	SUITE_SOAK, /* runs for minutes, or hours on a debug kernel */
};

enum expect {
	EXPECT_FALSE,
	EXPECT_TRUE,
};

/* In which other setting the claim is tried, and what must come out. */
struct control {
	const char *driver;
	enum expect expect;
	/* What the scenario does otherwise, or cgloop-inject's faults. */
	const char *variant;
};

struct scenario {
	const char *id; /* its name with _ for - */
	const char *claim;
	const char *drivers; /* the only subjects, as globs; NULL: all */
	const char *const *needs;
	const char *const *cells; /* "axis=value axis=value" each */
	const struct control *controls;
	unsigned int timeout_s;
	unsigned int expect_events; /* of enum klog_event */
	enum suite suite;
	void (*setup)(void);
	void (*run)(void);
	void (*cleanup)(void);
	const struct matrix *matrix; /* whose cells these are; else NULL */
};

/*
 * "driver": one under test; "cgroup:NAME"; "module:NAME": it can be loaded;
 * "load:NAME PARAMETERS": the runner loads it; "kvm": the processor can run
 * virtual machines; or the path of a program.
 * "AXIS=VALUE NEED" is a need of those cells only.
 */
#define NEEDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define CELLS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define CONTROLS(...) ((const struct control[]){ __VA_ARGS__, { 0 } })

/* Puts the scenario in the list; nothing else is to be edited. */
#define SCENARIO(name, ...)                                             \
	static const struct scenario name##_scenario = { .id = #name,   \
							 __VA_ARGS__ }; \
	static const struct scenario *const name##_entry                \
		__attribute__((used, retain, section("scenarios"))) =   \
			&name##_scenario

/* One run of a scenario: a line of the plan. */
struct entry {
	int id;
	const struct scenario *scenario;
	const char *cell;
	const struct driver *driver;
	const struct control *control; /* NULL: the driver is the subject */
	const char *variant; /* see struct control; NULL: none */
	int round; /* of a matrix by the wall clock, from 0: the warm-up */
};

/* The scenario's name as users write it; the buffer is shared. */
const char *scenario_name(const struct scenario *s);
bool scenario_needs(const struct scenario *s, const char *need);
/* The first need that is not met, or NULL. */
const char *scenario_unmet(const struct entry *e);
/*
 * Loads the modules among the needs.  They stay: loading and unloading a file
 * system takes as long as a whole scenario, and is no part of any claim.
 */
int scenario_load(const struct entry *e);
/* The name of the group and the folder of an entry: PATH_LEN bytes. */
void entry_group(const struct entry *e, char *buf);
void entry_folder(const struct entry *e, char *buf);

/* Plays the entry's part in a process of its own; writes to fd. */
__noreturn void scenario_play(const struct entry *e, int fd);

/* From here on: for the scenario itself. */

const struct driver *driver(void);
const struct entry *playing(void);
bool cell_is(const char *axis, const char *value);
bool variant_is(const char *name);
/* Paths in the scenario's own folder and own cgroup; PATH_LEN bytes. */
void in_folder(char *buf, const char *name);
void in_group(char *buf, const char *name);
/* Makes a group in the scenario's own, and puts its path into buf. */
void make_group(char *buf, const char *name, const char *controllers);

/* A measurement with its unit: it is on record at once. */
void evidence(const char *name, long long value, const char *unit);
/* A text of any length goes on record, whole, under a name of its own. */
void output(const char *name, const char *text);
/*
 * From here on a task is held, until text is written to path.  That is done
 * when the scenario concludes, and by the runner at the deadline: a held task
 * takes no signal.
 */
void holds(const char *path, const char *text);

__noreturn void held(void);
__noreturn __printf(1, 2) void failed(const char *fmt, ...);

#endif
