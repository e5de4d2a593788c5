// SPDX-License-Identifier: GPL-2.0
/*
 * Where the block layer hands a bio over, and where it gets it back.
 */
#include <linux/ioprio.h>
#include <linux/slab.h>

#include "cgloop.h"
#include "trace.h"

static struct kmem_cache *cgl_cmd_cache;

/* Completions, which nothing can hold: they can do with one rescuer for all. */
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

/* The reserve is a last resort, for those who free memory for others. */
static struct cgl_cmd *cgl_cmd_alloc_hard(struct cgl_device *dev)
{
	bool last_resort = current->flags & (PF_MEMALLOC | PF_KTHREAD);
	struct cgl_cmd *cmd;

	cmd = kmem_cache_alloc(cgl_cmd_cache,
			       GFP_NOIO | (last_resort ? __GFP_NOWARN :
							 __GFP_NOFAIL));
	if (cmd) {
		cmd->reserved = false;
		return cmd;
	}
	cmd = mempool_alloc(&dev->reserve, GFP_NOIO);
	cmd->reserved = true;
	return cmd;
}

/*
 * Memory for a command, charged to the task that submits it unless that is at
 * its limit; NULL if it must not wait for memory and there is none. No cgroup
 * waits for what another has outstanding.
 */
static struct cgl_cmd *cgl_cmd_alloc(struct cgl_device *dev, bool nowait)
{
	struct cgl_cmd *cmd;

	cmd = kmem_cache_alloc(cgl_cmd_cache,
			       __GFP_ACCOUNT | __GFP_NOWARN |
				       (nowait ? GFP_NOWAIT : GFP_NOIO));
	if (cmd)
		cmd->reserved = false;
	else if (!nowait)
		cmd = cgl_cmd_alloc_hard(dev);
	return cmd;
}

/* What a charge is through with serves it again: it has paid for that. */
static struct cgl_cmd *cgl_cmd_get(struct cgl_device *dev,
				   struct cgl_worker *worker, struct bio *bio)
{
	struct cgl_cmd *cmd = worker ? cgl_worker_take(worker) : NULL;

	if (!cmd)
		cmd = cgl_cmd_alloc(dev, bio->bi_opf & REQ_NOWAIT);
	if (!cmd)
		return NULL;
	INIT_WORK(&cmd->work, cgl_cmd_work);
	cmd->dev = dev;
	cmd->bio = bio;
	cmd->worker = worker;
	cmd->total = bio->bi_iter.bi_size;
	cmd->done = 0;
	cmd->resume = false;
	cmd->buffered = false;
	return cmd;
}

static void cgl_cmd_put(struct cgl_cmd *cmd)
{
	struct cgl_worker *worker = cmd->worker;

	if (cmd->reserved)
		mempool_free(cmd, &cmd->dev->reserve);
	else if (!worker || !cgl_worker_keep(worker, cmd))
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
 * css. The queue's reference goes last: the device may follow at once. May run
 * in interrupt context.
 */
void cgl_cmd_end(struct cgl_cmd *cmd, int err)
{
	struct cgl_device *dev = cmd->dev;
	struct bio *bio = cmd->bio;

	trace_cgloop_complete(cmd);
	if (cgl_inject(CGL_LATE_TOUCH))
		cgl_inject_touch(&cmd->charge);
	if (!err || !cgl_inject(CGL_LEAK_ON_ERROR))
		cgl_charge_put(&cmd->charge);
	if (cgl_inject(CGL_CORRUPT) && !err && bio_op(bio) == REQ_OP_READ)
		cgl_inject_corrupt(bio);
	cgl_count(dev, completed);
	cgl_gauge_add(dev, CGL_IN_FLIGHT, -1);
	if (err) {
		cgl_count(dev, errors);
		bio->bi_status = errno_to_blk_status(err);
	}
	bio_end_io_acct(bio, cmd->start);
	cgl_cmd_put(cmd);
	bio_endio(bio);
	cgl_queue_put(dev);
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
 * shrank, and what lies behind a size limit is none of its business.
 */
static blk_status_t cgl_check_bio(struct cgl_device *dev, struct bio *bio)
{
	sector_t capacity = get_capacity(dev->disk);

	if (!dev->file)
		return BLK_STS_IOERR;
	if (!cgl_op_is_known(bio))
		return BLK_STS_NOTSUPP;
	if (op_is_write(bio_op(bio)) && dev->read_only)
		return BLK_STS_IOERR;
	if (bio_sectors(bio) > capacity ||
	    bio->bi_iter.bi_sector > capacity - bio_sectors(bio))
		return BLK_STS_IOERR;
	return BLK_STS_OK;
}

static void cgl_submit_file(struct cgl_device *dev, struct bio *bio)
{
	struct cgl_charge charge;
	enum cgl_source source = cgl_charge_get(&charge, bio, dev->charge_mode);
	struct cgl_worker *worker;
	struct cgl_cmd *cmd;

	if (cgl_inject(CGL_CHARGE_FIRST_BIO))
		cgl_inject_first(&charge);
	if (source == CGL_FROM_BLKCG)
		cgl_count(dev, inferred);
	worker = cgl_worker_get(dev, &charge, bio->bi_iter.bi_size);
	cmd = cgl_cmd_get(dev, worker, bio);
	if (!cmd) {
		cgl_worker_put(worker);
		cgl_charge_put(&charge);
		bio_wouldblock_error(bio);
		return;
	}
	cmd->charge = charge;
	cgl_queue_get(dev);
	cmd->start = bio_start_io_acct(bio);
	cgl_count(dev, submitted);
	cgl_gauge_add(dev, CGL_IN_FLIGHT, 1);
	trace_cgloop_submit(cmd);
	if (source == CGL_FROM_TASK && cgl_may_inline(dev, bio) &&
	    cgl_inline(cmd))
		return;
	cgl_count(dev, handed_over);
	cgl_submit(dev, cmd);
}

void cgl_submit_bio(struct bio *bio)
{
	struct cgl_device *dev = bio->bi_bdev->bd_disk->private_data;
	blk_status_t status;

	bio = bio_split_to_limits(bio);
	if (!bio)
		return;
	cgl_slow_down();
	if (IOPRIO_PRIO_CLASS(bio->bi_ioprio) == IOPRIO_CLASS_NONE)
		bio->bi_ioprio = get_current_ioprio();
	if (cgl_inject(CGL_DROP_IOPRIO))
		bio->bi_ioprio = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4);
	status = cgl_check_bio(dev, bio);
	if (status != BLK_STS_OK) {
		bio->bi_status = status;
		bio_endio(bio);
		return;
	}
	if (!cgl_remap(dev, bio))
		cgl_submit_file(dev, bio);
}
