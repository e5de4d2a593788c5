/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults, for tests that have to be seen to fail. Built into cgloop-inject.ko
 * alone and switched on there by name; in cgloop.ko all of this is nothing.
 */
#ifndef CGLOOP_INJECT_H
#define CGLOOP_INJECT_H

#include <linux/stringify.h>

struct bio;
struct cgl_charge;

enum cgl_fault {
	CGL_PIN_CSS, /* idle workers keep their css */
	CGL_LEAK_ON_ERROR, /* failed commands keep their references */
	CGL_DROP_IOPRIO, /* everything runs at the default priority */
	CGL_CORRUPT, /* one read in sixteen has a wrong byte */
	CGL_FAIL_WORKER, /* no worker can be made */
	CGL_FAIL_WORKER_ROOT, /* the same, and root pays */
	CGL_DROP_FLUSH, /* flush and FUA are forgotten */
	CGL_CHARGE_FIRST_BIO, /* siblings' memory is the first one's */
	CGL_NO_FLAGS, /* workers may enter I/O from reclaim */
	CGL_RECLAIM_WAITS, /* workers wait for writeback, for its page */
	CGL_NO_FREEZE, /* workers go on while the system is frozen */
	CGL_WRONG_ERRNO, /* LOOP_CLR_FD unbound: -EINVAL, not -ENXIO */
	CGL_NO_GUARD, /* inline whatever the context */
	CGL_LOSE_MEMORY, /* loading the module loses memory */
	CGL_LATE_TOUCH, /* a css is looked at when its command has ended */
	CGL_OBEY_LIMITS, /* inline I/O whatever limits the task has */
	CGL_CLONE_ANYWAY, /* bios go to a block device unchecked */
	CGL_SAME_MEDIUM, /* nobody is told of another medium */
	CGL_UNBIND_AT_ONCE, /* LOOP_CLR_FD does not wait for the last close */
	CGL_NO_CLAIM, /* geometry changes under exclusive owners */
	CGL_CHARGE_BUFFER, /* the owner of a busy buffer page pays */
	CGL_STALL_ALL, /* new bios wait while old bindings drain */
	CGL_ZERO_BEHIND_END, /* reads behind the end of the file succeed */
	CGL_UNALIGNED, /* parts of blocks are let through */
	CGL_NO_RETRY, /* EOPNOTSUPP of a NOWAIT attempt is final */
	CGL_OOM, /* commands are allocated at any price */
	CGL_NR_FAULTS,
};

#ifdef CGL_INJECT

extern unsigned long cgl_faults;

#define cgl_inject(fault) unlikely(test_bit(fault, &cgl_faults))
/* The fast path goes by what these are in. */
#define cgl_inject_slow() \
	(cgl_faults & (BIT(CGL_OBEY_LIMITS) - 1) & \
	 ~(BIT(CGL_NO_GUARD) | BIT(CGL_LOSE_MEMORY)))

void cgl_inject_corrupt(struct bio *bio);
void cgl_inject_first(struct cgl_charge *charge);
void cgl_inject_reclaim(struct bio *bio);
void cgl_inject_touch(const struct cgl_charge *charge);
void cgl_inject_forget(void);

#else

#define cgl_inject(fault) ((fault) == CGL_NR_FAULTS)
#define cgl_inject_slow() false

static inline void cgl_inject_corrupt(struct bio *bio)
{
}

static inline void cgl_inject_first(struct cgl_charge *charge)
{
}

static inline void cgl_inject_reclaim(struct bio *bio)
{
}

static inline void cgl_inject_touch(const struct cgl_charge *charge)
{
}

static inline void cgl_inject_forget(void)
{
}

#endif

/*
 * Built with CGL_SLOW=N, also cgloop.ko takes N instructions more a request:
 * for tests that have to see a cost grow.
 */
static inline void cgl_slow_down(void)
{
#ifdef CGL_SLOW
	asm volatile(".rept " __stringify(CGL_SLOW) "\n\tnop\n\t.endr");
#endif
}

#endif
