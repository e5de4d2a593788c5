// SPDX-License-Identifier: GPL-2.0
/*
 * A device gets a backing file, another one, or none.
 */
#include <linux/file.h>
#include <linux/log2.h>

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

		if (lower == dev)
			return -EBADF;
		file = lower->file;
		if (!file)
			return -EINVAL;
	}
	return 0;
}

static int cgl_check_file(struct file *file)
{
	umode_t mode = file->f_mapping->host->i_mode;

	if (!S_ISREG(mode) && !S_ISBLK(mode))
		return -EINVAL;
	if (!file->f_op->read_iter)
		return -EINVAL;
	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
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

static unsigned int cgl_backing_bsize(struct file *file)
{
	struct block_device *bdev = cgl_file_bdev(file);

	return bdev ? bdev_logical_block_size(bdev) : SECTOR_SIZE;
}

/* Is every block of the device whole blocks of the backing device? */
bool cgl_can_direct(struct file *file, loff_t offset, unsigned int bsize)
{
	unsigned int backing = cgl_backing_bsize(file);

	return (file->f_mode & FMODE_CAN_ODIRECT) && bsize >= backing &&
	       !(offset & (backing - 1));
}

/*
 * Freeze the queue of @dev and tell it about @file (NULL: unbound) with blocks
 * of @bsize bytes. If that fails the queue is not frozen; else the caller
 * unfreezes it with @frozen.
 */
static int cgl_freeze_for(struct cgl_device *dev, struct file *file,
			  unsigned int bsize, unsigned int *frozen)
{
	struct cgl_limits lim = {
		.block_size = bsize,
		.dma_alignment = SECTOR_SIZE - 1,
	};
	struct block_device *bdev;
	struct inode *inode;

	if (!file)
		return cgl_freeze_and_limit(dev->disk, &lim, frozen);

	inode = file->f_mapping->host;
	bdev = cgl_file_bdev(file);
	lim.write_cache = file->f_op->fsync && !dev->read_only;
	lim.rotational = bdev && cgl_bdev_rotational(bdev);
	if (S_ISBLK(inode->i_mode))
		lim.dma_alignment |= bdev_dma_alignment(bdev);
	if (dev->read_only)
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
	lim.discard_granularity = max(lim.discard_granularity, bsize);
	if (!lim.discard_sectors)
		lim.discard_granularity = 0;
	return cgl_freeze_and_limit(dev->disk, &lim, frozen);
}

/*
 * With the queue frozen and @dev bound: direct I/O or not, as far as the file
 * can, and with it the way that bios take.
 */
void cgl_take_direct(struct cgl_device *dev, bool direct)
{
	dev->direct = direct &&
		      cgl_can_direct(dev->file, dev->offset, dev->block_size);
	dev->fast = cgl_fast_path(dev, dev->file);
}

/*
 * LOOP_SET_BLOCK_SIZE's part that has to be done with the queue frozen. Blocks
 * too small for direct I/O must find it off already.
 */
int cgl_take_block_size(struct cgl_device *dev, unsigned int bsize)
{
	unsigned int frozen;
	int err = cgl_freeze_for(dev, dev->file, bsize, &frozen);

	if (err)
		return err;
	dev->block_size = bsize;
	cgl_take_direct(dev, dev->direct);
	cgl_unfreeze(dev->disk, frozen);
	return 0;
}

/* Read the partition table again; takes disk->open_mutex. */
void cgl_rescan(struct cgl_device *dev)
{
	int err;

	mutex_lock(&dev->disk->open_mutex);
	err = bdev_disk_changed(dev->disk, false);
	mutex_unlock(&dev->disk->open_mutex);
	if (err)
		pr_warn("%s: partition scan failed (%d)\n",
			dev->disk->disk_name, err);
}

static int cgl_block_size_of(const struct loop_config *config,
			     struct file *file, bool direct)
{
	unsigned int bsize = config->block_size;

	if (!bsize)
		return direct ? min_t(unsigned int, cgl_backing_bsize(file),
				      PAGE_SIZE) :
				SECTOR_SIZE;
	if (bsize < SECTOR_SIZE || bsize > PAGE_SIZE || !is_power_of_2(bsize))
		return -EINVAL;
	return bsize;
}

static int cgl_check_config(const struct loop_config *config)
{
	if (config->info.lo_flags & ~LOOP_CONFIGURE_SETTABLE_FLAGS)
		return -EINVAL;
	return cgl_check_info(&config->info);
}

static void cgl_take_config(struct cgl_device *dev,
			    const struct loop_info64 *info)
{
	dev->offset = info->lo_offset;
	dev->sizelimit = info->lo_sizelimit;
	dev->autoclear = info->lo_flags & LO_FLAGS_AUTOCLEAR;
	dev->partscan =
		(info->lo_flags & LO_FLAGS_PARTSCAN) || cgl_scan_always();
	memcpy(dev->file_name, info->lo_file_name, LO_NAME_SIZE);
	dev->file_name[LO_NAME_SIZE - 1] = '\0';
}

/*
 * Wait for all bios in flight, and take the file away from those to come.
 * Returns it. What the queue was told about it does no harm to a device
 * without capacity, should there be no way to take that back.
 */
static struct file *cgl_take_file_away(struct cgl_device *dev)
{
	struct file *file = dev->file;
	unsigned int frozen;

	if (cgl_freeze_for(dev, NULL, SECTOR_SIZE, &frozen))
		frozen = cgl_freeze(dev->disk);
	mutex_lock(&cgl_chain_lock);
	dev->file = NULL;
	mutex_unlock(&cgl_chain_lock);
	dev->direct = false;
	dev->fast = CGL_FAST_NONE;
	dev->offset = 0;
	dev->sizelimit = 0;
	cgl_inject_forget();
	cgl_unfreeze(dev->disk, frozen);
	return file;
}

/* With @dev->lock held and @dev unbound: everything but the announcement. */
static int cgl_bind_locked(struct cgl_device *dev, blk_mode_t mode,
			   struct file *file, const struct loop_config *config)
{
	const struct loop_info64 *info = &config->info;
	bool direct = (info->lo_flags & LO_FLAGS_DIRECT_IO) ||
		      (file->f_flags & O_DIRECT);
	int bsize = cgl_block_size_of(config, file, direct);
	unsigned int frozen;
	int err;

	if (bsize < 0)
		return bsize;
	dev->read_only = (info->lo_flags & LO_FLAGS_READ_ONLY) ||
			 !(mode & BLK_OPEN_WRITE) ||
			 !(file->f_mode & FMODE_WRITE) ||
			 !file->f_op->write_iter;
	dev->block_size = bsize;
	cgl_take_config(dev, info);
	err = cgl_freeze_for(dev, file, bsize, &frozen);
	if (err)
		return err;
	mutex_lock(&cgl_chain_lock);
	err = cgl_check_chain(dev, file);
	if (!err) {
		dev->file = file;
		cgl_take_direct(dev, direct);
	}
	mutex_unlock(&cgl_chain_lock);
	cgl_unfreeze(dev->disk, frozen);
	if (err)
		return err;

	err = cgl_sysfs_bind(dev);
	if (err)
		goto out_file;
	if (dev->partscan)
		clear_bit(GD_SUPPRESS_PART_SCAN, &dev->disk->state);
	set_disk_ro(dev->disk, dev->read_only);
	set_capacity_and_notify(dev->disk, cgl_capacity(file, dev->offset,
							dev->sizelimit));
	dev->state = CGL_BOUND;
	return 0;

out_file:
	cgl_take_file_away(dev);
	return err;
}

/*
 * LOOP_CONFIGURE. -EBUSY if bound already or held exclusively by others,
 * -EBADF for a descriptor that is not open for reading or leads back to @dev,
 * -EINVAL for anything that cannot be a backing file, or an unknown flag,
 * -EOVERFLOW for an offset or limit beyond what a file can have. Direct I/O
 * that the backing file cannot do comes out buffered, as its status says.
 */
int cgl_bind(struct cgl_device *dev, blk_mode_t mode, struct block_device *bdev,
	     const struct loop_config *config)
{
	struct file *file = fget(config->fd);
	bool claim = !(mode & BLK_OPEN_EXCL);
	bool rescan = false;
	int err;

	if (!file)
		return -EBADF;
	__module_get(THIS_MODULE);
	err = cgl_check_file(file);
	if (!err)
		err = cgl_check_config(config);
	if (err)
		goto out_put;

	/* Nobody may mount it, say, while it changes what it is. */
	if (claim) {
		err = cgl_claim(bdev, cgl_bind);
		if (err)
			goto out_put;
	}
	err = mutex_lock_killable(&dev->lock);
	if (err)
		goto out_claim;
	err = dev->state == CGL_UNBOUND ?
		      cgl_bind_locked(dev, mode, file, config) :
		      -EBUSY;
	rescan = !err && dev->partscan;
	mutex_unlock(&dev->lock);

	if (!err)
		disk_uevent(dev->disk, KOBJ_CHANGE);
	if (rescan)
		cgl_rescan(dev);
out_claim:
	if (claim)
		bd_abort_claiming(bdev, cgl_bind);
out_put:
	if (err) {
		fput(file);
		module_put(THIS_MODULE);
	}
	return err;
}

/*
 * LOOP_CHANGE_FD: another file of the same size behind a read-only device.
 * -EINVAL for any other.
 */
int cgl_change_fd(struct cgl_device *dev, struct block_device *bdev,
		  unsigned int fd)
{
	struct file *file = fget(fd), *old = NULL;
	unsigned int frozen;
	bool rescan = false;
	int err;

	if (!file)
		return -EBADF;
	err = cgl_check_file(file) ?: mutex_lock_killable(&dev->lock);
	if (err)
		goto out_put;
	if (dev->state != CGL_BOUND) {
		err = -ENXIO;
		goto out_unlock;
	}
	if (!dev->read_only ||
	    cgl_capacity(file, 0, 0) != cgl_capacity(dev->file, 0, 0)) {
		err = -EINVAL;
		goto out_unlock;
	}

	frozen = cgl_freeze(dev->disk);
	mutex_lock(&cgl_chain_lock);
	err = cgl_check_chain(dev, file);
	if (!err) {
		old = dev->file;
		dev->file = file;
		cgl_take_direct(dev, dev->direct);
	}
	mutex_unlock(&cgl_chain_lock);
	cgl_unfreeze(dev->disk, frozen);
	rescan = !err && dev->partscan;
out_unlock:
	mutex_unlock(&dev->lock);
	if (!err) {
		invalidate_bdev(bdev);
		disk_uevent(dev->disk, KOBJ_CHANGE);
		if (rescan)
			cgl_rescan(dev);
	}
out_put:
	fput(err ? file : old);
	return err;
}

/*
 * Take the backing file away: only by the one who moved the state from bound
 * to rundown, and without @dev->lock. Waits for all bios in flight.
 */
void cgl_unbind(struct cgl_device *dev, bool open_mutex_held)
{
	struct gendisk *disk = dev->disk;
	struct file *file;

	cgl_sysfs_unbind(dev);
	file = cgl_take_file_away(dev);
	invalidate_disk(disk);
	set_disk_ro(disk, false);
	if (dev->partscan) {
		if (open_mutex_held)
			bdev_disk_changed(disk, false);
		else
			cgl_rescan(dev);
	}
	set_bit(GD_SUPPRESS_PART_SCAN, &disk->state);
	disk_uevent(disk, KOBJ_CHANGE);

	mutex_lock(&dev->lock);
	dev->state = CGL_UNBOUND;
	mutex_unlock(&dev->lock);
	fput(file);
	module_put(THIS_MODULE);
}

/*
 * LOOP_CLR_FD: now if the caller is the only one who has the device open,
 * otherwise when the last one closes it. -ENXIO if not bound.
 */
int cgl_clear(struct cgl_device *dev)
{
	int err;

	sync_blockdev(dev->disk->part0);
	err = mutex_lock_killable(&dev->lock);
	if (err)
		return err;
	if (dev->state != CGL_BOUND)
		err = cgl_inject(CGL_WRONG_ERRNO) ? -EINVAL : -ENXIO;
	else if (dev->openers > 1)
		dev->autoclear = true;
	else
		dev->state = CGL_RUNDOWN;
	if (err || dev->state != CGL_RUNDOWN) {
		mutex_unlock(&dev->lock);
		return err;
	}
	mutex_unlock(&dev->lock);
	cgl_unbind(dev, false);
	return 0;
}
