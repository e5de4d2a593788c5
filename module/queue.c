// SPDX-License-Identifier: GPL-2.0
/*
 * Where the block layer hands a bio over, and where it gets it back.
 */
#include <linux/ioprio.h>
#include <linux/slab.h>

#include "cgloop.h"
#include "slow.h"
#include "trace.h"

static struct kmem_cache *cgl_cmd_cache;

/*
 * Ends of direct writes that need a task. They wait for at most the writeback
 * of pages that somebody has cached meanwhile, so one rescuer does for all.
 */
struct workqueue_struct *cgl_done_wq;

int cgl_queue_init(void)
{
	cgl_cmd_cache = KMEM_CACHE(cgl_cmd, 0);
	if (!cgl_cmd_cache)
		return -ENOMEM;
	cgl_done_wq = alloc_workqueue("%s-done", WQ_MEM_RECLAIM | CGL_WQ_PERCPU,
				      0, cgl_name());
	if (cgl_done_wq)
		return 0;
	kmem_cache_destroy(cgl_cmd_cache);
	return -ENOMEM;
}

void cgl_queue_exit(void)
{
	destroy_workqueue(cgl_done_wq);
	kmem_cache_destroy(cgl_cmd_cache);
}

/* Each device has its own: one may be stacked on another, and wait for it. */
int cgl_reserve_init(struct cgl_device *dev)
{
	return mempool_init_slab_pool(&dev->reserve, CGL_RESERVE,
				      cgl_cmd_cache);
}

void cgl_reserve_exit(struct cgl_device *dev)
{
	mempool_exit(&dev->reserve);
}

/*
 * Memory for a command, charged to the task that submits it unless that is at
 * its limit. NULL if it must not wait for memory and there is none.
 */
static struct cgl_cmd *cgl_cmd_alloc(struct cgl_device *dev, bool nowait)
{
	gfp_t uncharged = GFP_NOIO | __GFP_NOFAIL;
	struct cgl_cmd *cmd;

	if (cgl_task_frees_memory())
		uncharged = GFP_NOIO | __GFP_NOWARN | __GFP_NORETRY;
	cmd = kmem_cache_alloc(cgl_cmd_cache, cgl_gfp_charged(nowait));
	if (!cmd && !nowait)
		cmd = kmem_cache_alloc(cgl_cmd_cache, uncharged);
	if (cmd) {
		cmd->reserved = false;
	} else if (!nowait) {
		cmd = mempool_alloc(&dev->reserve, GFP_NOIO);
		cmd->reserved = true;
		cgl_count(dev, reserved);
	}
	return cmd;
}

/* A command that @worker's charge has kept, or NULL. */
static struct cgl_cmd *cgl_spare_take(struct cgl_worker *worker)
{
	struct cgl_tally *tally;
	struct cgl_cmd *cmd;
	unsigned long flags;

	local_irq_save(flags);
	tally = this_cpu_ptr(worker->tally);
	cmd = list_first_entry_or_null(&tally->spares, struct cgl_cmd, node);
	if (cmd) {
		list_del(&cmd->node);
		tally->nr_spares--;
	}
	local_irq_restore(flags);
	return cmd;
}

/* Keep @cmd for the next bio of @worker's charge; false if there are enough. */
static bool cgl_spare_keep(struct cgl_worker *worker, struct cgl_cmd *cmd)
{
	struct cgl_tally *tally;
	unsigned long flags;
	bool keep;

	local_irq_save(flags);
	tally = this_cpu_ptr(worker->tally);
	keep = tally->nr_spares < CGL_SPARES;
	if (keep) {
		list_add(&cmd->node, &tally->spares);
		tally->nr_spares++;
	}
	local_irq_restore(flags);
	return keep;
}

/* Any flush that begins after @bio came covers all I/O that ended before. */
static int cgl_flushes_begun(struct cgl_binding *binding, struct bio *bio)
{
	if (!(bio->bi_opf & REQ_PREFLUSH))
		return 0;
	/* Read the number after all I/O that was seen to end. */
	smp_mb();
	return atomic_read(&binding->flushes);
}

/*
 * A command for @bio, booked on the worker of @charge; NULL if it must not wait
 * for memory. What a charge is through with serves it again: that is paid for.
 */
struct cgl_cmd *cgl_cmd_get(struct cgl_binding *binding, struct bio *bio,
			    const struct cgl_charge *charge)
{
	struct cgl_device *dev = binding->dev;
	struct cgl_worker *worker =
		cgl_worker_get(dev, charge, bio->bi_iter.bi_size);
	struct cgl_cmd *cmd = worker ? cgl_spare_take(worker) : NULL;

	if (!cmd)
		cmd = cgl_cmd_alloc(dev, bio->bi_opf & REQ_NOWAIT);
	if (!cmd) {
		cgl_worker_put(worker);
		return NULL;
	}
	cmd->dev = dev;
	cmd->binding = binding;
	cmd->bio = bio;
	cmd->worker = worker;
	return cmd;
}

void cgl_cmd_put(struct cgl_cmd *cmd)
{
	struct cgl_worker *worker = cmd->worker;

	if (cmd->reserved)
		mempool_free(cmd, &cmd->dev->reserve);
	else if (!worker || !cgl_spare_keep(worker, cmd))
		kmem_cache_free(cgl_cmd_cache, cmd);
	cgl_worker_put(worker);
}

void cgl_cmd_free_list(struct list_head *cmds)
{
	struct cgl_cmd *cmd, *next;

	list_for_each_entry_safe(cmd, next, cmds, node)
		kmem_cache_free(cgl_cmd_cache, cmd);
}

/*
 * Give the bio back. The charge goes before: with the bio goes what pinned its
 * css. The binding goes last: file and device may follow at once. May run in
 * interrupt context.
 */
void cgl_cmd_end(struct cgl_cmd *cmd, int err)
{
	struct cgl_binding *binding = cmd->binding;
	struct cgl_device *dev = cmd->dev;
	struct bio *bio = cmd->bio;

	trace_cgloop_complete(cmd);
	cgl_charge_put(&cmd->charge);
	cgl_count(dev, completed);
	cgl_gauge_add(dev, CGL_IN_FLIGHT, -1);
	if (err) {
		cgl_count(dev, errors);
		bio->bi_status = errno_to_blk_status(err);
	}
	bio_end_io_acct(bio, cmd->start);
	cgl_cmd_put(cmd);
	bio_endio(bio);
	cgl_binding_put(binding);
}

static bool cgl_op_is_known(struct bio *bio)
{
	switch (bio_op(bio)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
	case REQ_OP_DISCARD:
	case REQ_OP_WRITE_ZEROES:
		return true;
	default:
		return false;
	}
}

/*
 * The capacity is checked again: a bio may have been waiting while the device
 * shrank, and what lies behind a size limit is none of its business. blk-mq
 * does the same for whole blocks, which the file below may rely on.
 */
static blk_status_t cgl_check_bio(const struct cgl_binding *binding,
				  struct bio *bio)
{
	unsigned int bytes = bio->bi_iter.bi_size;
	sector_t sector = bio->bi_iter.bi_sector;

	if (!binding || READ_ONCE(binding->dev->state) == CGL_RUNDOWN)
		return BLK_STS_IOERR;
	if (!cgl_op_is_known(bio))
		return BLK_STS_NOTSUPP;
	if (op_is_write(bio_op(bio)) && binding->read_only)
		return BLK_STS_IOERR;
	if (bytes >> SECTOR_SHIFT > binding->capacity ||
	    sector > binding->capacity - (bytes >> SECTOR_SHIFT))
		return BLK_STS_IOERR;
	if (!cgl_is_whole_blocks(sector, bytes, binding->block_size))
		return BLK_STS_IOERR;
	return BLK_STS_OK;
}

/* Set the other fields of a command for the file. It takes @charge over. */
static void cgl_cmd_init_file(struct cgl_cmd *cmd,
			      const struct cgl_charge *charge)
{
	cmd->charge = *charge;
	cmd->flushes = cgl_flushes_begun(cmd->binding, cmd->bio);
	cmd->total = cmd->bio->bi_iter.bi_size;
	cmd->done = 0;
	cmd->resume = false;
	cmd->buffered = false;
	INIT_WORK(&cmd->work, cgl_cmd_work);
}

static void cgl_submit_file(struct cgl_binding *binding, struct bio *bio)
{
	struct cgl_device *dev = binding->dev;
	struct cgl_charge charge;
	enum cgl_source source =
		cgl_charge_get(&charge, bio, binding->charge_mode);
	struct cgl_cmd *cmd;

	if (source == CGL_FROM_BLKCG)
		cgl_count(dev, inferred);
	cmd = cgl_cmd_get(binding, bio, &charge);
	if (!cmd) {
		cgl_charge_put(&charge);
		bio_wouldblock_error(bio);
		cgl_binding_put(binding);
		return;
	}
	cgl_cmd_init_file(cmd, &charge);
	cmd->start = bio_start_io_acct(bio);
	cgl_count(dev, submitted);
	cgl_gauge_add(dev, CGL_IN_FLIGHT, 1);
	trace_cgloop_submit(cmd);
	if (binding->fast == CGL_FAST_NOWAIT && source == CGL_FROM_TASK &&
	    cgl_inline(cmd))
		return;
	cgl_count(dev, handed_over);
	cgl_submit(dev, cmd);
}

/* Without a command for the file; false if it needs one. */
static bool cgl_submit_fast(struct cgl_binding *binding, struct bio *bio)
{
	switch (binding->fast) {
	case CGL_FAST_REMAP:
		return cgl_remap(binding, bio);
	case CGL_FAST_READ:
		return bio_op(bio) == REQ_OP_READ && cgl_cached(binding, bio);
	case CGL_FAST_CACHED:
		return cgl_cached(binding, bio);
	default:
		return false;
	}
}

/*
 * Cut @bio to the limits of the queue, and submit the rest. NULL: it has ended
 * instead. The only limit of reads and writes is their size, since whatever is
 * below cuts them to limits of its own. So the block layer need not go through
 * all their vectors here.
 */
static struct bio *cgl_split(struct bio *bio)
{
	const struct request_queue *q = bdev_get_queue(bio->bi_bdev);

	if (cgl_is_rw(bio) && !CGL_SPLIT_CHECKS &&
	    bio_sectors(bio) <= queue_max_sectors(q))
		return bio;
	return bio_split_to_limits(bio);
}

void cgl_submit_bio(struct bio *bio)
{
	struct cgl_device *dev = bio->bi_bdev->bd_disk->private_data;
	struct cgl_binding *binding;
	blk_status_t status;

	bio = cgl_split(bio);
	if (!bio)
		return;
	cgl_slow_down();
	if (IOPRIO_PRIO_CLASS(bio->bi_ioprio) == IOPRIO_CLASS_NONE)
		bio->bi_ioprio = get_current_ioprio();
	binding = cgl_binding_get(dev);
	status = cgl_check_bio(binding, bio);
	if (status != BLK_STS_OK) {
		bio->bi_status = status;
		bio_endio(bio);
		if (binding)
			cgl_binding_put(binding);
		return;
	}
	if (!cgl_submit_fast(binding, bio))
		cgl_submit_file(binding, bio);
}
