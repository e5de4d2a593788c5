/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The longer way of a bio, through a request queue, a kernel thread and the
 * file's own calls, checks things that a shorter way does not. Each of these
 * checks is a function here, with its reason.
 */
#ifndef CGLOOP_GUARD_H
#define CGLOOP_GUARD_H

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/shmem_fs.h>
#include <linux/writeback.h>

/*
 * Are @bytes at @sector whole logical blocks? blk-mq refuses anything else. A
 * page cache that was in use when the block size grew still asks for less, and
 * so does whoever does not look.
 */
static inline bool cgl_is_whole_blocks(sector_t sector, unsigned int bytes,
				       unsigned int block_size)
{
	return !(((sector << SECTOR_SHIFT) | bytes) & (block_size - 1));
}

/*
 * Is @bio for a page in a cache, being read into or written back? Then it has
 * been charged to the one the I/O is for, and the task at hand is a flusher or
 * whoever happened to reclaim.
 *
 * The buffer of direct I/O may be a page of a cache as well: of a mapped file,
 * or in the swap cache. Nobody writes such a page back by a direct write, which
 * the block layer tells by REQ_SYNC and REQ_IDLE together; and only a cache
 * reads into a locked page that is not up to date.
 */
static inline bool cgl_bio_is_cache(struct bio *bio)
{
	const blk_opf_t direct = REQ_SYNC | REQ_IDLE;
	struct folio *folio = page_folio(bio_page(bio));

	if (folio_test_slab(folio) || !folio->mapping)
		return false;
	if (op_is_write(bio_op(bio)))
		return folio_test_writeback(folio) &&
		       (bio->bi_opf & direct) != direct;
	return folio_test_locked(folio) && !folio_test_uptodate(folio);
}

/*
 * Does the issuer of @bio pay for the memory it takes below? Not for swapping
 * out: the group pays with its swap, and it swaps because it has no memory left
 * to pay with.
 */
static inline bool cgl_pays_memory(struct bio *bio)
{
	return !(bio->bi_opf & REQ_SWAP);
}

/*
 * Would a file system hold something against the current task that a block
 * device never does? A worker is nobody in particular. File size limits, which
 * compare the position in the backing file and send SIGXFSZ. A fatal signal,
 * for which a file system may stop half way.
 *
 * Not here, since an attempt with NOWAIT leaves it to the worker: quotas,
 * reserved blocks and the capability to exceed them (nothing is allocated), and
 * removing set-user-ID bits.
 */
static inline bool cgl_task_is_limited(bool writes)
{
	if (writes && rlimit(RLIMIT_FSIZE) != RLIM_INFINITY)
		return true;
	return fatal_signal_pending(current);
}

/* Bytes of the current thread's stack that are in use. */
static inline unsigned int cgl_stack_used(void)
{
	return (unsigned long)task_stack_page(current) + THREAD_SIZE -
	       (unsigned long)__builtin_frame_address(0);
}

/*
 * May a file system be entered from here?
 *
 * - Kernel threads, and memory allocation scopes: reclaim, writeback and
 *   transactions, which the file system below must not be entered from.
 * - An open journal handle: the file system below would take it for its own.
 * - Bios waiting on the submitter's list start only after we return, so
 *   waiting for anything here could be waiting for them.
 * - The stack: loop devices on file systems on loop devices overflowed it when
 *   the in-tree driver tried this without looking. Three quarters have to be
 *   left.
 */
static inline bool cgl_context_is_safe(void)
{
	struct bio_list *list = current->bio_list;

	if (!current->mm || current->journal_info ||
	    (current->flags &
	     (PF_KTHREAD | PF_MEMALLOC | PF_MEMALLOC_NOIO | PF_MEMALLOC_NOFS)))
		return false;
	if (list && !(bio_list_empty(&list[0]) && bio_list_empty(&list[1])))
		return false;
	return cgl_stack_used() <= THREAD_SIZE / 4;
}

/*
 * May @bio go to @bdev past the file that is open on it, in @mapping?
 *
 * - Writes to a disk that has become read-only and to active swap space are
 *   refused by the file; the block layer lets them pass.
 * - A disk that knows no NOWAIT refuses such bios; the file waits.
 */
static inline bool cgl_bdev_takes(struct block_device *bdev,
				  struct address_space *mapping,
				  struct bio *bio)
{
	if (op_is_write(bio_op(bio)) &&
	    (bdev_read_only(bdev) || IS_SWAPFILE(mapping->host)))
		return false;
	return !(bio->bi_opf & REQ_NOWAIT) || bdev_nowait(bdev);
}

/* The same for writes into the page cache of @file. */
static inline bool cgl_file_takes(struct file *file, struct bio *bio)
{
	struct inode *inode = file->f_mapping->host;

	return S_ISBLK(inode->i_mode) ?
		       cgl_bdev_takes(I_BDEV(inode), file->f_mapping, bio) :
		       !IS_SWAPFILE(inode);
}

/*
 * Is a page of @mapping that is up to date what a read of the file gives? Not
 * where another machine may have changed the file meanwhile, or a daemon. A
 * read by such a page takes no lock and allocates nothing, so any context will
 * do. File systems that honour NOWAIT answer reads by that page themselves.
 */
static inline bool cgl_cache_is_truth(struct file *file)
{
	struct inode *inode = file->f_mapping->host;

	return S_ISBLK(inode->i_mode) || shmem_mapping(file->f_mapping) ||
	       ((file->f_mode & FMODE_NOWAIT) && inode->i_sb->s_bdev);
}

/*
 * May a page of @file that is in the cache be overwritten as by a store through
 * a shared mapping, past the file's write_iter? A block device and tmpfs need
 * nothing but the page's lock for that: they allocate nothing for a page that
 * is there, and have no journal. Files of a kernel's own mount may be sealed
 * (memfd), which write_iter sees under the inode's lock.
 */
static inline bool cgl_cache_is_writable(struct file *file)
{
	struct inode *inode = file->f_mapping->host;

	return S_ISBLK(inode->i_mode) ||
	       (shmem_mapping(file->f_mapping) &&
		!(inode->i_sb->s_flags & SB_KERNMOUNT));
}

/*
 * Has write_iter something to do or to say before @file is overwritten? It sees
 * to time stamps and privileges, and the page cache to how much may be dirty:
 * if any of these is due the write goes the longer way.
 */
static inline bool cgl_overwrite_is_due(struct file *file)
{
	struct kiocb iocb = {
		.ki_filp = file,
		.ki_flags = IOCB_WRITE | IOCB_NOWAIT,
	};
	unsigned int noio = memalloc_noio_save();
	bool due = kiocb_modified(&iocb) ||
		   balance_dirty_pages_ratelimited_flags(file->f_mapping,
							 BDP_ASYNC);

	memalloc_noio_restore(noio);
	return due;
}

/*
 * Was NOWAIT the reason that I/O ended with @ret? A file system may say
 * EOPNOTSUPP although it has promised to honour it (ext4 with its data in the
 * journal), and so may a disk below it.
 */
static inline bool cgl_nowait_failed(int iocb_flags, long ret)
{
	return (iocb_flags & IOCB_NOWAIT) &&
	       (ret == -EAGAIN || ret == -EOPNOTSUPP);
}

/*
 * Has a flush done what another one is asked for? It has if it began after that
 * one was submitted. Flushes are numbered as they begin; @begun is the last
 * number at the submission, and @done that of a flush which went well. A
 * request queue does no more of them either.
 */
static inline bool cgl_flush_is_done(int begun, int done)
{
	return done - begun > 0;
}

/*
 * Is it an error that @left bytes of a read are behind the end of the file,
 * which was truncated? Not if the file ends within the last block of the read.
 */
static inline bool cgl_is_behind_end(unsigned int left, unsigned int block_size)
{
	return left >= block_size;
}

/*
 * Does the current task free memory for others, who may wait for that? Kernel
 * threads and tasks that reclaim may use a device's reserve of commands. Others
 * wait for memory, as they would without us, so that one who has thousands of
 * bios held does not take the reserve away.
 */
static inline bool cgl_task_frees_memory(void)
{
	return current->flags & (PF_MEMALLOC | PF_KTHREAD);
}

/*
 * How memory for a command is asked for, charged to the submitter. No OOM
 * killer is called for it: charging ends with the first failure
 * (__GFP_NORETRY), and the page allocator calls none without __GFP_FS.
 */
static inline gfp_t cgl_gfp_charged(bool nowait)
{
	return (nowait ? GFP_NOWAIT : GFP_NOIO) | __GFP_ACCOUNT | __GFP_NOWARN |
	       __GFP_NORETRY;
}

#endif
