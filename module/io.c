// SPDX-License-Identifier: GPL-2.0
/*
 * A command becomes I/O on the backing file. Runs in a thread that is on the
 * command's charge, or in the submitter's context.
 */
#include <linux/bvec.h>
#include <linux/falloc.h>
#include <linux/uio.h>

#include "cgloop.h"

static loff_t cgl_cmd_pos(struct cgl_cmd *cmd)
{
	return ((loff_t)cmd->bio->bi_iter.bi_sector << SECTOR_SHIFT) +
	       cmd->binding->offset;
}

/* How many vectors @bio has, or more. A clone looks into another's. */
static unsigned int cgl_bio_vecs(struct bio *bio)
{
	unsigned int n = 0;
	struct bvec_iter i;
	struct bio_vec bv;

	if (!bio_flagged(bio, BIO_CLONED))
		return bio->bi_vcnt - bio->bi_iter.bi_idx;
	bio_for_each_bvec(bv, bio, i)
		n++;
	return n;
}

/* What is left to do, as an iterator over the bio's own vectors. */
static void cgl_cmd_iter(struct cgl_cmd *cmd, struct iov_iter *iter)
{
	struct bio *bio = cmd->bio;

	iov_iter_bvec(iter, bio_data_dir(bio),
		      __bvec_iter_bvec(bio->bi_io_vec, bio->bi_iter),
		      cgl_bio_vecs(bio),
		      bio->bi_iter.bi_bvec_done + cmd->total);
	if (bio->bi_iter.bi_bvec_done + cmd->done)
		iov_iter_advance(iter, bio->bi_iter.bi_bvec_done + cmd->done);
}

/*
 * The file's own O_APPEND, O_DIRECT and the like must not leak in: the flags
 * are the bio's. Without @complete the I/O is over when it returns.
 */
static void cgl_cmd_iocb(struct cgl_cmd *cmd, int flags,
			 void (*complete)(struct kiocb *iocb, long ret))
{
	struct bio *bio = cmd->bio;

	memset(&cmd->iocb, 0, sizeof(cmd->iocb));
	cmd->iocb.ki_filp = cmd->binding->file;
	cmd->iocb.ki_pos = cgl_cmd_pos(cmd) + cmd->done;
	cmd->iocb.ki_ioprio = bio->bi_ioprio;
	cmd->iocb.ki_flags = flags;
	cmd->iocb.ki_complete = complete;
	if (op_is_write(bio_op(bio))) {
		cmd->iocb.ki_flags |= IOCB_WRITE;
		if (bio->bi_opf & REQ_FUA)
			cmd->iocb.ki_flags |= IOCB_DSYNC;
	}
}

/*
 * Take the file system's freeze protection. With NOWAIT it is tried, which
 * also keeps lockdep from taking the file system below for the one on top.
 */
static bool cgl_start_write(struct kiocb *iocb)
{
	struct super_block *sb = file_inode(iocb->ki_filp)->i_sb;

	if (!(iocb->ki_flags & IOCB_NOWAIT)) {
		kiocb_start_write(iocb);
		return true;
	}
	if (!sb_start_write_trylock(sb))
		return false;
	/* Whoever completes the write drops it: not held by this task. */
	__sb_writers_release(sb, SB_FREEZE_WRITE);
	return true;
}

/*
 * Start what is left of @cmd's data, and set @iter to it. Returns what the file
 * returns; -EAGAIN, too, if a write with NOWAIT finds the file system frozen.
 */
static ssize_t cgl_transfer(struct cgl_cmd *cmd, struct iov_iter *iter,
			    int flags,
			    void (*complete)(struct kiocb *iocb, long ret))
{
	const struct file_operations *fops = cmd->binding->file->f_op;
	ssize_t ret;

	cgl_cmd_iocb(cmd, flags, complete);
	cgl_cmd_iter(cmd, iter);
	if (!(cmd->iocb.ki_flags & IOCB_WRITE))
		return fops->read_iter(&cmd->iocb, iter);
	if (!cgl_start_write(&cmd->iocb))
		return -EAGAIN;
	ret = fops->write_iter(&cmd->iocb, iter);
	if (ret != -EIOCBQUEUED)
		kiocb_end_write(&cmd->iocb);
	return ret;
}

/*
 * The file ended within @iter, which has @left bytes to go. The bytes that it
 * holds have come out, the others are zeroes.
 */
static int cgl_read_behind_end(struct cgl_cmd *cmd, struct iov_iter *iter,
			       unsigned int left)
{
	if (iov_iter_zero(left, iter) != left ||
	    cgl_is_behind_end(left, cmd->binding->block_size))
		return -EIO;
	return 0;
}

/*
 * Through the page cache, to the end. A write that gets nowhere is an error, as
 * is an error after some progress: either way the bio as a whole has failed.
 */
static void cgl_rw_buffered(struct cgl_cmd *cmd)
{
	struct iov_iter iter;
	ssize_t ret = 0;

	while (cmd->done < cmd->total) {
		ret = cgl_transfer(cmd, &iter, 0, NULL);
		if (ret <= 0)
			break;
		cmd->done += ret;
	}
	if (!ret && cmd->done < cmd->total)
		ret = op_is_write(bio_op(cmd->bio)) ?
			      -EIO :
			      cgl_read_behind_end(cmd, &iter,
						  cmd->total - cmd->done);
	cgl_cmd_end(cmd, ret < 0 ? ret : 0);
}

/*
 * Did direct I/O that ended with @ret leave something to be done otherwise?
 * The end of the file, and what does not fit the backing device's alignment,
 * is for the page cache.
 */
static bool cgl_direct_goes_on(struct cgl_cmd *cmd, long ret)
{
	if (cgl_nowait_failed(cmd->iocb.ki_flags, ret))
		return true;
	cmd->buffered = ret <= 0;
	return ret >= 0 || ret == -EINVAL || ret == -ENOTBLK;
}

/* Both the submitter and the completion are through with a direct command. */
static void cgl_direct_end(struct cgl_cmd *cmd)
{
	struct cgl_device *dev = cmd->dev;

	if (cmd->ret > 0)
		cmd->done += cmd->ret;
	if (cmd->done == cmd->total) {
		cgl_cmd_end(cmd, 0);
	} else if (!cgl_direct_goes_on(cmd, cmd->ret)) {
		cgl_cmd_end(cmd, cmd->ret);
	} else {
		cmd->resume = true;
		cgl_count(dev, resumed);
		INIT_WORK(&cmd->work, cgl_cmd_work);
		queue_work(dev->wq, &cmd->work);
	}
}

/* The part of a write's completion that needs a task. */
static void cgl_direct_deferred(struct cgl_cmd *cmd)
{
	cmd->ret = cgl_iocb_complete(&cmd->iocb);
	kiocb_end_write(&cmd->iocb);
	cgl_direct_end(cmd);
}

static void cgl_direct_work(struct work_struct *work)
{
	cgl_direct_deferred(container_of(work, struct cgl_cmd, work));
}

/* May run in interrupt context. */
static void cgl_direct_done(struct kiocb *iocb, long ret)
{
	struct cgl_cmd *cmd = container_of(iocb, struct cgl_cmd, iocb);
	bool deferred = cgl_iocb_deferred(iocb);

	if (!deferred) {
		if (iocb->ki_flags & IOCB_WRITE)
			kiocb_end_write(iocb);
		cmd->ret = ret;
	}
	if (!refcount_dec_and_test(&cmd->refs))
		return;
	if (deferred) {
		INIT_WORK(&cmd->work, cgl_direct_work);
		queue_work(cgl_done_wq, &cmd->work);
	} else {
		cgl_direct_end(cmd);
	}
}

/*
 * Start direct I/O with @flags besides those that @cmd asks for. -EAGAIN, if
 * @flags has IOCB_NOWAIT: nothing was started, and @cmd is still the caller's.
 * Otherwise -EIOCBQUEUED, and @cmd may have ended.
 *
 * A reference is kept over the call: a completion on another CPU must not end
 * the command while the file system still looks at the iocb. And if I/O that
 * completes before the call is over leaves something to a task, here is one.
 */
ssize_t cgl_io_direct(struct cgl_cmd *cmd, int flags)
{
	struct iov_iter iter;
	ssize_t ret;

	refcount_set(&cmd->refs, 2);
	ret = cgl_transfer(cmd, &iter,
			   IOCB_DIRECT | CGL_IOCB_CALLER_COMP | flags,
			   cgl_direct_done);
	if (cgl_nowait_failed(cmd->iocb.ki_flags, ret))
		return -EAGAIN;
	if (ret != -EIOCBQUEUED) {
		cmd->ret = ret;
		cgl_direct_end(cmd);
	} else if (refcount_dec_and_test(&cmd->refs)) {
		if (cgl_iocb_deferred(&cmd->iocb))
			cgl_direct_deferred(cmd);
		else
			cgl_direct_end(cmd);
	}
	return -EIOCBQUEUED;
}

/*
 * Discard and zeroing. Unless the space has to stay allocated a hole does for
 * both: it reads as zeroes.
 */
static int cgl_punch(struct cgl_cmd *cmd)
{
	struct bio *bio = cmd->bio;
	int mode = FALLOC_FL_PUNCH_HOLE;

	if (bio_op(bio) == REQ_OP_WRITE_ZEROES && (bio->bi_opf & REQ_NOUNMAP))
		mode = FALLOC_FL_ZERO_RANGE;
	return vfs_fallocate(cmd->binding->file, mode | FALLOC_FL_KEEP_SIZE,
			     cgl_cmd_pos(cmd), cmd->total);
}

/* Discard and zeroing that the file cannot do leave the caller to write. */
static int cgl_punch_or_refuse(struct cgl_cmd *cmd)
{
	int err = cgl_punch(cmd);

	return err == -EINVAL ? -EOPNOTSUPP : err;
}

static int cgl_flush(struct cgl_cmd *cmd)
{
	struct cgl_binding *binding = cmd->binding;
	int done = atomic_read(&binding->flushed), number, err;

	if (cgl_flush_is_done(cmd->flushes, done)) {
		cgl_count(cmd->dev, shared);
		return 0;
	}
	number = atomic_inc_return(&binding->flushes);
	err = vfs_fsync(binding->file, 1);
	while (!err && number - done > 0 &&
	       !atomic_try_cmpxchg(&binding->flushed, &done, number))
		;
	return err;
}

/*
 * Run @cmd, or what is left of it. It may have ended, and be gone, when this
 * returns. A flush comes before the data of its bio, and may be all there is.
 * Direct I/O carries the bio's priority in the iocb; all else takes that of the
 * thread.
 */
void cgl_io_start(struct cgl_scope *scope, struct cgl_cmd *cmd)
{
	struct bio *bio = cmd->bio;
	bool data = cgl_is_rw(bio);
	bool flush = (bio->bi_opf & REQ_PREFLUSH) && !cmd->resume;
	bool direct = data && cmd->binding->direct && !cmd->buffered;
	int err = 0;

	if (flush || !direct)
		cgl_scope_ioprio(scope, bio->bi_ioprio);
	if (flush)
		err = cgl_flush(cmd);
	if (!err && !data)
		err = cgl_punch_or_refuse(cmd);
	if (err || !data || !cmd->total)
		cgl_cmd_end(cmd, err);
	else if (direct)
		cgl_io_direct(cmd, 0);
	else
		cgl_rw_buffered(cmd);
}
