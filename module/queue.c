// SPDX-License-Identifier: GPL-2.0
/*
 * Where the block layer hands a request over.
 */
#include "cgloop.h"

static bool cgl_op_is_known(struct request *rq)
{
	switch (req_op(rq)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
	case REQ_OP_FLUSH:
	case REQ_OP_DISCARD:
	case REQ_OP_WRITE_ZEROES:
		return true;
	default:
		return false;
	}
}

/*
 * The capacity is checked again: a request may have been waiting while the
 * device shrank, and what lies behind a size limit is none of its business.
 */
static blk_status_t cgl_check_rq(struct cgl_device *dev, struct request *rq)
{
	if (!dev->file)
		return BLK_STS_IOERR;
	if (!cgl_op_is_known(rq))
		return BLK_STS_NOTSUPP;
	if (req_op(rq) == REQ_OP_FLUSH)
		return BLK_STS_OK;
	if (op_is_write(req_op(rq)) && dev->read_only)
		return BLK_STS_IOERR;
	if (blk_rq_pos(rq) + blk_rq_sectors(rq) > get_capacity(dev->disk))
		return BLK_STS_IOERR;
	return BLK_STS_OK;
}

static blk_status_t cgl_queue_rq(struct blk_mq_hw_ctx *hctx,
				 const struct blk_mq_queue_data *bd)
{
	struct cgl_device *dev = hctx->queue->queuedata;
	struct request *rq = bd->rq;
	struct cgl_cmd *cmd = blk_mq_rq_to_pdu(rq);
	blk_status_t status;

	blk_mq_start_request(rq);
	status = cgl_check_rq(dev, rq);
	if (status != BLK_STS_OK)
		return status;

	cmd->bvec = NULL;
	cmd->bvec_owned = false;
	cmd->resume = false;
	cmd->done = 0;
	if (cgl_charge_get(&cmd->charge, rq, dev->charge_mode))
		cgl_count(dev, inferred);
	cgl_count(dev, submitted);
	cgl_submit(dev, cmd);
	return BLK_STS_OK;
}

/*
 * The work item is set up once a tag, not once a request: a reused tag's work
 * may still be in its last instructions, and then simply runs again after them.
 */
static int cgl_init_request(struct blk_mq_tag_set *set, struct request *rq,
			    unsigned int hctx_idx, unsigned int numa_node)
{
	struct cgl_cmd *cmd = blk_mq_rq_to_pdu(rq);

	INIT_WORK(&cmd->work, cgl_cmd_work);
	return 0;
}

const struct blk_mq_ops cgl_mq_ops = {
	.queue_rq = cgl_queue_rq,
	.init_request = cgl_init_request,
};
