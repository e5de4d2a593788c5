/* SPDX-License-Identifier: GPL-2.0 */
/* Hand-made streams and runs for the tests of reader and judge. */
#ifndef CB_TESTS_HELP_H
#define CB_TESTS_HELP_H

/* cmocka.h relies on these four. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge/judge.h"

/* A record stream that grows; numbers rise by themselves. */
struct stream {
	char *data;
	size_t len;
	uint64_t seq;
};

/* The next record, its JSON as printf makes it. */
void put(struct stream *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A record with the given number; the next put() is unaffected. */
void put_as(struct stream *s, uint64_t seq, const char *json);
void put_bytes(struct stream *s, const void *data, size_t len);

/* An entry from begin to end, with "oom_kill" of 1 as its evidence. */
void put_entry(struct stream *s, int id, const char *claim, const char *reason);
void put_end(struct stream *s, int id, const char *claim, const char *reason,
	     const char *meters);
/* hello for this plan, with this release and command line. */
void put_hello(struct stream *s, const char *plan);
void put_hello_of(struct stream *s, const char *plan, const char *kernel,
		  const char *words);
void put_bye(struct stream *s, int ran);
void stream_free(struct stream *s);

/* One line of a plan; control is NULL, "true" or "false". */
char *plan_line(int id, const char *name, const char *cell, const char *driver,
		const char *control);
/*
 * Entry 0 is a control that must fail, 1 one that must hold, 2 loop, 3 cgloop;
 * all of oom-bypass, cell form=c,io=direct.
 */
const char *usual_plan(void);
/* The usual run, with all as expected. */
void put_usual(struct stream *s);

/*
 * A run in the making: boots are added to it in order, then judge_run().
 * expectations may be NULL. The caller frees with run_free().
 */
void run_begin(struct run *run, const char *plan, const char *expectations);
/* words is the guest's command line; s is its record stream. */
void run_boot(struct run *run, const char *words, const char *end,
	      const struct stream *s);
/* The same, and judged, of one boot. */
void judge_stream(struct run *run, const char *plan, const char *end,
		  const struct stream *s, const char *expectations);

/* The same by a clock, "virtual" or "wall". */
void judge_by_clock(struct run *run, const char *plan, const char *end,
		    const char *clock, const struct stream *s,
		    const char *expectations);

#define assert_verdict(run, id, want_verdict, want_reason)        \
	do {                                                      \
		const struct entry *e_ = &(run)->plan.v[id];      \
		assert_string_equal(verdict_names[e_->verdict],   \
				    verdict_names[want_verdict]); \
		assert_string_equal(e_->reason, want_reason);     \
	} while (0)

/* The result of a run, as a document; the caller has the only reference. */
json_t *run_json(const struct run *run);
/* The same, written and read back; result_free() is the caller's. */
void run_result(const struct run *run, struct result *r);

/* Whether the run has a problem of this reason. */
bool has_problem(const struct run *run, const char *reason);

#endif
