// SPDX-License-Identifier: GPL-2.0
/*
 * The block device's face: open, release, and the LOOP_* calls.
 */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/log2.h>
#include <linux/stat.h>
#include <linux/uaccess.h>

#include "cgloop.h"

static int cgl_open(CGL_OPEN_ARGS)
{
	struct cgl_device *dev = cgl_open_disk(arg)->private_data;
	int err = mutex_lock_killable(&dev->lock);

	if (err)
		return err;
	if (dev->state == CGL_RUNDOWN || dev->state == CGL_DELETING)
		err = -ENXIO;
	else
		dev->openers++;
	mutex_unlock(&dev->lock);
	return err;
}

static void cgl_release(CGL_RELEASE_ARGS)
{
	struct cgl_device *dev = disk->private_data;
	bool unbind;

	mutex_lock(&dev->lock);
	dev->openers--;
	unbind = !dev->openers && dev->autoclear && dev->state == CGL_BOUND;
	if (unbind)
		dev->state = CGL_RUNDOWN;
	mutex_unlock(&dev->lock);
	if (unbind)
		cgl_unbind(dev, true);
}

static void cgl_free_disk(struct gendisk *disk)
{
	struct cgl_device *dev = disk->private_data;

	free_percpu(dev->stats);
	mutex_destroy(&dev->lock);
	kfree(dev);
}

static int cgl_lock_bound(struct cgl_device *dev)
{
	int err = mutex_lock_killable(&dev->lock);

	if (err)
		return err;
	if (dev->state == CGL_BOUND)
		return 0;
	mutex_unlock(&dev->lock);
	return -ENXIO;
}

/*
 * -EINVAL for encryption, which is gone from the ABI, -EOVERFLOW for an offset
 * or a limit that no file position can have.
 */
int cgl_check_info(const struct loop_info64 *info)
{
	if (info->lo_encrypt_key_size > LO_KEY_SIZE ||
	    info->lo_encrypt_type != LO_CRYPT_NONE)
		return -EINVAL;
	if (info->lo_offset > LLONG_MAX || info->lo_sizelimit > LLONG_MAX)
		return -EOVERFLOW;
	return 0;
}

/*
 * Move the window onto the file. Whatever is cached belongs to the old one:
 * -EAGAIN if somebody keeps it in use.
 */
static int cgl_move_window(struct cgl_device *dev, struct block_device *bdev,
			   loff_t offset, loff_t sizelimit)
{
	unsigned int frozen;
	int err = 0;

	sync_blockdev(bdev);
	invalidate_bdev(bdev);
	frozen = cgl_freeze(dev->disk);
	if (cgl_bdev_mapping(bdev)->nrpages) {
		err = -EAGAIN;
	} else {
		dev->offset = offset;
		dev->sizelimit = sizelimit;
		cgl_take_direct(dev, dev->direct);
	}
	cgl_unfreeze(dev->disk, frozen);
	if (!err)
		set_capacity_and_notify(dev->disk,
					cgl_capacity(dev->file, offset,
						     sizelimit));
	return err;
}

static int cgl_set_status(struct cgl_device *dev, struct block_device *bdev,
			  const struct loop_info64 *info)
{
	bool rescan = false;
	int err;

	err = cgl_check_info(info) ?: cgl_lock_bound(dev);
	if (err)
		return err;
	if (dev->offset != info->lo_offset ||
	    dev->sizelimit != info->lo_sizelimit)
		err = cgl_move_window(dev, bdev, info->lo_offset,
				      info->lo_sizelimit);
	if (err)
		goto out;

	memcpy(dev->file_name, info->lo_file_name, LO_NAME_SIZE);
	dev->file_name[LO_NAME_SIZE - 1] = '\0';
	dev->autoclear = info->lo_flags & LO_FLAGS_AUTOCLEAR;
	/* Scanning can be asked for here, but not taken back. */
	if ((info->lo_flags & LO_FLAGS_PARTSCAN) && !dev->partscan) {
		dev->partscan = true;
		clear_bit(GD_SUPPRESS_PART_SCAN, &dev->disk->state);
		rescan = true;
	}
out:
	mutex_unlock(&dev->lock);
	if (rescan)
		cgl_rescan(dev);
	return err;
}

static u32 cgl_flags(const struct cgl_device *dev)
{
	return (dev->read_only ? LO_FLAGS_READ_ONLY : 0) |
	       (dev->autoclear ? LO_FLAGS_AUTOCLEAR : 0) |
	       (dev->partscan ? LO_FLAGS_PARTSCAN : 0) |
	       (dev->direct ? LO_FLAGS_DIRECT_IO : 0);
}

/* The backing file system may take its time: it is asked without the lock. */
static int cgl_get_status(struct cgl_device *dev, struct loop_info64 *info)
{
	struct kstat stat;
	struct path path;
	int err = cgl_lock_bound(dev);

	if (err)
		return err;
	memset(info, 0, sizeof(*info));
	info->lo_number = dev->number;
	info->lo_offset = dev->offset;
	info->lo_sizelimit = dev->sizelimit;
	info->lo_flags = cgl_flags(dev);
	memcpy(info->lo_file_name, dev->file_name, LO_NAME_SIZE);
	path = dev->file->f_path;
	path_get(&path);
	mutex_unlock(&dev->lock);

	err = vfs_getattr(&path, &stat, STATX_INO, AT_STATX_SYNC_AS_STAT);
	if (!err) {
		info->lo_device = huge_encode_dev(stat.dev);
		info->lo_inode = stat.ino;
		if (S_ISBLK(stat.mode))
			info->lo_rdevice = huge_encode_dev(stat.rdev);
		else
			info->lo_rdevice = info->lo_device;
	}
	path_put(&path);
	return err;
}

static noinline_for_stack int cgl_set_status64_user(struct cgl_device *dev,
						    struct block_device *bdev,
						    void __user *arg)
{
	struct loop_info64 info;

	if (copy_from_user(&info, arg, sizeof(info)))
		return -EFAULT;
	return cgl_set_status(dev, bdev, &info);
}

static noinline_for_stack int cgl_get_status64_user(struct cgl_device *dev,
						    void __user *arg)
{
	struct loop_info64 info;
	int err;

	if (!arg)
		return -EINVAL;
	err = cgl_get_status(dev, &info);
	if (!err && copy_to_user(arg, &info, sizeof(info)))
		err = -EFAULT;
	return err;
}

/* The old structure's signed offset: what is negative there is refused. */
static int cgl_set_status_old(struct cgl_device *dev, struct block_device *bdev,
			      const struct loop_info *old)
{
	struct loop_info64 info = {
		.lo_offset = (s64)old->lo_offset,
		.lo_encrypt_type = old->lo_encrypt_type,
		.lo_encrypt_key_size = old->lo_encrypt_key_size,
		.lo_flags = old->lo_flags,
	};

	memcpy(info.lo_file_name, old->lo_name, LO_NAME_SIZE);
	return cgl_set_status(dev, bdev, &info);
}

/* -EOVERFLOW if the old structure has no room for a value. */
static int cgl_get_status_old(struct cgl_device *dev, struct loop_info *old)
{
	struct loop_info64 info;
	int err = cgl_get_status(dev, &info);

	if (err)
		return err;
	memset(old, 0, sizeof(*old));
	old->lo_number = info.lo_number;
	old->lo_device = info.lo_device;
	old->lo_inode = info.lo_inode;
	old->lo_rdevice = info.lo_rdevice;
	old->lo_offset = info.lo_offset;
	old->lo_flags = info.lo_flags;
	memcpy(old->lo_name, info.lo_file_name, LO_NAME_SIZE);
	if (old->lo_device != info.lo_device ||
	    old->lo_rdevice != info.lo_rdevice ||
	    old->lo_inode != info.lo_inode || old->lo_offset != info.lo_offset)
		return -EOVERFLOW;
	return 0;
}

static noinline_for_stack int cgl_set_status_user(struct cgl_device *dev,
						  struct block_device *bdev,
						  void __user *arg)
{
	struct loop_info old;

	if (copy_from_user(&old, arg, sizeof(old)))
		return -EFAULT;
	return cgl_set_status_old(dev, bdev, &old);
}

static noinline_for_stack int cgl_get_status_user(struct cgl_device *dev,
						  void __user *arg)
{
	struct loop_info old;
	int err;

	if (!arg)
		return -EINVAL;
	err = cgl_get_status_old(dev, &old);
	if (!err && copy_to_user(arg, &old, sizeof(old)))
		err = -EFAULT;
	return err;
}

/* The file has changed its size. */
static int cgl_set_capacity(struct cgl_device *dev)
{
	int err = cgl_lock_bound(dev);

	if (err)
		return err;
	set_capacity_and_notify(dev->disk, cgl_capacity(dev->file, dev->offset,
							dev->sizelimit));
	mutex_unlock(&dev->lock);
	return 0;
}

static int cgl_set_direct(struct cgl_device *dev, bool direct)
{
	int err = cgl_lock_bound(dev);
	unsigned int frozen;

	if (err)
		return err;
	if (direct &&
	    !cgl_can_direct(dev->file, dev->offset, dev->block_size)) {
		err = -EINVAL;
	} else if (direct != dev->direct) {
		/* What is dirty in the page cache has to be below us first. */
		if (direct && !dev->read_only)
			err = vfs_fsync(dev->file, 0);
		if (!err) {
			frozen = cgl_freeze(dev->disk);
			cgl_take_direct(dev, direct);
			cgl_unfreeze(dev->disk, frozen);
		}
	}
	mutex_unlock(&dev->lock);
	return err;
}

static int cgl_set_block_size(struct cgl_device *dev, struct block_device *bdev,
			      unsigned long bsize)
{
	int err = cgl_lock_bound(dev);

	if (err)
		return err;
	if (bsize < SECTOR_SIZE || bsize > PAGE_SIZE || !is_power_of_2(bsize)) {
		err = -EINVAL;
	} else if (bsize != dev->block_size) {
		sync_blockdev(bdev);
		invalidate_bdev(bdev);
		err = cgl_take_block_size(dev, bsize);
	}
	mutex_unlock(&dev->lock);
	return err;
}

static noinline_for_stack int cgl_configure(struct cgl_device *dev,
					    blk_mode_t mode,
					    struct block_device *bdev,
					    void __user *arg)
{
	struct loop_config config;

	if (copy_from_user(&config, arg, sizeof(config)))
		return -EFAULT;
	return cgl_bind(dev, mode, bdev, &config);
}

/* Changing a device takes a descriptor open for writing, or the privilege. */
static bool cgl_may_change(blk_mode_t mode)
{
	return (mode & BLK_OPEN_WRITE) || capable(CAP_SYS_ADMIN);
}

static int cgl_ioctl_change(struct cgl_device *dev, struct block_device *bdev,
			    blk_mode_t mode, unsigned int cmd,
			    unsigned long arg)
{
	void __user *argp = (void __user *)arg;

	if (!cgl_may_change(mode))
		return -EPERM;
	switch (cmd) {
	case LOOP_SET_STATUS:
		return cgl_set_status_user(dev, bdev, argp);
	case LOOP_SET_STATUS64:
		return cgl_set_status64_user(dev, bdev, argp);
	case LOOP_SET_CAPACITY:
		return cgl_set_capacity(dev);
	case LOOP_SET_DIRECT_IO:
		return cgl_set_direct(dev, arg);
	default:
		return cgl_set_block_size(dev, bdev, arg);
	}
}

static int cgl_ioctl(struct block_device *bdev, blk_mode_t mode,
		     unsigned int cmd, unsigned long arg)
{
	struct cgl_device *dev = bdev->bd_disk->private_data;
	struct loop_config config = { .fd = arg };
	void __user *argp = (void __user *)arg;

	switch (cmd) {
	case LOOP_SET_FD:
		return cgl_bind(dev, mode, bdev, &config);
	case LOOP_CONFIGURE:
		return cgl_configure(dev, mode, bdev, argp);
	case LOOP_CHANGE_FD:
		return cgl_change_fd(dev, bdev, arg);
	case LOOP_CLR_FD:
		return cgl_clear(dev);
	case LOOP_GET_STATUS:
		return cgl_get_status_user(dev, argp);
	case LOOP_GET_STATUS64:
		return cgl_get_status64_user(dev, argp);
	case LOOP_SET_STATUS:
	case LOOP_SET_STATUS64:
	case LOOP_SET_CAPACITY:
	case LOOP_SET_DIRECT_IO:
	case LOOP_SET_BLOCK_SIZE:
		return cgl_ioctl_change(dev, bdev, mode, cmd, arg);
	default:
		return -ENOTTY;
	}
}

#ifdef CONFIG_COMPAT
/* struct loop_info as 32-bit programs have it. */
struct cgl_compat_info {
	compat_int_t number;
	compat_dev_t device;
	compat_ulong_t inode;
	compat_dev_t rdevice;
	compat_int_t offset;
	compat_int_t encrypt_type;
	compat_int_t encrypt_key_size;
	compat_int_t flags;
	char name[LO_NAME_SIZE];
	unsigned char encrypt_key[LO_KEY_SIZE];
	compat_ulong_t init[2];
	char reserved[4];
};

static noinline_for_stack int cgl_compat_set_status(struct cgl_device *dev,
						    struct block_device *bdev,
						    void __user *arg)
{
	struct cgl_compat_info compat;
	struct loop_info old = {};

	if (copy_from_user(&compat, arg, sizeof(compat)))
		return -EFAULT;
	old.lo_offset = compat.offset;
	old.lo_encrypt_type = compat.encrypt_type;
	old.lo_encrypt_key_size = compat.encrypt_key_size;
	old.lo_flags = compat.flags;
	memcpy(old.lo_name, compat.name, LO_NAME_SIZE);
	return cgl_set_status_old(dev, bdev, &old);
}

static noinline_for_stack int cgl_compat_get_status(struct cgl_device *dev,
						    void __user *arg)
{
	struct cgl_compat_info compat = {};
	struct loop_info old;
	int err;

	if (!arg)
		return -EINVAL;
	err = cgl_get_status_old(dev, &old);
	if (err)
		return err;
	compat.number = old.lo_number;
	compat.device = old.lo_device;
	compat.inode = old.lo_inode;
	compat.rdevice = old.lo_rdevice;
	compat.offset = old.lo_offset;
	compat.flags = old.lo_flags;
	memcpy(compat.name, old.lo_name, LO_NAME_SIZE);
	if (compat.device != old.lo_device ||
	    compat.rdevice != old.lo_rdevice || compat.inode != old.lo_inode)
		return -EOVERFLOW;
	return copy_to_user(arg, &compat, sizeof(compat)) ? -EFAULT : 0;
}

/* The old status structure alone has another shape for 32-bit programs. */
static int cgl_compat_ioctl(struct block_device *bdev, blk_mode_t mode,
			    unsigned int cmd, unsigned long arg)
{
	struct cgl_device *dev = bdev->bd_disk->private_data;

	switch (cmd) {
	case LOOP_SET_STATUS:
		if (!cgl_may_change(mode))
			return -EPERM;
		return cgl_compat_set_status(dev, bdev, compat_ptr(arg));
	case LOOP_GET_STATUS:
		return cgl_compat_get_status(dev, compat_ptr(arg));
	case LOOP_CONFIGURE:
	case LOOP_SET_STATUS64:
	case LOOP_GET_STATUS64:
		arg = (unsigned long)compat_ptr(arg);
		break;
	}
	return cgl_ioctl(bdev, mode, cmd, arg);
}
#endif

const struct block_device_operations cgl_fops = {
	.owner = THIS_MODULE,
	.submit_bio = cgl_submit_bio,
	.open = cgl_open,
	.release = cgl_release,
	.ioctl = cgl_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl = cgl_compat_ioctl,
#endif
	.free_disk = cgl_free_disk,
};
