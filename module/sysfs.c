// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes under /sys/block/<disk>/: "cgloop" holds the modes and is always
 * there; "loop" describes the backing file, where losetup looks for it, and is
 * there while the device is bound.
 */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "cgloop.h"

static struct cgl_device *cgl_from_device(struct device *device)
{
	return dev_to_disk(device)->private_data;
}

static ssize_t workers_show(struct device *device,
			    struct device_attribute *attr, char *buf)
{
	struct cgl_device *dev = cgl_from_device(device);

	return sysfs_emit(buf, "%s\n", cgl_workers_names[dev->workers_mode]);
}

static ssize_t charge_show(struct device *device, struct device_attribute *attr,
			   char *buf)
{
	struct cgl_device *dev = cgl_from_device(device);

	return sysfs_emit(buf, "%s\n", cgl_charge_names[dev->charge_mode]);
}

/* Modes are latched while the device is bound: -EBUSY then. */
static int cgl_lock_unbound(struct cgl_device *dev)
{
	int err = mutex_lock_killable(&dev->lock);

	if (err)
		return err;
	if (dev->state == CGL_UNBOUND)
		return 0;
	mutex_unlock(&dev->lock);
	return -EBUSY;
}

static ssize_t workers_store(struct device *device,
			     struct device_attribute *attr, const char *buf,
			     size_t count)
{
	struct cgl_device *dev = cgl_from_device(device);
	int mode = cgl_parse_workers(buf);
	int err = mode < 0 ? mode : cgl_lock_unbound(dev);
	unsigned int frozen;

	if (err)
		return err;
	frozen = cgl_freeze(dev->disk);
	dev->workers_mode = mode;
	cgl_workers_limit(dev);
	cgl_unfreeze(dev->disk, frozen);
	mutex_unlock(&dev->lock);
	return count;
}

static ssize_t charge_store(struct device *device,
			    struct device_attribute *attr, const char *buf,
			    size_t count)
{
	struct cgl_device *dev = cgl_from_device(device);
	int mode = cgl_parse_charge(buf);
	int err = mode < 0 ? mode : cgl_lock_unbound(dev);
	unsigned int frozen;

	if (err)
		return err;
	frozen = cgl_freeze(dev->disk);
	dev->charge_mode = mode;
	cgl_unfreeze(dev->disk, frozen);
	mutex_unlock(&dev->lock);
	return count;
}

static DEVICE_ATTR_RW(workers);
static DEVICE_ATTR_RW(charge);

static struct attribute *cgl_mode_attrs[] = {
	&dev_attr_workers.attr,
	&dev_attr_charge.attr,
	NULL,
};

static const struct attribute_group cgl_mode_group = {
	.name = "cgloop",
	.attrs = cgl_mode_attrs,
};

const struct attribute_group *cgl_groups[] = {
	&cgl_mode_group,
	NULL,
};

/*
 * The group is made before the device counts as bound and removed after it
 * stops to, and removal waits for readers: here the file is always there.
 */
static ssize_t backing_file_show(struct device *device,
				 struct device_attribute *attr, char *buf)
{
	struct file *file = cgl_from_device(device)->file;
	char *name = file_path(file, buf, PAGE_SIZE - 1);
	size_t len;

	if (IS_ERR(name))
		return PTR_ERR(name);
	len = strlen(name);
	memmove(buf, name, len);
	buf[len++] = '\n';
	buf[len] = '\0';
	return len;
}

#define CGL_ATTR(name, format, field)                                        \
	static ssize_t name##_show(struct device *device,                    \
				   struct device_attribute *attr, char *buf) \
	{                                                                    \
		return sysfs_emit(buf, format "\n",                          \
				  cgl_from_device(device)->field);           \
	}                                                                    \
	static DEVICE_ATTR_RO(name)

static DEVICE_ATTR_RO(backing_file);
CGL_ATTR(offset, "%lld", offset);
CGL_ATTR(sizelimit, "%lld", sizelimit);
CGL_ATTR(autoclear, "%d", autoclear);
CGL_ATTR(partscan, "%d", partscan);
CGL_ATTR(dio, "%d", direct);

static struct attribute *cgl_file_attrs[] = {
	&dev_attr_backing_file.attr,
	&dev_attr_offset.attr,
	&dev_attr_sizelimit.attr,
	&dev_attr_autoclear.attr,
	&dev_attr_partscan.attr,
	&dev_attr_dio.attr,
	NULL,
};

static const struct attribute_group cgl_file_group = {
	.name = "loop",
	.attrs = cgl_file_attrs,
};

int cgl_sysfs_bind(struct cgl_device *dev)
{
	return sysfs_create_group(&disk_to_dev(dev->disk)->kobj,
				  &cgl_file_group);
}

/* Waits for readers. */
void cgl_sysfs_unbind(struct cgl_device *dev)
{
	sysfs_remove_group(&disk_to_dev(dev->disk)->kobj, &cgl_file_group);
}
