/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run as the judge works on it: the plan, how each boot ended, what the guest
 * reported, and the verdicts that follow.
 */
#ifndef CB_JUDGE_H
#define CB_JUDGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "model/result.h"
#include "record/boot.h"
#include "record/claim.h"
#include "record/records.h"

struct entry {
	/* The plan. */
	const char *name;
	const char *driver;
	const char *claim;
	const char *variant; /* NULL: none */
	json_t *plan; /* owns the strings above */
	json_t *cell; /* object of strings; borrowed from plan */
	char *label; /* driver, or driver/variant */
	char *cell_text; /* key=value,… by key; "" without a cell */
	bool control;
	bool expect_held; /* controls only */

	/* Reported by the guest, in one boot; NULL: in none. */
	struct boot *boot;
	bool begun;
	bool ended;
	bool damaged; /* one of its records was malformed */
	uint64_t begin_seq;
	uint64_t end_seq;
	json_int_t begin_ms;
	json_int_t duration_ms; /* until the last tick, if it did not end */
	enum claim outcome;
	char *said; /* the guest's reason, or NULL */
	json_t *evidence; /* object: name → {"value", "unit"} */
	json_t *meters; /* array of strings */
	json_t *warnings; /* array of strings, of the kernel log */

	/* Cells of matrices; metric is NULL for scenarios. */
	const char *metric;
	const char *of; /* the fio job that is measured; NULL: all */
	json_int_t round;
	struct output *outputs;
	size_t n_outputs;
	json_t *metrics; /* object: name → {"value", "unit", "samples"} */

	/* The verdict; detail may be NULL. */
	enum verdict verdict;
	char *reason;
	char *detail;
};

struct plan {
	struct entry *v;
	size_t n;
	uint32_t crc;
};

/* A run takes several boots: in parallel, and again after a breakdown. */
struct boot {
	struct boot_info info;
	char *ids; /* of the entries to run, as entries.h has it; NULL: all */
	struct records records;

	/* From the records. */
	json_t *hello; /* NULL until seen */
	const char *unfit; /* why hello does not fit the plan, or NULL */
	bool stray; /* the kernel broke while no entry ran */
	bool bye;
	json_int_t bye_ran;
	struct entry *last_begun;
};

struct expectation;

struct expectations {
	struct expectation *v;
	size_t n;
};

struct run {
	struct plan plan;
	struct boot *boots; /* in the order in which they began */
	size_t n_boots;
	/* The boot being judged, which problems name; or NULL. */
	struct boot *boot;
	struct expectations expectations;
	json_t *meta; /* object of strings, from the command line */
	json_t *hello; /* the first one of any boot, or NULL */
	int repeats; /* further boots of the same plan, merged into this run */

	/* Problems of the run as a whole: [{"reason", "detail"}]. */
	json_t *problems;
	size_t summary[VERDICTS];
	size_t controls_expected;
	size_t controls_unexpected;
	int status;
};

void run_init(struct run *run);
void run_free(struct run *run);

/* plan.c: 0, or -1 with err set. */
int plan_load(struct plan *plan, const char *path, struct error *err);
int plan_parse(struct plan *plan, const char *text, size_t len,
	       const char *path, struct error *err);
void plan_free(struct plan *plan);

/*
 * boot.c: adds a boot; 0, or -1 with err set. It is read from its folder, or
 * made of what would be its boot.json, which is taken over, and has no records
 * then.
 */
int boot_load(struct run *run, const char *dir, struct error *err);
int boot_parse(struct run *run, json_t *json, const char *path,
	       struct error *err);
void boot_free(struct boot *boot);
/* Whether the boot was to run entry id. */
bool boot_has(const struct boot *boot, size_t id);
/* The last boot that was to run entry id; NULL when none was. */
struct boot *boot_of(const struct run *run, size_t id);

/* shards.c: whether entry id is still to run, in another boot; see there. */
bool runs_next(const struct run *run, size_t id);

/* replay.c: fills the entries from the records of all boots. */
void replay(struct run *run);

/* rules.c: replays, then sets every verdict, the counts and the status. */
void judge_run(struct run *run);
/* Recomputes counts and status after a verdict changed. */
void judge_count(struct run *run);
/* detail may be NULL. */
void entry_judge(struct entry *e, enum verdict verdict, const char *reason,
		 const char *detail);
void add_problem(struct run *run, const char *reason, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * evidence.c: what an expectation demands of an entry's evidence.
 * evidence_differs() returns what is otherwise, for the caller to free, or NULL;
 * the demand must be a good one.
 */
bool evidence_demand_is_good(const char *demand);
char *evidence_differs(const struct entry *e, const char *demand);

/*
 * expect.c. Loading returns 0, or -1 with err set. Applying turns fail into
 * xfail and pass into xpass where a line matches this kernel ("" when unknown),
 * and adds a problem for each line that matches nothing. words is the guest's
 * command line, which shows what the user left out.
 */
int expect_load(struct expectations *x, const char *path, struct error *err);
int expect_parse(struct expectations *x, char *text, const char *path,
		 struct error *err);
void expect_free(struct expectations *x);
void expect_apply(struct run *run, const char *kernel, const char *words);

/* result.c: fills in r, which borrows from run. Call result_free(). */
void judge_result(const struct run *run, struct result *r);
/* Puts records.jsonl, whole, into dir. 0, or -1 with err set. */
int jsonl_write(const struct run *run, const char *dir, struct error *err);

#endif
