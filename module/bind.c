// SPDX-License-Identifier: GPL-2.0
/*
 * A device gets a backing file, another one, or none.
 */
#include <linux/device.h>
#include <linux/file.h>
#include <linux/log2.h>

#include "cgloop.h"

static int cgl_check_file(struct file *file)
{
	umode_t mode = file->f_mapping->host->i_mode;

	if (!S_ISREG(mode) && !S_ISBLK(mode))
		return -EINVAL;
	if (!file->f_op->read_iter)
		return -EINVAL;
	if ((file->f_mode & FMODE_WRITE) && !file->f_op->write_iter)
		return -EINVAL;
	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	return 0;
}

/*
 * Keep exclusive owners away while the device changes what it is: a mounted
 * file system, say, on the whole of it or on a partition. -EBUSY if there is
 * one; a descriptor of the whole disk that is itself exclusive will do. End
 * with cgl_unclaim_whole() and the same arguments.
 */
int cgl_claim_whole(struct cgl_device *dev, blk_mode_t mode,
		    struct block_device *bdev)
{
	struct block_device *whole = dev->disk->part0;

	if (bdev == whole && (mode & BLK_OPEN_EXCL))
		return 0;
	return cgl_claim(whole, dev);
}

void cgl_unclaim_whole(struct cgl_device *dev, blk_mode_t mode,
		       struct block_device *bdev)
{
	struct block_device *whole = dev->disk->part0;

	if (bdev != whole || !(mode & BLK_OPEN_EXCL))
		bd_abort_claiming(whole, dev);
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

/* What @config makes of @file, not published yet. */
static struct cgl_binding *cgl_draft(struct cgl_device *dev, blk_mode_t mode,
				     struct file *file,
				     const struct loop_config *config)
{
	const struct loop_info64 *info = &config->info;
	bool direct = (info->lo_flags & LO_FLAGS_DIRECT_IO) ||
		      (file->f_flags & O_DIRECT);
	int bsize = cgl_block_size_of(config, file, direct);
	struct cgl_binding like = {
		.dev = dev,
		.file = file,
		.offset = info->lo_offset,
		.sizelimit = info->lo_sizelimit,
		.block_size = bsize,
		.workers_mode = dev->workers_mode,
		.charge_mode = dev->charge_mode,
	}, *binding;

	if (bsize < 0)
		return ERR_PTR(bsize);
	like.capacity = cgl_capacity(file, like.offset, like.sizelimit);
	like.read_only = (info->lo_flags & LO_FLAGS_READ_ONLY) ||
			 !(mode & BLK_OPEN_WRITE) ||
			 !(file->f_mode & FMODE_WRITE);
	binding = cgl_binding_alloc(&like);
	if (!binding)
		return ERR_PTR(-ENOMEM);
	cgl_set_direct(binding, direct);
	return binding;
}

/*
 * Take away what is bound. Should the queue's limits not go back to those of an
 * unbound device, that does no harm to one without capacity.
 */
static void cgl_take_away(struct cgl_device *dev)
{
	unsigned int frozen;

	if (cgl_limit(dev, NULL, &frozen))
		frozen = cgl_freeze(dev->disk);
	cgl_binding_publish(dev, NULL);
	cgl_unfreeze(dev->disk, frozen);
	cgl_binding_reap(dev, true);
}

/* Publish the first binding, or free it. */
static int cgl_publish_first(struct cgl_device *dev,
			     struct cgl_binding *binding)
{
	unsigned int frozen;
	int err = cgl_limit(dev, binding, &frozen);

	if (!err) {
		err = cgl_binding_publish_file(dev, binding);
		cgl_unfreeze(dev->disk, frozen);
	}
	if (err) {
		cgl_binding_free(binding);
		return err;
	}
	err = cgl_sysfs_bind(dev);
	if (err)
		cgl_take_away(dev);
	return err;
}

/*
 * With @dev->change held and @dev unbound. It has no capacity until the end. Of
 * all that happens the world hears by one event, when all of it is true.
 */
static int cgl_bind_locked(struct cgl_device *dev, blk_mode_t mode,
			   struct file *file, const struct loop_config *config)
{
	const struct loop_info64 *info = &config->info;
	struct gendisk *disk = dev->disk;
	struct cgl_binding *binding;
	int err = cgl_check_config(config);

	if (err)
		return err;
	binding = cgl_draft(dev, mode, file, config);
	if (IS_ERR(binding))
		return PTR_ERR(binding);
	err = cgl_publish_first(dev, binding);
	if (err)
		return err;

	dev_set_uevent_suppress(disk_to_dev(disk), 1);
	cgl_media_change(disk);
	set_disk_ro(disk, binding->read_only);
	mutex_lock(&dev->lock);
	dev->autoclear = info->lo_flags & LO_FLAGS_AUTOCLEAR;
	dev->partscan =
		(info->lo_flags & LO_FLAGS_PARTSCAN) || cgl_scan_always();
	memcpy(dev->file_name, info->lo_file_name, LO_NAME_SIZE);
	dev->file_name[LO_NAME_SIZE - 1] = '\0';
	dev->state = CGL_BOUND;
	mutex_unlock(&dev->lock);
	if (dev->partscan)
		clear_bit(GD_SUPPRESS_PART_SCAN, &disk->state);
	set_capacity_and_notify(disk, binding->capacity);
	dev_set_uevent_suppress(disk_to_dev(disk), 0);
	disk_uevent(disk, KOBJ_CHANGE);
	return 0;
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
	bool rescan;
	int err;

	if (!file)
		return -EBADF;
	err = cgl_check_file(file) ?: cgl_claim_whole(dev, mode, bdev);
	if (err)
		goto out_put;
	err = mutex_lock_killable(&dev->change);
	if (err)
		goto out_claim;
	err = dev->state == CGL_UNBOUND ?
		      cgl_bind_locked(dev, mode, file, config) :
		      -EBUSY;
	rescan = !err && dev->partscan;
	if (!err)
		__module_get(THIS_MODULE);
	mutex_unlock(&dev->change);
	if (rescan)
		cgl_rescan(dev);
out_claim:
	cgl_unclaim_whole(dev, mode, bdev);
out_put:
	fput(file);
	return err;
}

static int cgl_change_fd_locked(struct cgl_device *dev, struct file *file)
{
	struct cgl_binding *old = cgl_binding_of(dev), *binding;
	unsigned int frozen;
	int err;

	if (dev->state != CGL_BOUND)
		return -ENXIO;
	if (!old->read_only ||
	    cgl_capacity(file, old->offset, old->sizelimit) !=
		    cgl_capacity(old->file, old->offset, old->sizelimit))
		return -EINVAL;
	binding = cgl_binding_alloc(old);
	if (!binding)
		return -ENOMEM;
	fput(binding->file);
	binding->file = get_file(file);
	binding->capacity =
		cgl_capacity(file, binding->offset, binding->sizelimit);
	cgl_set_direct(binding, old->direct || (file->f_flags & O_DIRECT));
	err = cgl_limit(dev, binding, &frozen);
	if (!err) {
		err = cgl_binding_publish_file(dev, binding);
		cgl_unfreeze(dev->disk, frozen);
	}
	if (err) {
		cgl_binding_free(binding);
		return err;
	}
	cgl_binding_reap(dev, true);
	return 0;
}

/*
 * LOOP_CHANGE_FD: another file of the same size, by the device's offset and
 * limit, behind a read-only device. -EINVAL for any other. Nobody reads from
 * the old one when this returns.
 */
int cgl_change_fd(struct cgl_device *dev, unsigned int fd)
{
	struct file *file = fget(fd);
	bool rescan;
	int err;

	if (!file)
		return -EBADF;
	err = cgl_check_file(file) ?: mutex_lock_killable(&dev->change);
	if (err)
		goto out_put;
	err = cgl_change_fd_locked(dev, file);
	rescan = !err && dev->partscan;
	if (!err) {
		dev_set_uevent_suppress(disk_to_dev(dev->disk), 1);
		cgl_media_change(dev->disk);
		dev_set_uevent_suppress(disk_to_dev(dev->disk), 0);
		disk_uevent(dev->disk, KOBJ_CHANGE);
	}
	mutex_unlock(&dev->change);
	if (rescan)
		cgl_rescan(dev);
out_put:
	fput(file);
	return err;
}

/*
 * Take the backing file away, at the last close of a device in the state
 * rundown: so neither a descriptor nor a mapping is left that could reach what
 * is bound next. With disk->open_mutex held. The file is closed when this
 * task returns to user space.
 */
void cgl_unbind(struct cgl_device *dev)
{
	struct gendisk *disk = dev->disk;

	mutex_lock(&dev->change);
	cgl_take_away(dev);
	invalidate_disk(disk);
	mutex_unlock(&dev->change);
	cgl_sysfs_unbind(dev);
	disk_uevent(disk, KOBJ_CHANGE);
	cgl_media_change(disk);
	if (dev->partscan)
		bdev_disk_changed(disk, false);
	set_bit(GD_SUPPRESS_PART_SCAN, &disk->state);

	mutex_lock(&dev->lock);
	dev->autoclear = false;
	dev->partscan = false;
	memset(dev->file_name, 0, LO_NAME_SIZE);
	dev->state = CGL_UNBOUND;
	mutex_unlock(&dev->lock);
	module_put(THIS_MODULE);
}

/*
 * LOOP_CLR_FD: the device is unbound when the last one closes it. If that is
 * the caller, nobody else can open it from now on, and I/O fails. -ENXIO if not
 * bound.
 */
int cgl_clear(struct cgl_device *dev)
{
	int err;

	sync_blockdev(dev->disk->part0);
	err = mutex_lock_killable(&dev->change);
	if (err)
		return err;
	mutex_lock(&dev->lock);
	if (dev->state != CGL_BOUND) {
		err = -ENXIO;
	} else {
		dev->autoclear = true;
		if (dev->openers == 1)
			WRITE_ONCE(dev->state, CGL_RUNDOWN);
	}
	mutex_unlock(&dev->lock);
	mutex_unlock(&dev->change);
	return err;
}
