// SPDX-License-Identifier: GPL-2.0
/*
 * The block device's face: open, release, and the LOOP_* calls.
 */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/log2.h>
#include <linux/pagemap.h>
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
	if (!dev->openers && dev->autoclear && dev->state == CGL_BOUND)
		dev->state = CGL_RUNDOWN;
	unbind = !dev->openers && dev->state == CGL_RUNDOWN;
	mutex_unlock(&dev->lock);
	if (unbind)
		cgl_unbind(dev);
}

static void cgl_free_disk(struct gendisk *disk)
{
	struct cgl_device *dev = disk->private_data;

	free_percpu(dev->stats);
	mutex_destroy(&dev->lock);
	mutex_destroy(&dev->change);
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

static int cgl_change_bound(struct cgl_device *dev)
{
	int err = mutex_lock_killable(&dev->change);

	if (err)
		return err;
	if (dev->state == CGL_BOUND)
		return 0;
	mutex_unlock(&dev->change);
	return -ENXIO;
}

/* The rest of the world hears of a new size in any case, as of a changed one */
static void cgl_announce_size(struct cgl_device *dev, sector_t capacity)
{
	if (!set_capacity_and_notify(dev->disk, capacity))
		disk_uevent(dev->disk, KOBJ_CHANGE);
}

/*
 * Move the window onto the file. What was cached belongs to the old one: it is
 * written there first, and what is still there when no bio for the old window
 * is under way any more goes, mapped or not.
 */
static int cgl_move_window(struct cgl_device *dev, loff_t offset,
			   loff_t sizelimit)
{
	const struct cgl_binding *old = cgl_binding_of(dev);
	struct block_device *whole = dev->disk->part0;
	struct cgl_binding *binding;
	sector_t capacity;
	int err;

	sync_blockdev(whole);
	invalidate_bdev(whole);
	binding = cgl_binding_alloc(old);
	if (!binding)
		return -ENOMEM;
	binding->offset = offset;
	binding->sizelimit = sizelimit;
	binding->capacity = cgl_capacity(binding->file, offset, sizelimit);
	cgl_set_direct(binding, old->direct);
	capacity = binding->capacity;
	err = cgl_binding_replace(dev, binding);
	if (err)
		return err;
	invalidate_inode_pages2(cgl_bdev_mapping(whole));
	cgl_announce_size(dev, capacity);
	return 0;
}

static bool cgl_moves_window(struct cgl_device *dev,
			     const struct loop_info64 *info)
{
	const struct cgl_binding *binding = cgl_binding_of(dev);

	return binding->offset != info->lo_offset ||
	       binding->sizelimit != info->lo_sizelimit;
}

static int cgl_set_status_locked(struct cgl_device *dev,
				 const struct loop_info64 *info, int claim,
				 bool *rescan)
{
	int err;

	if (cgl_moves_window(dev, info)) {
		err = claim ?:
			      cgl_move_window(dev, info->lo_offset,
					      info->lo_sizelimit);
		if (err)
			return err;
	}
	mutex_lock(&dev->lock);
	memcpy(dev->file_name, info->lo_file_name, LO_NAME_SIZE);
	dev->file_name[LO_NAME_SIZE - 1] = '\0';
	dev->autoclear = info->lo_flags & LO_FLAGS_AUTOCLEAR;
	/* Scanning can be asked for here, but not taken back. */
	*rescan = (info->lo_flags & LO_FLAGS_PARTSCAN) && !dev->partscan;
	if (*rescan) {
		dev->partscan = true;
		clear_bit(GD_SUPPRESS_PART_SCAN, &dev->disk->state);
	}
	mutex_unlock(&dev->lock);
	return 0;
}

/*
 * LOOP_SET_STATUS. -EBUSY where offset or limit would change under an exclusive
 * owner; name and flags can be set all the same.
 */
static int cgl_set_status(struct cgl_device *dev, blk_mode_t mode,
			  struct block_device *bdev,
			  const struct loop_info64 *info)
{
	int claim = cgl_claim_whole(dev, mode, bdev);
	bool rescan = false;
	int err;

	err = cgl_change_bound(dev);
	if (!err) {
		err = cgl_check_info(info) ?:
			      cgl_set_status_locked(dev, info, claim, &rescan);
		mutex_unlock(&dev->change);
	}
	if (!claim)
		cgl_unclaim_whole(dev, mode, bdev);
	if (rescan)
		cgl_rescan(dev);
	return err;
}

static u32 cgl_flags(const struct cgl_device *dev,
		     const struct cgl_binding *binding)
{
	return (binding->read_only ? LO_FLAGS_READ_ONLY : 0) |
	       (dev->autoclear ? LO_FLAGS_AUTOCLEAR : 0) |
	       (dev->partscan ? LO_FLAGS_PARTSCAN : 0) |
	       (binding->direct ? LO_FLAGS_DIRECT_IO : 0);
}

/* The backing file system may take its time: it is asked without the lock. */
static int cgl_get_status(struct cgl_device *dev, struct loop_info64 *info)
{
	const struct cgl_binding *binding;
	struct kstat stat;
	struct path path;
	int err = cgl_lock_bound(dev);

	if (err)
		return err;
	binding = cgl_binding_of(dev);
	memset(info, 0, sizeof(*info));
	info->lo_number = dev->number;
	info->lo_offset = binding->offset;
	info->lo_sizelimit = binding->sizelimit;
	info->lo_flags = cgl_flags(dev, binding);
	memcpy(info->lo_file_name, dev->file_name, LO_NAME_SIZE);
	path = binding->file->f_path;
	path_get(&path);
	mutex_unlock(&dev->lock);

	err = vfs_getattr(&path, &stat, STATX_INO, AT_STATX_SYNC_AS_STAT);
	if (!err) {
		info->lo_device = huge_encode_dev(stat.dev);
		info->lo_inode = stat.ino;
		info->lo_rdevice = huge_encode_dev(stat.rdev);
	}
	path_put(&path);
	return err;
}

static noinline_for_stack int cgl_set_status64_user(struct cgl_device *dev,
						    blk_mode_t mode,
						    struct block_device *bdev,
						    void __user *arg)
{
	struct loop_info64 info;

	if (copy_from_user(&info, arg, sizeof(info)))
		return -EFAULT;
	return cgl_set_status(dev, mode, bdev, &info);
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
static int cgl_set_status_old(struct cgl_device *dev, blk_mode_t mode,
			      struct block_device *bdev,
			      const struct loop_info *old)
{
	struct loop_info64 info = {
		.lo_offset = (s64)old->lo_offset,
		.lo_encrypt_type = old->lo_encrypt_type,
		.lo_encrypt_key_size = old->lo_encrypt_key_size,
		.lo_flags = old->lo_flags,
	};

	memcpy(info.lo_file_name, old->lo_name, LO_NAME_SIZE);
	return cgl_set_status(dev, mode, bdev, &info);
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
						  blk_mode_t mode,
						  struct block_device *bdev,
						  void __user *arg)
{
	struct loop_info old;

	if (copy_from_user(&old, arg, sizeof(old)))
		return -EFAULT;
	return cgl_set_status_old(dev, mode, bdev, &old);
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

/*
 * LOOP_SET_CAPACITY: the file has changed its size. The bios under way are for
 * the same file and the same place in it, so nobody has to wait for them.
 */
static int cgl_set_capacity(struct cgl_device *dev)
{
	const struct cgl_binding *old;
	struct cgl_binding *binding;
	sector_t capacity;
	int err = cgl_change_bound(dev);

	if (err)
		return err;
	old = cgl_binding_of(dev);
	capacity = cgl_capacity(old->file, old->offset, old->sizelimit);
	if (capacity != old->capacity) {
		binding = cgl_binding_alloc(old);
		if (!binding) {
			err = -ENOMEM;
			goto out;
		}
		binding->capacity = capacity;
		cgl_binding_publish(dev, binding);
		cgl_binding_reap(dev, false);
	}
	cgl_announce_size(dev, capacity);
out:
	mutex_unlock(&dev->change);
	return err;
}

static int cgl_set_direct_locked(struct cgl_device *dev, bool direct)
{
	const struct cgl_binding *old = cgl_binding_of(dev);
	struct cgl_binding *binding;
	int err = 0;

	if (direct && !cgl_can_direct(old))
		return -EINVAL;
	if (direct == old->direct)
		return 0;
	/* What is dirty in the page cache has to be below us first. */
	if (direct && !old->read_only)
		err = vfs_fsync(old->file, 0);
	if (err)
		return err;
	binding = cgl_binding_alloc(old);
	if (!binding)
		return -ENOMEM;
	cgl_set_direct(binding, direct);
	return cgl_binding_replace(dev, binding);
}

static int cgl_set_direct_io(struct cgl_device *dev, bool direct)
{
	int err = cgl_change_bound(dev);

	if (err)
		return err;
	err = cgl_set_direct_locked(dev, direct);
	mutex_unlock(&dev->change);
	return err;
}

/*
 * Blocks and the queue's limits change together, for those who submit a bio.
 * Where the new blocks are too small for direct I/O that ends before, so that
 * the queue is not frozen while other people's bios are waited for.
 */
static int cgl_set_block_size_locked(struct cgl_device *dev, unsigned int bsize)
{
	struct cgl_binding *old = cgl_binding_of(dev), *binding;
	unsigned int frozen;
	int err = 0;

	if (bsize == old->block_size)
		return 0;
	sync_blockdev(dev->disk->part0);
	invalidate_bdev(dev->disk->part0);
	if (old->direct && bsize < cgl_backing_bsize(old->file))
		err = cgl_set_direct_locked(dev, false);
	if (err)
		return err;
	binding = cgl_binding_alloc(cgl_binding_of(dev));
	if (!binding)
		return -ENOMEM;
	binding->block_size = bsize;
	err = cgl_limit(dev, binding, &frozen);
	if (err) {
		cgl_binding_free(binding);
		return err;
	}
	cgl_binding_publish(dev, binding);
	cgl_unfreeze(dev->disk, frozen);
	cgl_binding_reap(dev, true);
	return 0;
}

/* LOOP_SET_BLOCK_SIZE. -EBUSY under an exclusive owner. */
static int cgl_set_block_size(struct cgl_device *dev, blk_mode_t mode,
			      struct block_device *bdev, unsigned long bsize)
{
	int err = cgl_claim_whole(dev, mode, bdev);

	if (err)
		return err;
	err = cgl_change_bound(dev);
	if (err)
		goto out;
	if (bsize < SECTOR_SIZE || bsize > PAGE_SIZE || !is_power_of_2(bsize))
		err = -EINVAL;
	else
		err = cgl_set_block_size_locked(dev, bsize);
	mutex_unlock(&dev->change);
out:
	cgl_unclaim_whole(dev, mode, bdev);
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
		return cgl_set_status_user(dev, mode, bdev, argp);
	case LOOP_SET_STATUS64:
		return cgl_set_status64_user(dev, mode, bdev, argp);
	case LOOP_SET_CAPACITY:
		return cgl_set_capacity(dev);
	case LOOP_SET_DIRECT_IO:
		return cgl_set_direct_io(dev, arg);
	default:
		return cgl_set_block_size(dev, mode, bdev, arg);
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
		return cgl_change_fd(dev, arg);
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
		/* The block layer says ENOTTY, but this ABI always did this. */
		return -EINVAL;
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
						    blk_mode_t mode,
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
	return cgl_set_status_old(dev, mode, bdev, &old);
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
		return cgl_compat_set_status(dev, mode, bdev, compat_ptr(arg));
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
