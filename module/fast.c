// SPDX-License-Identifier: GPL-2.0
/*
 * Which way round the workers a device has, and the two for direct I/O: bios
 * for a block device are sent on to it, and direct I/O on a file is started by
 * the submitter where that is safe. For buffered I/O see cached.c.
 */
#include <linux/blk-cgroup.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>

#include "cgloop.h"
#include "trace.h"

/*
 * Which way round the workers there is for @binding. None with a single worker:
 * that mode is there to show what one thread for all means.
 *
 * A file has to say that it honours NOWAIT. Without a block device under it
 * (tmpfs, network) that is not believed: tmpfs takes no notice of NOWAIT, and
 * the submitter would wait for the inode's lock and for memory.
 */
enum cgl_fast cgl_fast_path(const struct cgl_binding *binding)
{
	struct inode *inode = binding->file->f_mapping->host;

	if (binding->workers_mode == CGL_WORKERS_SINGLE)
		return CGL_FAST_NONE;
	if (!binding->direct)
		return cgl_cached_path(binding->file);
	if (S_ISBLK(inode->i_mode))
		return CGL_FAST_REMAP;
	if ((binding->file->f_mode & FMODE_NOWAIT) && inode->i_sb->s_bdev &&
	    binding->charge_mode == CGL_CHARGE_ALL)
		return CGL_FAST_NOWAIT;
	return CGL_FAST_NONE;
}

static void cgl_remap_end(struct bio *clone)
{
	struct cgl_cmd *cmd = container_of(clone, struct cgl_cmd, clone);
	struct cgl_binding *binding = cmd->binding;
	struct cgl_device *dev = cmd->dev;
	struct bio *bio = cmd->bio;

	cgl_count(dev, completed);
	cgl_gauge_add(dev, CGL_IN_FLIGHT, -1);
	if (clone->bi_status) {
		cgl_count(dev, errors);
		bio->bi_status = clone->bi_status;
	}
	bio_uninit(clone);
	bio_end_io_acct(bio, cmd->start);
	cgl_cmd_put(cmd);
	bio_endio(bio);
	cgl_binding_put(binding);
}

/*
 * May @bio go to the backing block device past its file? Pages of its range
 * that are cached would go stale. As with any asynchronous direct write to a
 * block device, somebody who fills that cache meanwhile gets what he gets.
 */
static bool cgl_may_remap(const struct cgl_binding *binding,
			  struct block_device *bdev, struct bio *bio)
{
	struct address_space *mapping = binding->file->f_mapping;
	loff_t from = ((loff_t)bio->bi_iter.bi_sector << SECTOR_SHIFT) +
		      binding->offset;

	if (!cgl_is_rw(bio))
		return false;
	if (mapping->nrpages &&
	    (!bio_has_data(bio) ||
	     filemap_range_has_page(mapping, from,
				    from + bio->bi_iter.bi_size - 1)))
		return false;
	return cgl_bdev_takes(bdev, mapping, bio);
}

/*
 * Send @bio on to the backing block device; false if that has to go through
 * the file. The clone is accounted to the bio's blkcg, or to root if nothing
 * is to be charged: it would inherit the association otherwise.
 */
bool cgl_remap(struct cgl_binding *binding, struct bio *bio)
{
	struct cgl_device *dev = binding->dev;
	struct cgl_charge charge;
	struct block_device *bdev;
	struct cgl_cmd *cmd;

	bdev = I_BDEV(binding->file->f_mapping->host);
	if (!cgl_may_remap(binding, bdev, bio))
		return false;
	cgl_charge_borrow(&charge, bio, binding->charge_mode);
	cmd = cgl_cmd_get(binding, bio, &charge);
	if (cmd &&
	    bio_init_clone(NULL, &cmd->clone, bio,
			   bio->bi_opf & REQ_NOWAIT ? GFP_NOWAIT : GFP_NOIO)) {
		cgl_cmd_put(cmd);
		cmd = NULL;
	}
	if (!cmd) {
		bio->bi_status = bio->bi_opf & REQ_NOWAIT ? BLK_STS_AGAIN :
							    BLK_STS_RESOURCE;
		bio_endio(bio);
		cgl_binding_put(binding);
		return true;
	}
	cmd->clone.bi_end_io = cgl_remap_end;
	cmd->clone.bi_iter.bi_sector += binding->offset >> SECTOR_SHIFT;
	cmd->clone.bi_bdev = bdev;
	if (binding->charge_mode == CGL_CHARGE_NONE)
		bio_associate_blkg_from_css(&cmd->clone, blkcg_root_css);
	else
		bio_clone_blkg_association(&cmd->clone, bio);
	cgl_count(dev, submitted);
	cgl_count(dev, inlined);
	cgl_gauge_add(dev, CGL_IN_FLIGHT, 1);
	cmd->start = bio_start_io_acct(bio);
	submit_bio_noacct(&cmd->clone);
	return true;
}

/*
 * May the submitter itself start the direct I/O for @bio?
 *
 * - A flush or FUA syncs: that waits.
 * - Cache pages and metadata: the submitter holds locks of the file system on
 *   top, of the same lockdep classes as those below if it is of the same kind.
 * - For what it must not be the task and its context see guard.h.
 */
static bool cgl_may_inline(struct bio *bio)
{
	if (!bio_has_data(bio) || op_is_flush(bio->bi_opf) ||
	    (bio->bi_opf & REQ_META) || cgl_bio_is_cache(bio))
		return false;
	return cgl_context_is_safe() &&
	       !cgl_task_is_limited(op_is_write(bio_op(bio)));
}

/*
 * Start the direct I/O of @cmd here; false if it would have to wait. The bio
 * list is put aside meanwhile: a file system that has to read where its blocks
 * are waits for that, NOWAIT or not, and what is put on the list would not be
 * started before we return. The plug may stay: a task that waits empties it.
 * The task's I/O has been counted (/proc/PID/io) when it reached this device.
 */
static bool cgl_start_here(struct cgl_cmd *cmd)
{
	const struct task_io_accounting counted = current->ioac;
	struct bio_list *list = current->bio_list;
	struct cgl_device *dev = cmd->dev;
	unsigned int noio, used = cgl_stack_used();
	ssize_t ret;

	if (used > this_cpu_read(dev->stats->stack))
		this_cpu_write(dev->stats->stack, used);
	trace_cgloop_start(cmd);
	current->bio_list = NULL;
	noio = memalloc_noio_save();
	ret = cgl_io_direct(cmd, IOCB_NOWAIT);
	memalloc_noio_restore(noio);
	current->ioac = counted;
	current->bio_list = list;
	if (ret == -EAGAIN) {
		cgl_count(dev, again);
		return false;
	}
	cgl_count(dev, inlined);
	return true;
}

/*
 * Let the submitter start @cmd, whose charge must be its own; false if a worker
 * has to.
 */
bool cgl_inline(struct cgl_cmd *cmd)
{
	return cgl_may_inline(cmd->bio) && cgl_start_here(cmd);
}
