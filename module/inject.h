/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults, for tests that have to be seen to fail. In cgloop-inject.ko alone,
 * and switched on there by name.
 */
#ifndef CGLOOP_INJECT_H
#define CGLOOP_INJECT_H

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
	CGL_LATE_TOUCH, /* a css is looked at when its command has ended */
	CGL_NEEDS_WORKERS, /* no fault: those above are seen with workers */
	CGL_WRONG_ERRNO, /* LOOP_CLR_FD unbound: -EINVAL, not -ENXIO */
	CGL_NO_GUARD, /* inline whatever the context */
	CGL_LOSE_MEMORY, /* loading the module loses memory */
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
	CGL_OOM, /* commands are charged at any price */
	CGL_CHARGE_SWAP, /* who swaps pays for the memory below */
	CGL_CACHE_ANYWAY, /* cached pages are overwritten unchecked */
	CGL_NO_MEMORY, /* there is none for a command, but for who waits */
	CGL_OPEN_RESERVE, /* the reserve is for everybody */
	CGL_STALE_NAME, /* sysfs keeps to the first backing file's name */
	CGL_HALF_MOVE, /* a new offset comes before the new capacity */
	CGL_KEEP_LIMITS, /* limits of the queue stay as they were bound */
	CGL_OLD_FLUSH, /* a flush is done by one that began before it */
	CGL_DIRECT_ANYWAY, /* direct I/O whatever blocks there are below */
	CGL_NR_FAULTS,
};

extern unsigned long cgl_faults;

#define cgl_fault(fault) unlikely(test_bit(fault, &cgl_faults))

/* Guards: see guard.h. */

static inline bool cgl_is_whole_blocks(sector_t sector, unsigned int bytes,
				       unsigned int block_size)
{
	return cgl_fault(CGL_UNALIGNED) ||
	       cgl_real_is_whole_blocks(sector, bytes, block_size);
}

static inline bool cgl_bio_is_cache(struct bio *bio)
{
	struct folio *folio = page_folio(bio_page(bio));

	if (cgl_fault(CGL_CHARGE_BUFFER))
		return folio->mapping && (folio_test_writeback(folio) ||
					  folio_test_locked(folio));
	return cgl_real_bio_is_cache(bio);
}

static inline bool cgl_pays_memory(struct bio *bio)
{
	return cgl_fault(CGL_CHARGE_SWAP) || cgl_real_pays_memory(bio);
}

static inline bool cgl_task_is_limited(bool writes)
{
	return !cgl_fault(CGL_OBEY_LIMITS) && !cgl_fault(CGL_NO_GUARD) &&
	       cgl_real_task_is_limited(writes);
}

static inline bool cgl_context_is_safe(void)
{
	return cgl_fault(CGL_NO_GUARD) || cgl_real_context_is_safe();
}

static inline bool cgl_bdev_takes(struct block_device *bdev,
				  struct address_space *mapping,
				  struct bio *bio)
{
	return cgl_fault(CGL_CLONE_ANYWAY) ||
	       cgl_real_bdev_takes(bdev, mapping, bio);
}

static inline bool cgl_cache_is_writable(struct file *file)
{
	return cgl_real_cache_is_writable(file) ||
	       (cgl_fault(CGL_CACHE_ANYWAY) && shmem_mapping(file->f_mapping));
}

static inline bool cgl_overwrite_is_due(struct file *file)
{
	return !cgl_fault(CGL_CACHE_ANYWAY) && cgl_real_overwrite_is_due(file);
}

static inline bool cgl_nowait_failed(int iocb_flags, long ret)
{
	return cgl_real_nowait_failed(iocb_flags, ret) &&
	       (ret == -EAGAIN || !cgl_fault(CGL_NO_RETRY));
}

static inline bool cgl_flush_is_done(int begun, int done)
{
	return cgl_real_flush_is_done(begun, done) ||
	       (cgl_fault(CGL_OLD_FLUSH) && done == begun);
}

static inline bool cgl_is_behind_end(unsigned int left, unsigned int block_size)
{
	return !cgl_fault(CGL_ZERO_BEHIND_END) &&
	       cgl_real_is_behind_end(left, block_size);
}

static inline bool cgl_task_frees_memory(void)
{
	return cgl_fault(CGL_OPEN_RESERVE) || cgl_real_task_frees_memory();
}

static inline gfp_t cgl_gfp_charged(bool nowait)
{
	gfp_t gfp = cgl_real_gfp_charged(nowait);

	return cgl_fault(CGL_OOM) ? gfp & ~__GFP_NORETRY : gfp;
}

static inline void cgl_media_change(struct gendisk *disk)
{
	if (!cgl_fault(CGL_SAME_MEDIUM))
		cgl_real_media_change(disk);
}

static inline void *cgl_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	if (cgl_fault(CGL_NO_MEMORY) && !(gfp & __GFP_NOFAIL))
		return NULL;
	return kmem_cache_alloc(cache, gfp);
}

/* For the reserve; filling it may enter a file system, using it may not. */
static inline void *cgl_pool_alloc(gfp_t gfp, void *cache)
{
	if (cgl_fault(CGL_NO_MEMORY) && !(gfp & __GFP_FS))
		return NULL;
	return mempool_alloc_slab(gfp, cache);
}

enum {
	CGL_WQ_FREEZABLE = WQ_FREEZABLE
};

static inline unsigned int cgl_wq_freezable(void)
{
	return cgl_fault(CGL_NO_FREEZE) ? 0 : CGL_WQ_FREEZABLE;
}

/* What inject.c stands in for. */
void cgl_real_binding_reap(struct cgl_device *dev, bool wait);
int cgl_real_binding_replace(struct cgl_device *dev,
			     struct cgl_binding *binding);
int cgl_real_limit(struct cgl_device *dev, const struct cgl_binding *binding,
		   unsigned int *frozen);
void cgl_real_set_direct(struct cgl_binding *binding, bool direct);
char *cgl_file_path(struct file *file, char *buf, int size);
int cgl_real_claim_whole(struct cgl_device *dev, blk_mode_t mode,
			 struct block_device *bdev);
void cgl_real_unclaim_whole(struct cgl_device *dev, blk_mode_t mode,
			    struct block_device *bdev);
int cgl_real_clear(struct cgl_device *dev);
void cgl_real_unbind(struct cgl_device *dev);
void cgl_real_submit_bio(struct bio *bio);
void cgl_real_cmd_end(struct cgl_cmd *cmd, int err);
enum cgl_fast cgl_real_fast_path(const struct cgl_binding *binding);
struct cgl_worker *cgl_real_worker_get(struct cgl_device *dev,
				       const struct cgl_charge *charge,
				       unsigned int bytes);
void cgl_real_submit(struct cgl_device *dev, struct cgl_cmd *cmd);
void cgl_real_workers_exit(struct cgl_device *dev);
enum cgl_source cgl_real_charge_get(struct cgl_charge *charge, struct bio *bio,
				    enum cgl_charge_mode mode);
void cgl_real_scope_begin(struct cgl_scope *scope);
void cgl_real_io_start(struct cgl_scope *scope, struct cgl_cmd *cmd);

#endif
