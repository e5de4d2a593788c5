// SPDX-License-Identifier: GPL-2.0
/*
 * Whom a bio is charged to, and on whose charge a kernel thread runs while it
 * works for somebody.
 */
#include <linux/blk-cgroup.h>
#include <linux/ioprio.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>

#include "cgloop.h"

/* Root memory is not charged, and its css is not counted. */
static struct mem_cgroup *cgl_memcg_or_root(struct mem_cgroup *memcg)
{
	if (memcg && !memcg->css.parent) {
		css_put(&memcg->css);
		return NULL;
	}
	return memcg;
}

/*
 * The memory cgroup that owns the first page of @bio, with a reference, or
 * NULL. Only the page's stability comes from the I/O in flight; the reference
 * is taken under RCU because a kernel page's cgroup can be reparented.
 */
static struct mem_cgroup *cgl_page_memcg(struct folio *folio)
{
	struct mem_cgroup *memcg;

	rcu_read_lock();
	memcg = page_memcg_check(&folio->page);
	if (memcg && !css_tryget(&memcg->css))
		memcg = NULL;
	rcu_read_unlock();
	return memcg;
}

/*
 * What a direct write by the current task to the backing file would be charged
 * to, with a reference; NULL if the current task says nothing about the issuer
 * of a bio that belongs to @blkcg. A kernel thread speaks for somebody only
 * while it runs on a charge of theirs (a cgloop device stacked on this one).
 */
static struct mem_cgroup *cgl_task_memcg(struct cgroup_subsys_state *blkcg)
{
	bool same;

	if (!in_task())
		return NULL;
	if (!current->active_memcg) {
		if ((current->flags & PF_KTHREAD) || !current->mm)
			return NULL;
		rcu_read_lock();
		same = !blkcg || task_css(current, io_cgrp_id) == blkcg;
		rcu_read_unlock();
		if (!same)
			return NULL;
	}
	return get_mem_cgroup_from_mm(NULL);
}

/* Is I/O of a task in @memcg's cgroup accounted to @blkcg? */
static bool cgl_memcg_below(struct mem_cgroup *memcg,
			    struct cgroup_subsys_state *blkcg)
{
	struct cgroup_subsys_state *css;

	css = cgroup_get_e_css(memcg->css.cgroup, &io_cgrp_subsys);
	css_put(css);
	return css == blkcg;
}

/* The owner of a cache page that @bio reads into or writes back, or NULL. */
static struct mem_cgroup *cgl_cache_memcg(struct bio *bio)
{
	if (!bio_has_data(bio) || !cgl_bio_is_cache(bio))
		return NULL;
	return cgl_page_memcg(page_folio(bio_page(bio)));
}

/* The owner of the user's buffer if its I/O belongs to @blkcg, or NULL. */
static struct mem_cgroup *cgl_buffer_memcg(struct bio *bio,
					   struct cgroup_subsys_state *blkcg)
{
	struct mem_cgroup *memcg;

	if (!bio_has_data(bio))
		return NULL;
	memcg = cgl_page_memcg(page_folio(bio_page(bio)));
	if (!memcg || cgl_memcg_below(memcg, blkcg))
		return memcg;
	css_put(&memcg->css);
	return NULL;
}

/*
 * The issuer's memory cgroup in @memcg, with a reference, and how it was found.
 * The bio's blkcg alone does not tell: where a cgroup has memory but not io
 * enabled, its bios belong to an ancestor's blkcg. In order of trust: the owner
 * of a cache page; the current task, if it is one whose I/O goes to this blkcg;
 * the owner of the user's buffer, if the same holds for it; the blkcg's own
 * cgroup. That is exact unless memory alone is enabled below it.
 */
static enum cgl_source cgl_issuer_memcg(struct mem_cgroup **memcg,
					struct bio *bio,
					struct cgroup_subsys_state *blkcg)
{
	struct cgroup_subsys_state *css;

	*memcg = cgl_cache_memcg(bio);
	if (*memcg)
		return CGL_FROM_PAGE;
	*memcg = cgl_task_memcg(blkcg);
	if (*memcg)
		return CGL_FROM_TASK;
	if (!blkcg)
		return CGL_FROM_NOBODY;
	*memcg = cgl_buffer_memcg(bio, blkcg);
	if (*memcg)
		return CGL_FROM_BUFFER;
	css = cgroup_get_e_css(blkcg->cgroup, &memory_cgrp_subsys);
	*memcg = mem_cgroup_from_css(css);
	return CGL_FROM_BLKCG;
}

/*
 * Fill @charge for @bio. Call it where the bio is submitted: its association
 * and the submitting task are gone later. Never fails.
 */
enum cgl_source cgl_charge_get(struct cgl_charge *charge, struct bio *bio,
			       enum cgl_charge_mode mode)
{
	enum cgl_source source = CGL_FROM_NOBODY;
	struct cgroup_subsys_state *blkcg;
	struct mem_cgroup *memcg;

	charge->memcg = NULL;
	charge->blkcg = NULL;
	if (mode == CGL_CHARGE_NONE)
		return source;

	blkcg = bio_blkcg_css(bio);
	if (mode == CGL_CHARGE_ALL && !mem_cgroup_disabled() &&
	    cgl_pays_memory(bio)) {
		source = cgl_issuer_memcg(&memcg, bio, blkcg);
		charge->memcg = cgl_memcg_or_root(memcg);
	}
	if (blkcg && blkcg->parent) {
		css_get(blkcg);
		charge->blkcg = blkcg;
	}
	return source;
}

/*
 * Fill @charge for a @bio for which no memory is charged. It owns nothing: the
 * bio pins its blkcg.
 */
void cgl_charge_borrow(struct cgl_charge *charge, struct bio *bio,
		       enum cgl_charge_mode mode)
{
	charge->memcg = NULL;
	charge->blkcg = NULL;
	if (mode == CGL_CHARGE_NONE)
		return;
	charge->blkcg = bio_blkcg_css(bio);
	if (charge->blkcg && !charge->blkcg->parent)
		charge->blkcg = NULL;
}

/* References of one's own on what @charge already pins. */
void cgl_charge_hold(const struct cgl_charge *charge)
{
	if (charge->memcg)
		css_get(&charge->memcg->css);
	if (charge->blkcg)
		css_get(charge->blkcg);
}

/* The one exit for a charge. May be called from interrupt context. */
void cgl_charge_put(struct cgl_charge *charge)
{
	if (charge->memcg)
		css_put(&charge->memcg->css);
	if (charge->blkcg)
		css_put(charge->blkcg);
	charge->memcg = NULL;
	charge->blkcg = NULL;
}

u64 cgl_memcg_ino(const struct cgl_charge *charge)
{
	return charge->memcg ? cgroup_ino(charge->memcg->css.cgroup) : 0;
}

u64 cgl_blkcg_ino(const struct cgl_charge *charge)
{
	return charge->blkcg ? cgroup_ino(charge->blkcg->cgroup) : 0;
}

/*
 * From here to cgl_scope_end() the current kernel thread serves a block
 * device: reclaim must not wait for I/O on it, and dirty throttling counts
 * against the backing device only.
 */
void cgl_scope_begin(struct cgl_scope *scope)
{
	scope->old_flags = current->flags;
	scope->charge.memcg = NULL;
	scope->charge.blkcg = NULL;
	scope->ioprio = false;
	current->flags |= PF_LOCAL_THROTTLE | PF_MEMALLOC_NOIO;
}

/* Charge what the current thread does from now on to @charge. */
void cgl_scope_charge(struct cgl_scope *scope, const struct cgl_charge *charge)
{
	struct cgl_charge old = scope->charge;

	if (old.memcg == charge->memcg && old.blkcg == charge->blkcg)
		return;
	scope->charge = *charge;
	cgl_charge_hold(charge);
	set_active_memcg(charge->memcg);
	kthread_associate_blkcg(charge->blkcg);
	cgl_charge_put(&old);
}

/* A thread that cannot have it goes on with its own. */
void cgl_scope_ioprio(struct cgl_scope *scope, int ioprio)
{
	if (get_current_ioprio() != ioprio && !set_task_ioprio(current, ioprio))
		scope->ioprio = true;
}

void cgl_scope_end(struct cgl_scope *scope)
{
	static const struct cgl_charge root;

	cgl_scope_charge(scope, &root);
	if (scope->ioprio)
		set_task_ioprio(current, IOPRIO_DEFAULT);
	current_restore_flags(scope->old_flags,
			      PF_LOCAL_THROTTLE | PF_MEMALLOC_NOIO);
}
