// SPDX-License-Identifier: GPL-2.0
/*
 * Bindings: made, published, and waited for when another one has taken their
 * place.
 */
#include <linux/file.h>
#include <linux/slab.h>

#include "cgloop.h"

/* The block device that a file's bytes end up on, or NULL. */
static struct block_device *cgl_file_bdev(struct file *file)
{
	struct inode *inode = file->f_mapping->host;

	if (S_ISBLK(inode->i_mode))
		return I_BDEV(inode);
	return inode->i_sb->s_bdev;
}

/*
 * Would @file, bound to @dev, lead back to @dev? Follows cgloop devices that
 * are backed by each other, or hold the file's file system. -EBADF for a loop,
 * -EINVAL for a device that has nothing behind it.
 */
static int cgl_check_chain(struct cgl_device *dev, struct file *file)
{
	struct block_device *bdev;

	lockdep_assert_held(&cgl_chain_lock);
	while ((bdev = cgl_file_bdev(file)) &&
	       bdev->bd_disk->fops == &cgl_fops) {
		struct cgl_device *lower = bdev->bd_disk->private_data;
		struct cgl_binding *binding;

		if (lower == dev)
			return -EBADF;
		binding = rcu_dereference_protected(lower->binding,
						    lockdep_is_held(
							    &cgl_chain_lock));
		if (!binding || READ_ONCE(lower->state) != CGL_BOUND)
			return -EINVAL;
		file = binding->file;
	}
	return 0;
}

/*
 * Sectors of the device: what the file holds after @offset bytes, at most
 * @sizelimit bytes of it (0: no limit). So offset plus size never exceeds the
 * file's size, and no position that is derived from it can overflow.
 */
sector_t cgl_capacity(struct file *file, loff_t offset, loff_t sizelimit)
{
	loff_t size = i_size_read(file->f_mapping->host);

	if (offset >= size)
		return 0;
	size -= offset;
	if (sizelimit && sizelimit < size)
		size = sizelimit;
	return size >> SECTOR_SHIFT;
}

unsigned int cgl_backing_bsize(struct file *file)
{
	struct block_device *bdev = cgl_file_bdev(file);

	return bdev ? bdev_logical_block_size(bdev) : SECTOR_SIZE;
}

/* Is every block of the device whole blocks of the backing device? */
bool cgl_can_direct(const struct cgl_binding *binding)
{
	unsigned int backing = cgl_backing_bsize(binding->file);

	return (binding->file->f_mode & FMODE_CAN_ODIRECT) &&
	       binding->block_size >= backing &&
	       !(binding->offset & (backing - 1));
}

/* Direct I/O or not, as far as the file can, and with it the way bios take. */
void cgl_set_direct(struct cgl_binding *binding, bool direct)
{
	binding->direct = direct && cgl_can_direct(binding);
	binding->fast = cgl_fast_path(binding);
}

/*
 * Freeze the queue of @dev and tell it about @binding (NULL: unbound). That
 * waits for bios that are being submitted, not for those that are under way. If
 * it fails the queue is not frozen; else the caller unfreezes it with @frozen.
 */
int cgl_limit(struct cgl_device *dev, const struct cgl_binding *binding,
	      unsigned int *frozen)
{
	struct cgl_limits lim = {
		.block_size = binding ? binding->block_size : SECTOR_SIZE,
		.dma_alignment = SECTOR_SIZE - 1,
	};
	struct block_device *bdev;
	struct inode *inode;
	struct file *file;

	if (!binding)
		return cgl_freeze_and_limit(dev->disk, &lim, frozen);

	file = binding->file;
	inode = file->f_mapping->host;
	bdev = cgl_file_bdev(file);
	lim.write_cache = file->f_op->fsync && !binding->read_only;
	lim.rotational = bdev && cgl_bdev_rotational(bdev);
	if (S_ISBLK(inode->i_mode))
		lim.dma_alignment |= bdev_dma_alignment(bdev);
	if (binding->read_only)
		return cgl_freeze_and_limit(dev->disk, &lim, frozen);

	if (S_ISBLK(inode->i_mode)) {
		lim.discard_sectors = bdev_write_zeroes_sectors(bdev);
		lim.discard_granularity =
			bdev_discard_granularity(bdev) ?:
				bdev_physical_block_size(bdev);
	} else if (file->f_op->fallocate) {
		lim.discard_sectors = UINT_MAX >> SECTOR_SHIFT;
		lim.discard_granularity = i_blocksize(inode);
	}
	lim.discard_granularity = max(lim.discard_granularity, lim.block_size);
	if (!lim.discard_sectors)
		lim.discard_granularity = 0;
	return cgl_freeze_and_limit(dev->disk, &lim, frozen);
}

static void cgl_binding_release(struct percpu_ref *refs)
{
	struct cgl_binding *binding =
		container_of(refs, struct cgl_binding, refs);

	complete(&binding->drained);
}

/* A binding like @like, with a reference of its own on the file; or NULL. */
struct cgl_binding *cgl_binding_alloc(const struct cgl_binding *like)
{
	struct cgl_binding *binding = kzalloc(sizeof(*binding), GFP_KERNEL);

	if (!binding)
		return NULL;
	if (percpu_ref_init(&binding->refs, cgl_binding_release, 0,
			    GFP_KERNEL)) {
		kfree(binding);
		return NULL;
	}
	binding->dev = like->dev;
	binding->file = get_file(like->file);
	binding->offset = like->offset;
	binding->sizelimit = like->sizelimit;
	binding->capacity = like->capacity;
	binding->block_size = like->block_size;
	binding->direct = like->direct;
	binding->read_only = like->read_only;
	binding->fast = like->fast;
	binding->workers_mode = like->workers_mode;
	binding->charge_mode = like->charge_mode;
	init_completion(&binding->drained);
	return binding;
}

/*
 * Of one that was never published, or has drained. In a task the file is closed
 * when that returns to user space.
 */
void cgl_binding_free(struct cgl_binding *binding)
{
	fput(binding->file);
	percpu_ref_exit(&binding->refs);
	kfree_rcu(binding, rcu);
}

/* With @dev->change or @dev->lock held. */
struct cgl_binding *cgl_binding_of(struct cgl_device *dev)
{
	return rcu_dereference_protected(dev->binding,
					 lockdep_is_held(&dev->lock) ||
						 lockdep_is_held(&dev->change));
}

/*
 * Make @binding (NULL: none) the one that bios get from now on. The old one
 * goes to @dev->replaced: see cgl_binding_reap().
 */
static void cgl_binding_switch(struct cgl_device *dev,
			       struct cgl_binding *binding)
{
	struct cgl_binding *old;

	lockdep_assert_held(&dev->change);
	lockdep_assert_held(&cgl_chain_lock);
	mutex_lock(&dev->lock);
	old = rcu_replace_pointer(dev->binding, binding, true);
	mutex_unlock(&dev->lock);
	if (!old)
		return;
	list_add_tail(&old->node, &dev->replaced);
	percpu_ref_kill(&old->refs);
}

/* For one that leads to the same file as the old one, or for none. */
void cgl_binding_publish(struct cgl_device *dev, struct cgl_binding *binding)
{
	mutex_lock(&cgl_chain_lock);
	cgl_binding_switch(dev, binding);
	mutex_unlock(&cgl_chain_lock);
}

/* -EBADF or -EINVAL where @binding's file must not be bound to @dev. */
int cgl_binding_publish_file(struct cgl_device *dev,
			     struct cgl_binding *binding)
{
	int err;

	mutex_lock(&cgl_chain_lock);
	err = cgl_check_chain(dev, binding->file);
	if (!err)
		cgl_binding_switch(dev, binding);
	mutex_unlock(&cgl_chain_lock);
	return err;
}

/*
 * Free the replaced bindings whose bios have ended; with @wait, wait for the
 * others.
 */
void cgl_binding_reap(struct cgl_device *dev, bool wait)
{
	struct cgl_binding *binding, *next;

	lockdep_assert_held(&dev->change);
	list_for_each_entry_safe(binding, next, &dev->replaced, node) {
		if (wait)
			wait_for_completion(&binding->drained);
		else if (!completion_done(&binding->drained))
			continue;
		list_del(&binding->node);
		cgl_binding_free(binding);
	}
}

/*
 * Put @binding in the place of one of the same file, and wait for the bios of
 * that one; new ones run meanwhile. Consumes @binding; -ENOMEM changes nothing.
 *
 * A clone goes past the cache of the backing block device. So between clones
 * and buffered I/O comes a time in which all I/O is direct and through the
 * file, which keeps the cache right.
 */
int cgl_binding_replace(struct cgl_device *dev, struct cgl_binding *binding)
{
	const struct cgl_binding *old = cgl_binding_of(dev);
	struct cgl_binding *between;

	if (old->direct != binding->direct &&
	    (old->fast == CGL_FAST_REMAP || binding->fast == CGL_FAST_REMAP)) {
		between = cgl_binding_alloc(old->direct ? old : binding);
		if (!between) {
			cgl_binding_free(binding);
			return -ENOMEM;
		}
		between->fast = CGL_FAST_NONE;
		cgl_binding_publish(dev, between);
		cgl_binding_reap(dev, true);
	}
	cgl_binding_publish(dev, binding);
	cgl_binding_reap(dev, true);
	return 0;
}
