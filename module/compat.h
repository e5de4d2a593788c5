/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that differs between the kernels this driver builds for.
 */
#ifndef CGLOOP_COMPAT_H
#define CGLOOP_COMPAT_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/memcontrol.h>
#include <linux/version.h>

#define CGL_LINUX(a, b) (LINUX_VERSION_CODE >= KERNEL_VERSION(a, b, 0))

#if !CGL_LINUX(6, 1)
#error "cgloop needs Linux 6.1 or newer"
#endif
#if !IS_ENABLED(CONFIG_MEMCG) || !IS_ENABLED(CONFIG_BLK_CGROUP)
#error "cgloop needs CONFIG_MEMCG and CONFIG_BLK_CGROUP"
#endif

/* What a request queue is told about a backing file. */
struct cgl_limits {
	unsigned int block_size;
	unsigned int discard_granularity;
	unsigned int discard_sectors; /* 0: neither discard nor zeroing */
	bool write_cache;
	bool rotational;
};

#if !CGL_LINUX(6, 5)

#define blk_mode_t fmode_t
#define BLK_OPEN_WRITE FMODE_WRITE
#define BLK_OPEN_EXCL FMODE_EXCL

#define CGL_OPEN_ARGS struct block_device *arg, fmode_t mode
#define CGL_RELEASE_ARGS struct gendisk *disk, fmode_t mode
#define cgl_open_disk(arg) ((arg)->bd_disk)

static inline int cgl_claim(struct block_device *bdev, void *holder)
{
	return bd_prepare_to_claim(bdev, holder);
}

#else

#define CGL_OPEN_ARGS struct gendisk *arg, blk_mode_t mode
#define CGL_RELEASE_ARGS struct gendisk *disk
#define cgl_open_disk(arg) (arg)

static inline int cgl_claim(struct block_device *bdev, void *holder)
{
	return bd_prepare_to_claim(bdev, holder, NULL);
}

#endif

#if !CGL_LINUX(6, 11)

static inline struct address_space *cgl_bdev_mapping(struct block_device *bdev)
{
	return bdev->bd_inode->i_mapping;
}

static inline struct gendisk *
cgl_alloc_disk(struct blk_mq_tag_set *set, void *data, unsigned int max_sectors)
{
	struct gendisk *disk = blk_mq_alloc_disk(set, data);

	if (!IS_ERR(disk)) {
		blk_queue_max_hw_sectors(disk->queue, max_sectors);
		blk_queue_max_segments(disk->queue, BIO_MAX_VECS);
	}
	return disk;
}

/* Returns 0. The queue must not be frozen by the caller. */
static inline int cgl_limits_apply(struct gendisk *disk,
				   const struct cgl_limits *l)
{
	struct request_queue *q = disk->queue;

	blk_mq_freeze_queue(q);
	blk_queue_logical_block_size(q, l->block_size);
	blk_queue_physical_block_size(q, l->block_size);
	blk_queue_io_min(q, l->block_size);
	q->limits.discard_granularity = l->discard_granularity;
	blk_queue_max_discard_sectors(q, l->discard_sectors);
	blk_queue_max_write_zeroes_sectors(q, l->discard_sectors);
	blk_queue_write_cache(q, l->write_cache, l->write_cache);
	if (l->rotational)
		blk_queue_flag_clear(QUEUE_FLAG_NONROT, q);
	else
		blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	blk_mq_unfreeze_queue(q);
	return 0;
}

#else

static inline struct address_space *cgl_bdev_mapping(struct block_device *bdev)
{
	return bdev->bd_mapping;
}

static inline struct gendisk *
cgl_alloc_disk(struct blk_mq_tag_set *set, void *data, unsigned int max_sectors)
{
	struct queue_limits lim = {
		.max_hw_sectors = max_sectors,
		.max_segments = BIO_MAX_VECS,
	};

	return blk_mq_alloc_disk(set, &lim, data);
}

/* Returns 0 or what the block layer says. The queue must not be frozen. */
static inline int cgl_limits_apply(struct gendisk *disk,
				   const struct cgl_limits *l)
{
	struct queue_limits lim = queue_limits_start_update(disk->queue);

	lim.logical_block_size = l->block_size;
	lim.physical_block_size = l->block_size;
	lim.io_min = l->block_size;
	lim.discard_granularity = l->discard_granularity;
	lim.max_hw_discard_sectors = l->discard_sectors;
	lim.max_write_zeroes_sectors = l->discard_sectors;
	lim.features &=
		~(BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA | BLK_FEAT_ROTATIONAL);
	if (l->write_cache)
		lim.features |= BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA;
	if (l->rotational)
		lim.features |= BLK_FEAT_ROTATIONAL;
	return queue_limits_commit_update_frozen(disk->queue, &lim);
}

#endif

/*
 * Write through @iocb. The file system's freeze protection is taken here; an
 * asynchronous completion has to drop it with kiocb_end_write().
 */
static inline ssize_t cgl_iocb_write(struct kiocb *iocb, struct iov_iter *iter)
{
#if !CGL_LINUX(6, 12)
	ssize_t ret;

	kiocb_start_write(iocb);
	ret = vfs_iocb_iter_write(iocb->ki_filp, iocb, iter);
	if (ret != -EIOCBQUEUED)
		kiocb_end_write(iocb);
	return ret;
#else
	return vfs_iocb_iter_write(iocb->ki_filp, iocb, iter);
#endif
}

#endif
