// SPDX-License-Identifier: GPL-2.0
/*
 * A request becomes I/O on the backing file. Runs in a kernel thread that
 * wears the request's charge.
 */
#include <linux/bvec.h>
#include <linux/falloc.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "cgloop.h"

/*
 * Give the request back. Everything that hangs on the command goes before:
 * afterwards it may already be another request's. May run in interrupt context.
 */
static void cgl_cmd_end(struct cgl_cmd *cmd, int err)
{
	struct request *rq = cgl_cmd_rq(cmd);
	struct cgl_device *dev = cgl_cmd_dev(cmd);

	if (cmd->bvec_owned)
		kfree(cmd->bvec);
	cgl_charge_put(&cmd->charge);
	cgl_count(dev, completed);
	if (err)
		cgl_count(dev, errors);
	blk_mq_end_request(rq, errno_to_blk_status(err));
}

static loff_t cgl_cmd_pos(struct cgl_cmd *cmd)
{
	return ((loff_t)blk_rq_pos(cgl_cmd_rq(cmd)) << SECTOR_SHIFT) +
	       cgl_cmd_dev(cmd)->offset;
}

/* One bio's vectors are used in place, those of several are gathered. */
static int cgl_cmd_map(struct cgl_cmd *cmd)
{
	struct request *rq = cgl_cmd_rq(cmd);
	struct bio *bio = rq->bio;
	struct req_iterator iter;
	struct bio_vec bv;
	unsigned int n = 0;

	cmd->total = blk_rq_bytes(rq);
	cmd->skip = 0;
	rq_for_each_bvec(bv, rq, iter)
		n++;
	cmd->nr_bvec = n;
	if (bio == rq->biotail) {
		cmd->bvec = bio->bi_io_vec + bio->bi_iter.bi_idx;
		cmd->skip = bio->bi_iter.bi_bvec_done;
		return 0;
	}

	cmd->bvec = kmalloc_array(n, sizeof(bv), GFP_NOIO);
	if (!cmd->bvec)
		return -ENOMEM;
	cmd->bvec_owned = true;
	n = 0;
	rq_for_each_bvec(bv, rq, iter)
		cmd->bvec[n++] = bv;
	return 0;
}

/* What is left to do, as an iterator. */
static void cgl_cmd_iter(struct cgl_cmd *cmd, struct iov_iter *iter)
{
	iov_iter_bvec(iter, rq_data_dir(cgl_cmd_rq(cmd)), cmd->bvec,
		      cmd->nr_bvec, cmd->skip + cmd->total);
	iov_iter_advance(iter, cmd->skip + cmd->done);
}

/*
 * The file's own O_APPEND, O_DIRECT and the like must not leak in: the flags
 * are the request's.
 */
static void cgl_cmd_iocb(struct cgl_cmd *cmd, int flags)
{
	struct request *rq = cgl_cmd_rq(cmd);

	memset(&cmd->iocb, 0, sizeof(cmd->iocb));
	cmd->iocb.ki_filp = cgl_cmd_dev(cmd)->file;
	cmd->iocb.ki_pos = cgl_cmd_pos(cmd) + cmd->done;
	cmd->iocb.ki_ioprio = req_get_ioprio(rq);
	cmd->iocb.ki_flags = flags;
	if (op_is_write(req_op(rq))) {
		cmd->iocb.ki_flags |= IOCB_WRITE;
		if (rq->cmd_flags & REQ_FUA)
			cmd->iocb.ki_flags |= IOCB_DSYNC;
	}
}

static ssize_t cgl_cmd_transfer(struct cgl_cmd *cmd, struct iov_iter *iter)
{
	if (cmd->iocb.ki_flags & IOCB_WRITE)
		return cgl_iocb_write(&cmd->iocb, iter);
	return vfs_iocb_iter_read(cmd->iocb.ki_filp, &cmd->iocb, iter);
}

/*
 * Through the page cache, to the end. A read behind the end of the file gives
 * zeroes. A write that gets nowhere is an error, as is an error after some
 * progress: either way the request as a whole has failed.
 */
static void cgl_rw_buffered(struct cgl_cmd *cmd)
{
	bool write = op_is_write(req_op(cgl_cmd_rq(cmd)));
	struct iov_iter iter;
	ssize_t ret = 0;

	while (cmd->done < cmd->total) {
		cgl_cmd_iocb(cmd, 0);
		cgl_cmd_iter(cmd, &iter);
		ret = cgl_cmd_transfer(cmd, &iter);
		if (ret <= 0)
			break;
		cmd->done += ret;
	}
	if (!ret && cmd->done < cmd->total) {
		if (write)
			ret = -EIO;
		else if (iov_iter_zero(iov_iter_count(&iter), &iter) !=
			 cmd->total - cmd->done)
			ret = -EIO;
	}
	cgl_cmd_end(cmd, ret < 0 ? ret : 0);
}

/* The rest of a request that direct I/O did in part or could not do. */
void cgl_io_resume(struct cgl_cmd *cmd)
{
	cgl_rw_buffered(cmd);
}

/*
 * Both the submitter and the completion are through with a direct request.
 * Short ones, and those whose buffers or end of file do not fit the backing
 * device's alignment, are finished through the page cache in a thread.
 */
static void cgl_direct_put(struct cgl_cmd *cmd)
{
	struct cgl_device *dev = cgl_cmd_dev(cmd);

	if (!refcount_dec_and_test(&cmd->refs))
		return;
	if (cmd->ret == cmd->total) {
		cgl_cmd_end(cmd, 0);
	} else if (cmd->ret < 0 && cmd->ret != -EINVAL &&
		   cmd->ret != -ENOTBLK) {
		cgl_cmd_end(cmd, cmd->ret);
	} else {
		cmd->done = max(cmd->ret, 0L);
		cmd->resume = true;
		cgl_count(dev, resumed);
		queue_work(dev->wq, &cmd->work);
	}
}

static void cgl_direct_done(struct kiocb *iocb, long ret)
{
	struct cgl_cmd *cmd = container_of(iocb, struct cgl_cmd, iocb);

	if (iocb->ki_flags & IOCB_WRITE)
		kiocb_end_write(iocb);
	cmd->ret = ret;
	cgl_direct_put(cmd);
}

/*
 * The submitter keeps a reference over the call: a completion on another CPU
 * must not end the request while the file system still looks at the iocb.
 */
static void cgl_rw_direct(struct cgl_cmd *cmd)
{
	struct iov_iter iter;
	ssize_t ret;

	refcount_set(&cmd->refs, 2);
	cgl_cmd_iocb(cmd, IOCB_DIRECT);
	cmd->iocb.ki_complete = cgl_direct_done;
	cgl_cmd_iter(cmd, &iter);
	ret = cgl_cmd_transfer(cmd, &iter);
	if (ret != -EIOCBQUEUED) {
		cmd->ret = ret;
		cgl_direct_put(cmd);
	}
	cgl_direct_put(cmd);
}

static void cgl_rw(struct cgl_cmd *cmd)
{
	int err = cgl_cmd_map(cmd);

	if (err)
		cgl_cmd_end(cmd, err);
	else if (cgl_cmd_dev(cmd)->direct)
		cgl_rw_direct(cmd);
	else
		cgl_rw_buffered(cmd);
}

/*
 * Discard and zeroing. Unless the space has to stay allocated a hole does for
 * both: it reads as zeroes.
 */
static int cgl_punch(struct cgl_cmd *cmd)
{
	struct request *rq = cgl_cmd_rq(cmd);
	int mode = FALLOC_FL_PUNCH_HOLE;

	if (req_op(rq) == REQ_OP_WRITE_ZEROES && (rq->cmd_flags & REQ_NOUNMAP))
		mode = FALLOC_FL_ZERO_RANGE;
	return vfs_fallocate(cgl_cmd_dev(cmd)->file, mode | FALLOC_FL_KEEP_SIZE,
			     cgl_cmd_pos(cmd), blk_rq_bytes(rq));
}

/* Run @cmd. It may have ended, and be gone, when this returns. */
void cgl_io_start(struct cgl_cmd *cmd)
{
	struct file *file = cgl_cmd_dev(cmd)->file;

	switch (req_op(cgl_cmd_rq(cmd))) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		cgl_rw(cmd);
		break;
	case REQ_OP_FLUSH:
		cgl_cmd_end(cmd, vfs_fsync(file, 0));
		break;
	default:
		cgl_cmd_end(cmd, cgl_punch(cmd));
		break;
	}
}
