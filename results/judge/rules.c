// SPDX-License-Identifier: GPL-2.0
/*
 * The rules that turn the plan, the reports and the ends of the boots into a
 * verdict per entry and one status for the run.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"
#include "judge/matrix.h"

/* A broken guest could fill the disk with problems. */
#define PROBLEMS_KEPT 100

void run_init(struct run *run)
{
	memset(run, 0, sizeof(*run));
	run->meta = json_object();
	run->problems = json_array();
}

void run_free(struct run *run)
{
	size_t i;

	plan_free(&run->plan);
	expect_free(&run->expectations);
	for (i = 0; i < run->n_boots; i++)
		boot_free(&run->boots[i]);
	free(run->boots);
	json_decref(run->meta);
	json_decref(run->problems);
}

void add_problem(struct run *run, const char *reason, const char *fmt, ...)
{
	char detail[512];
	size_t len = 0;
	json_t *text;
	va_list ap;

	if (json_array_size(run->problems) > PROBLEMS_KEPT)
		return;
	if (run->boot && run->n_boots > 1)
		len = (size_t)snprintf(detail, sizeof(detail), "boot %zu: ",
				       (size_t)(run->boot - run->boots) + 1);
	va_start(ap, fmt);
	vsnprintf(detail + len, sizeof(detail) - len, fmt, ap);
	va_end(ap);
	if (json_array_size(run->problems) == PROBLEMS_KEPT) {
		reason = "more-problems";
		snprintf(detail, sizeof(detail), "only the first %d are listed",
			 PROBLEMS_KEPT);
	}
	/* Truncation may have split a character, which Jansson refuses. */
	while (!(text = json_string(detail)))
		detail[strlen(detail) - 1] = '\0';
	json_array_append_new(run->problems, json_pack("{s:s,s:o}", "reason",
						       reason, "detail", text));
}

void entry_judge(struct entry *e, enum verdict verdict, const char *reason,
		 const char *detail)
{
	char *old_reason = e->reason, *old_detail = e->detail;

	e->verdict = verdict;
	e->reason = xstrdup(reason);
	e->detail = detail && *detail ? xstrdup(detail) : NULL;
	free(old_reason);
	free(old_detail);
}

/* The reason for an entry that the end of the machine cut short. */
static const char *early_reason(const struct boot *boot)
{
	switch (boot->info.end) {
	case END_VMM_DIED:
		return "vmm-died";
	case END_RESET:
		return "reset";
	case END_INTERRUPTED:
		return "interrupted";
	case END_DEADLINE:
		return "deadline";
	default:
		return "early-exit";
	}
}

static bool splat_seen(const struct run *run, const struct boot *boot)
{
	size_t i;

	for (i = 0; i < run->plan.n; i++) {
		if (run->plan.v[i].boot == boot &&
		    run->plan.v[i].outcome == CLAIM_SPLAT)
			return true;
	}
	return boot->stray;
}

/* The last boot that was to run an entry explains why it did not run. */
static void judge_unstarted(const struct run *run, struct entry *e)
{
	const struct boot *boot;
	const char *reason;

	if (!e->boot)
		e->boot = boot_of(run, (size_t)(e - run->plan.v));
	boot = e->boot;
	if (!boot)
		reason = "no-boot";
	else if (boot->unfit)
		reason = boot->unfit;
	else if (boot->info.end == END_PANIC)
		reason = "after-panic";
	else if (boot->info.end == END_HANG)
		reason = "after-hang";
	else if (!boot->hello && boot->records.counts.accepted)
		reason = "no-hello";
	else if (boot->records.counts.missing)
		reason = "records-lost";
	else if (boot->bye)
		reason = "not-run";
	else if (boot->info.end == END_POWEROFF && splat_seen(run, boot))
		reason = "after-splat";
	else
		reason = early_reason(boot);
	entry_judge(e, INCOMPLETE, reason, NULL);
}

static void judge_unfinished(struct entry *e)
{
	const struct boot *boot = e->boot;
	const char *detail = boot->info.detail;

	/*
	 * Entries run one at a time: the end of the machine hit the last one.
	 */
	if (e != boot->last_begun || boot->bye)
		entry_judge(e, INCOMPLETE,
			    boot->records.counts.missing ? "records-lost" :
							   "no-end",
			    NULL);
	else if (boot->info.end == END_PANIC)
		entry_judge(e, PANIC, "panic", detail);
	else if (boot->info.end == END_HANG)
		entry_judge(e, HANG, "hang", detail);
	else if (boot->info.end == END_DEADLINE)
		entry_judge(e, TIMEOUT, "deadline", detail);
	else
		entry_judge(e, INCOMPLETE, early_reason(boot), detail);
}

/* The meters in one line; the caller frees. */
static char *meters_text(const struct entry *e)
{
	char *text = xstrdup("");
	json_t *meter;
	size_t i;

	json_array_foreach(e->meters, i, meter) {
		char *longer = xasprintf("%s%s%s", text, i ? "; " : "",
					 json_string_value(meter));

		free(text);
		text = longer;
	}
	return text;
}

/* The verdict of a control that held or failed, with evidence. */
static void judge_control(struct entry *e)
{
	bool held = e->outcome == CLAIM_HELD;
	char *meters = meters_text(e), *detail;

	if (held && e->expect_held && *meters) {
		/* A true control that leaves traces proves nothing. */
		detail = xasprintf("meters moved: %s", meters);
		entry_judge(e, ERROR, "control-unexpected", detail);
		free(detail);
	} else if (held == e->expect_held) {
		entry_judge(e, PASS, e->said ? e->said : "", NULL);
	} else {
		detail = xasprintf("the claim came out %s, and must come out "
				   "%s%s%s",
				   held ? "true" : "false",
				   e->expect_held ? "true" : "false",
				   e->said && *e->said ? ": " : "",
				   e->said ? e->said : "");
		entry_judge(e, ERROR, "control-unexpected", detail);
		free(detail);
	}
	free(meters);
}

static void judge_subject(struct entry *e)
{
	char *meters = meters_text(e);

	if (e->outcome == CLAIM_FAILED)
		entry_judge(e, FAIL,
			    e->said && *e->said ? e->said : "no-reason", NULL);
	else if (*meters)
		entry_judge(e, FAIL, "meters", meters);
	else
		entry_judge(e, PASS, "", NULL);
	free(meters);
}

/* The verdict of a cell of a matrix; a missing figure is an error. */
static void judge_cell(const struct run *run, struct entry *e)
{
	char *meters = meters_text(e), *why;

	why = e->outcome == CLAIM_HELD ?
		      metrics_make(e, clock_is_virtual(run)) :
		      xstrdup("a cell claims nothing that could fail");
	if (why)
		entry_judge(e, ERROR, "no-figures", why);
	else if (*meters)
		entry_judge(e, FAIL, "meters", meters);
	else
		entry_judge(e, PASS, "", NULL);
	free(why);
	free(meters);
}

static void judge_claim(const struct run *run, struct entry *e)
{
	bool lost = !e->begun ||
		    !records_whole(&e->boot->records, e->begin_seq, e->end_seq);
	bool bare = !json_object_size(e->evidence);

	if (e->metric)
		judge_cell(run, e);
	else if (bare && !lost && !e->damaged)
		entry_judge(e, ERROR, "no-evidence", e->said);
	else if (e->control)
		judge_control(e);
	else
		judge_subject(e);

	/* Loss never passes; a failure that arrived whole stays. */
	if ((lost || e->damaged) && (bare || e->metric || e->verdict == PASS))
		entry_judge(e, INCOMPLETE, lost ? "records-lost" : "bad-record",
			    NULL);
}

static void judge_entry(const struct run *run, struct entry *e)
{
	const char *said = e->said && *e->said ? e->said : "no-reason";

	if (!e->begun && !e->ended)
		judge_unstarted(run, e);
	else if (!e->ended)
		judge_unfinished(e);
	else if (e->outcome == CLAIM_SKIP)
		entry_judge(e, SKIP, said, NULL);
	else if (e->outcome == CLAIM_ERROR)
		entry_judge(e, ERROR, said, NULL);
	else if (e->outcome == CLAIM_TIMEOUT)
		entry_judge(e, TIMEOUT, said, NULL);
	else if (e->outcome == CLAIM_SPLAT)
		entry_judge(e, SPLAT, said, NULL);
	else if (e->outcome == CLAIM_NONE)
		entry_judge(e, ERROR, "unknown-claim", e->said);
	else
		judge_claim(run, e);
}

static bool is_unexpected_control(const struct entry *e)
{
	return e->control && e->verdict == ERROR &&
	       !strcmp(e->reason, "control-unexpected");
}

/* How much a control weakens the proof: 0 not at all, 3 most. */
static int control_weight(const struct entry *control)
{
	if (control->verdict == PASS)
		return 0;
	if (control->verdict == SKIP)
		return 1;
	return is_unexpected_control(control) ? 3 : 2;
}

/*
 * A claim is proven only if its controls came out as they must in the same
 * boot: after a splat the rest of a cell runs on a fresh machine.
 */
static void apply_controls(const struct run *run, struct entry *e)
{
	const struct entry *worst = NULL;
	bool has_false = false;
	char *detail;
	size_t i;

	for (i = 0; i < run->plan.n; i++) {
		const struct entry *c = &run->plan.v[i];

		if (!c->control || c->boot != e->boot ||
		    strcmp(c->name, e->name) ||
		    strcmp(c->cell_text, e->cell_text))
			continue;
		has_false = has_false || !c->expect_held;
		if (control_weight(c) > (worst ? control_weight(worst) : 0))
			worst = c;
	}
	if (!worst && has_false)
		return;
	if (!worst) {
		entry_judge(
			e, INCOMPLETE, "control-missing",
			"no control that must come out false ran in this boot");
		return;
	}
	detail = xasprintf("%s (%s: %s)", worst->label,
			   verdict_names[worst->verdict], worst->reason);
	if (worst->verdict == SKIP)
		entry_judge(e, SKIP, "no-control", detail);
	else
		entry_judge(e, INCOMPLETE,
			    is_unexpected_control(worst) ?
				    "control-unexpected" :
				    "control-incomplete",
			    detail);
	free(detail);
}

/*
 * A claim that failed stands without the control that must come out false, but
 * not where one that must come out true did not: then the method is at fault.
 */
static void apply_baselines(const struct run *run, struct entry *e)
{
	size_t i;

	for (i = 0; i < run->plan.n; i++) {
		const struct entry *c = &run->plan.v[i];

		if (c->control && c->expect_held && c->boot == e->boot &&
		    !strcmp(c->name, e->name) &&
		    !strcmp(c->cell_text, e->cell_text) &&
		    is_unexpected_control(c)) {
			entry_judge(e, INCOMPLETE, "control-unexpected",
				    c->label);
			return;
		}
	}
}

/* Every kind of damage to the record stream is a problem of the run. */
static void judge_stream(struct run *run)
{
	const struct record_counts *c = &run->boot->records.counts;
	const struct {
		const char *reason;
		uint64_t n;
		const char *what;
	} damage[] = {
		{ "crc-errors", c->crc_errors, "with a wrong checksum" },
		{ "conflicting-records", c->conflicting,
		  "came again with other bytes" },
		{ "malformed-records", c->malformed, "make no sense" },
		{ "truncated-record", c->truncated, "cut off at the end" },
		{ "records-lost", c->missing, "never came" },
		{ "too-many-records", c->unkept, "beyond what is kept" },
	};
	size_t i;

	for (i = 0; i < sizeof(damage) / sizeof(*damage); i++) {
		if (damage[i].n)
			add_problem(run, damage[i].reason, "%llu %s",
				    (unsigned long long)damage[i].n,
				    damage[i].what);
	}
}

/* Every end but a power-off after the last record is a problem. */
static void judge_end(struct run *run)
{
	const struct boot *boot = run->boot;
	json_int_t ended = 0;
	size_t i;

	for (i = 0; i < run->plan.n; i++)
		ended += run->plan.v[i].boot == boot && run->plan.v[i].ended;
	if (boot->info.end != END_POWEROFF)
		add_problem(run, boot_end_names[boot->info.end], "%s",
			    boot->info.detail ? boot->info.detail : "");
	else if (!boot->bye && splat_seen(run, boot))
		add_problem(run, "after-splat",
			    "the guest powered off after a splat");
	else if (!boot->bye)
		add_problem(run, "early-exit",
			    "the guest powered off without its last record");
	if (!boot->hello)
		add_problem(run, "no-hello", "the first record never came");
	if (boot->bye && boot->hello && !boot->unfit && boot->bye_ran != ended)
		add_problem(run, "wrong-count",
			    "the guest ran %lld entries, the records show %lld",
			    (long long)boot->bye_ran, (long long)ended);
}

/* A run without any verdict on a subject must not read as good. */
static void judge_coverage(struct run *run)
{
	const struct entry *first = NULL;
	size_t i, subjects = 0;

	for (i = 0; i < run->plan.n; i++) {
		const struct entry *e = &run->plan.v[i];

		if (e->control)
			continue;
		if (e->verdict != SKIP)
			return;
		first = first ? first : e;
		subjects++;
	}
	if (first)
		add_problem(run, "nothing-tested",
			    "all %zu subjects were skipped, the first one "
			    "because of %s",
			    subjects, first->reason);
	else
		add_problem(run, "nothing-tested", "no subject was planned");
}

static bool broke_down(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->n_boots; i++) {
		if (run->boots[i].info.end == END_PANIC ||
		    run->boots[i].info.end == END_HANG || run->boots[i].stray)
			return true;
	}
	return false;
}

static int run_status(const struct run *run)
{
	const size_t *n = run->summary;

	if (n[SPLAT] || n[PANIC] || n[HANG] || broke_down(run))
		return STATUS_MACHINE;
	if (n[ERROR] || n[INCOMPLETE] || n[TIMEOUT] ||
	    json_array_size(run->problems))
		return STATUS_HARNESS;
	if (n[FAIL] || n[XPASS])
		return STATUS_CLAIM;
	return STATUS_EXPECTED;
}

static const char *hello_text(const struct run *run, const char *key)
{
	const char *s = json_string_value(json_object_get(run->hello, key));

	return s ? s : "";
}

void judge_count(struct run *run)
{
	size_t i;

	memset(run->summary, 0, sizeof(run->summary));
	run->controls_expected = run->controls_unexpected = 0;
	for (i = 0; i < run->plan.n; i++) {
		const struct entry *e = &run->plan.v[i];

		run->summary[e->verdict]++;
		run->controls_expected += e->control && e->verdict == PASS;
		run->controls_unexpected += is_unexpected_control(e);
	}
	run->status = run_status(run);
}

void judge_run(struct run *run)
{
	size_t i;

	replay(run);
	for (i = 0; i < run->plan.n; i++)
		judge_entry(run, &run->plan.v[i]);
	for (i = 0; i < run->plan.n; i++) {
		struct entry *e = &run->plan.v[i];

		if (e->control || e->metric)
			continue;
		if (e->verdict == PASS)
			apply_controls(run, e);
		else if (e->verdict == FAIL)
			apply_baselines(run, e);
	}
	for (i = 0; i < run->n_boots; i++) {
		run->boot = &run->boots[i];
		judge_stream(run);
		judge_end(run);
	}
	run->boot = NULL;
	expect_apply(run, hello_text(run, "kernel"),
		     hello_text(run, "cmdline"));
	judge_coverage(run);
	judge_count(run);
}
