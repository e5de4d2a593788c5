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
#include <linux/sched/mm.h>
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
	unsigned int dma_alignment; /* a mask */
	unsigned int discard_granularity;
	unsigned int discard_sectors; /* 0: neither discard nor zeroing */
	bool write_cache;
	bool rotational;
};

/* Later kernels want to be told what is the default. */
#if CGL_LINUX(6, 18)
#define CGL_WQ_PERCPU WQ_PERCPU
#else
#define CGL_WQ_PERCPU 0
#endif

/*
 * Does splitting a bio see to more than its size? Later kernels check there how
 * the buffer is aligned in memory.
 */
#define CGL_SPLIT_CHECKS CGL_LINUX(6, 18)

/*
 * Freeze a queue: waits for its bios, and the caller allocates without I/O
 * until it unfreezes the queue with what this returned.
 */
#if !CGL_LINUX(6, 14)

static inline unsigned int cgl_freeze(struct gendisk *disk)
{
	blk_mq_freeze_queue(disk->queue);
	return memalloc_noio_save();
}

static inline void cgl_unfreeze(struct gendisk *disk, unsigned int frozen)
{
	memalloc_noio_restore(frozen);
	blk_mq_unfreeze_queue(disk->queue);
}

#else

static inline unsigned int cgl_freeze(struct gendisk *disk)
{
	return blk_mq_freeze_queue(disk->queue);
}

static inline void cgl_unfreeze(struct gendisk *disk, unsigned int frozen)
{
	blk_mq_unfreeze_queue(disk->queue, frozen);
}

#endif

/* Another medium: a new sequence number, an event, and an empty cache. */
#if !CGL_LINUX(6, 6)

static inline void cgl_media_change(struct gendisk *disk)
{
	disk_force_media_change(disk, DISK_EVENT_MEDIA_CHANGE);
}

#else

static inline void cgl_media_change(struct gendisk *disk)
{
	disk_force_media_change(disk);
}

#endif

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

static inline bool cgl_bdev_rotational(struct block_device *bdev)
{
	return !bdev_nonrot(bdev);
}

static inline struct gendisk *cgl_alloc_disk(unsigned int max_sectors)
{
	struct gendisk *disk = blk_alloc_disk(NUMA_NO_NODE);

	if (!disk)
		return ERR_PTR(-ENOMEM);
	blk_queue_max_hw_sectors(disk->queue, max_sectors);
	blk_queue_max_segments(disk->queue, BIO_MAX_VECS);
	blk_queue_max_segment_size(disk->queue, UINT_MAX);
	blk_queue_flag_set(QUEUE_FLAG_NOWAIT, disk->queue);
	return disk;
}

/*
 * Freeze the queue and set its limits. Returns 0, and the caller unfreezes it
 * with @frozen; or, with the queue as it was, what the block layer says.
 */
static inline int cgl_freeze_and_limit(struct gendisk *disk,
				       const struct cgl_limits *l,
				       unsigned int *frozen)
{
	struct request_queue *q = disk->queue;

	*frozen = cgl_freeze(disk);
	blk_queue_logical_block_size(q, l->block_size);
	blk_queue_physical_block_size(q, l->block_size);
	blk_queue_io_min(q, l->block_size);
	blk_queue_dma_alignment(q, l->dma_alignment);
	q->limits.discard_granularity = l->discard_granularity;
	blk_queue_max_discard_sectors(q, l->discard_sectors);
	blk_queue_max_write_zeroes_sectors(q, l->discard_sectors);
	blk_queue_write_cache(q, l->write_cache, l->write_cache);
	if (l->rotational)
		blk_queue_flag_clear(QUEUE_FLAG_NONROT, q);
	else
		blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	return 0;
}

#else

static inline struct address_space *cgl_bdev_mapping(struct block_device *bdev)
{
	return bdev->bd_mapping;
}

static inline bool cgl_bdev_rotational(struct block_device *bdev)
{
	return bdev_get_queue(bdev)->limits.features & BLK_FEAT_ROTATIONAL;
}

static inline struct gendisk *cgl_alloc_disk(unsigned int max_sectors)
{
	struct queue_limits lim = {
		.max_hw_sectors = max_sectors,
		.max_segments = BIO_MAX_VECS,
		.max_segment_size = UINT_MAX,
		.features = BLK_FEAT_NOWAIT | BLK_FEAT_IO_STAT,
	};

	return blk_alloc_disk(&lim, NUMA_NO_NODE);
}

/*
 * Freeze the queue and set its limits. Returns 0, and the caller unfreezes it
 * with @frozen; or, with the queue as it was, what the block layer says.
 */
static inline int cgl_freeze_and_limit(struct gendisk *disk,
				       const struct cgl_limits *l,
				       unsigned int *frozen)
{
	struct queue_limits lim = queue_limits_start_update(disk->queue);
	int err;

	lim.logical_block_size = l->block_size;
	lim.physical_block_size = l->block_size;
	lim.io_min = l->block_size;
	lim.dma_alignment = l->dma_alignment;
	lim.discard_granularity = l->discard_granularity;
	lim.max_hw_discard_sectors = l->discard_sectors;
	lim.max_write_zeroes_sectors = l->discard_sectors;
	lim.features &=
		~(BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA | BLK_FEAT_ROTATIONAL);
	if (l->write_cache)
		lim.features |= BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA;
	if (l->rotational)
		lim.features |= BLK_FEAT_ROTATIONAL;
	*frozen = cgl_freeze(disk);
	err = queue_limits_commit_update(disk->queue, &lim);
	if (err)
		cgl_unfreeze(disk, *frozen);
	return err;
}

#endif

/*
 * From 6.6 a direct write can leave the end of its completion to whoever
 * started it, if that one has a task to do it in.
 */
#ifdef IOCB_DIO_CALLER_COMP

#define CGL_IOCB_CALLER_COMP IOCB_DIO_CALLER_COMP

static inline bool cgl_iocb_deferred(struct kiocb *iocb)
{
	return (iocb->ki_flags & IOCB_WRITE) && iocb->dio_complete;
}

static inline ssize_t cgl_iocb_complete(struct kiocb *iocb)
{
	return iocb->dio_complete(iocb->private);
}

#else

#define CGL_IOCB_CALLER_COMP 0

static inline bool cgl_iocb_deferred(struct kiocb *iocb)
{
	return false;
}

static inline ssize_t cgl_iocb_complete(struct kiocb *iocb)
{
	return -EIO;
}

#endif

#endif
