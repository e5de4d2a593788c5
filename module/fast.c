// SPDX-License-Identifier: GPL-2.0
/*
 * What needs no worker: bios for a block device are sent on to it, and direct
 * I/O on a file is started by the submitter where that is safe.
 */
#include <linux/blk-cgroup.h>
#include <linux/sched/mm.h>
#include <linux/sched/task_stack.h>

#include "cgloop.h"
#include "trace.h"

/* Lives in front of a clone. */
struct cgl_remap {
	struct cgl_device *dev;
	struct cgl_worker *worker; /* held; keeps the books */
	struct bio *bio;
	unsigned long start;
	struct bio clone;
};

int cgl_remap_init(struct cgl_device *dev)
{
	return bioset_init(&dev->clones, CGL_RESERVE,
			   offsetof(struct cgl_remap, clone), 0);
}

/*
 * Which way round the workers there is for @dev on @file. None with a single
 * worker: that mode is there to show what one thread for all means.
 *
 * A file has to say that it honours NOWAIT. Without a block device under it
 * (tmpfs, network) that is not believed: tmpfs takes no notice of NOWAIT, and
 * the submitter would wait for the inode's lock and for memory.
 */
enum cgl_fast cgl_fast_path(const struct cgl_device *dev, struct file *file)
{
	struct inode *inode = file->f_mapping->host;

	if (cgl_inject_slow())
		return CGL_FAST_NONE;
	if (!dev->direct || dev->workers_mode == CGL_WORKERS_SINGLE)
		return CGL_FAST_NONE;
	if (S_ISBLK(inode->i_mode))
		return CGL_FAST_REMAP;
	if ((file->f_mode & FMODE_NOWAIT) && inode->i_sb->s_bdev &&
	    dev->charge_mode == CGL_CHARGE_ALL)
		return CGL_FAST_NOWAIT;
	return CGL_FAST_NONE;
}

static void cgl_remap_end(struct bio *clone)
{
	struct cgl_remap *remap = container_of(clone, struct cgl_remap, clone);
	struct cgl_device *dev = remap->dev;
	struct bio *bio = remap->bio;

	cgl_worker_put(remap->worker);
	cgl_count(dev, completed);
	cgl_gauge_add(dev, CGL_IN_FLIGHT, -1);
	if (clone->bi_status) {
		cgl_count(dev, errors);
		bio->bi_status = clone->bi_status;
	}
	bio_end_io_acct(bio, remap->start);
	bio_put(clone);
	bio_endio(bio);
	cgl_queue_put(dev);
}

/* Its memory is nobody's business here; its blkcg is pinned by itself. */
static struct cgl_worker *cgl_remap_book(struct cgl_device *dev,
					 struct bio *bio)
{
	struct cgl_charge charge = {};

	if (dev->charge_mode != CGL_CHARGE_NONE) {
		charge.blkcg = bio_blkcg_css(bio);
		if (charge.blkcg && !charge.blkcg->parent)
			charge.blkcg = NULL;
	}
	return cgl_worker_get(dev, &charge, bio->bi_iter.bi_size);
}

/*
 * Send @bio on to the backing block device; false if that has to go through
 * the file. The clone is accounted to the bio's blkcg, or to root if nothing
 * is to be charged: it would inherit the association otherwise.
 *
 * What is cached of the backing device would go stale, so there must be
 * nothing; as with any asynchronous direct write to a block device, somebody
 * who fills that cache meanwhile gets what he gets.
 */
bool cgl_remap(struct cgl_device *dev, struct bio *bio)
{
	bool nowait = bio->bi_opf & REQ_NOWAIT;
	struct cgl_remap *remap;
	struct block_device *bdev;
	struct bio *clone;

	if (dev->fast != CGL_FAST_REMAP ||
	    (bio_op(bio) != REQ_OP_READ && bio_op(bio) != REQ_OP_WRITE))
		return false;
	if (dev->file->f_mapping->nrpages)
		return false;
	bdev = I_BDEV(dev->file->f_mapping->host);
	if (nowait && !bdev_nowait(bdev))
		return false;
	clone = bio_alloc_clone(bdev, bio, nowait ? GFP_NOWAIT : GFP_NOIO,
				&dev->clones);
	if (!clone) {
		bio_wouldblock_error(bio);
		return true;
	}

	remap = container_of(clone, struct cgl_remap, clone);
	remap->dev = dev;
	remap->bio = bio;
	remap->worker = cgl_remap_book(dev, bio);
	clone->bi_end_io = cgl_remap_end;
	clone->bi_iter.bi_sector += dev->offset >> SECTOR_SHIFT;
	if (dev->charge_mode == CGL_CHARGE_NONE)
		bio_associate_blkg_from_css(clone, blkcg_root_css);
	cgl_queue_get(dev);
	cgl_count(dev, submitted);
	cgl_count(dev, inlined);
	cgl_gauge_add(dev, CGL_IN_FLIGHT, 1);
	remap->start = bio_start_io_acct(bio);
	submit_bio_noacct(clone);
	return true;
}

/* Bytes of the current thread's stack that are in use. */
static unsigned int cgl_stack_used(void)
{
	return (unsigned long)task_stack_page(current) + THREAD_SIZE -
	       (unsigned long)__builtin_frame_address(0);
}

/* Three quarters of the stack have to be left for the file system below. */
static bool cgl_stack_is_ample(void)
{
	return cgl_stack_used() <= THREAD_SIZE / 4;
}

/*
 * May the submitter itself start the direct I/O for @bio? Its charge must be
 * the submitter's own, which the caller has seen to.
 *
 * - A flush or FUA syncs: that waits.
 * - Cache pages and metadata: the submitter holds locks of the file system on
 *   top, of the same lockdep classes as those below if it is of the same kind.
 * - Kernel threads, and memory allocation scopes: reclaim, writeback and
 *   transactions, which the file system below must not be entered from.
 * - An open journal handle: the file system below would take it for its own.
 * - Bios waiting on the submitter's list start only after we return, so
 *   waiting for anything here could be waiting for them.
 * - The stack: loop devices on file systems on loop devices overflowed it when
 *   the in-tree driver tried this without looking.
 */
bool cgl_may_inline(struct cgl_device *dev, struct bio *bio)
{
	struct bio_list *list = current->bio_list;

	if (dev->fast != CGL_FAST_NOWAIT || !bio_has_data(bio))
		return false;
	if (op_is_flush(bio->bi_opf) || (bio->bi_opf & REQ_META) ||
	    cgl_bio_is_cache(bio))
		return false;
	if (cgl_inject(CGL_NO_GUARD))
		return true;
	if (!current->mm || current->journal_info ||
	    (current->flags &
	     (PF_KTHREAD | PF_MEMALLOC | PF_MEMALLOC_NOIO | PF_MEMALLOC_NOFS)))
		return false;
	if (list && !(bio_list_empty(&list[0]) && bio_list_empty(&list[1])))
		return false;
	return cgl_stack_is_ample();
}

/*
 * Start the direct I/O of @cmd here; false if it would have to wait. The bio
 * list is put aside meanwhile: a file system that has to read where its blocks
 * are waits for that, NOWAIT or not, and what is put on the list would not be
 * started before we return. The plug is emptied and put aside too: it would put
 * the I/O off, and a write that is over before we return is ended here.
 */
bool cgl_inline(struct cgl_cmd *cmd)
{
	struct bio_list *list = current->bio_list;
	struct blk_plug *plug = current->plug;
	struct cgl_device *dev = cmd->dev;
	unsigned int noio, used = cgl_stack_used();
	ssize_t ret;

	if (used > this_cpu_read(dev->stats->stack))
		this_cpu_write(dev->stats->stack, used);
	trace_cgloop_start(cmd);
	current->bio_list = NULL;
	if (plug)
		blk_finish_plug(plug);
	noio = memalloc_noio_save();
	ret = cgl_io_direct(cmd, IOCB_NOWAIT);
	memalloc_noio_restore(noio);
	current->bio_list = list;
	current->plug = plug;
	if (ret == -EAGAIN) {
		cgl_count(dev, again);
		return false;
	}
	cgl_count(dev, inlined);
	return true;
}
