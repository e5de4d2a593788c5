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

/* Modes are those of the next binding: -EBUSY while there is one. */
static int cgl_change_unbound(struct cgl_device *dev)
{
	int err = mutex_lock_killable(&dev->change);

	if (err)
		return err;
	if (dev->state == CGL_UNBOUND)
		return 0;
	mutex_unlock(&dev->change);
	return -EBUSY;
}

static ssize_t workers_store(struct device *device,
			     struct device_attribute *attr, const char *buf,
			     size_t count)
{
	struct cgl_device *dev = cgl_from_device(device);
	int mode = cgl_parse_workers(buf);
	int err = mode < 0 ? mode : cgl_change_unbound(dev);

	if (err)
		return err;
	dev->workers_mode = mode;
	cgl_workers_limit(dev);
	mutex_unlock(&dev->change);
	return count;
}

static ssize_t charge_store(struct device *device,
			    struct device_attribute *attr, const char *buf,
			    size_t count)
{
	struct cgl_device *dev = cgl_from_device(device);
	int mode = cgl_parse_charge(buf);
	int err = mode < 0 ? mode : cgl_change_unbound(dev);

	if (err)
		return err;
	dev->charge_mode = mode;
	mutex_unlock(&dev->change);
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
 * The binding that a reader finds stays, and with it its file, until he is
 * done. There is none for a moment at either end: that reads as nothing.
 */
static ssize_t backing_file_show(struct device *device,
				 struct device_attribute *attr, char *buf)
{
	struct cgl_binding *binding = cgl_binding_get(cgl_from_device(device));
	char *name;
	size_t len;

	if (!binding)
		return 0;
	name = file_path(binding->file, buf, PAGE_SIZE - 1);
	cgl_binding_put(binding);
	if (IS_ERR(name))
		return PTR_ERR(name);
	len = strlen(name);
	memmove(buf, name, len);
	buf[len++] = '\n';
	buf[len] = '\0';
	return len;
}

static ssize_t cgl_show(struct device *device, char *buf,
			loff_t (*value)(const struct cgl_binding *binding))
{
	struct cgl_binding *binding = cgl_binding_get(cgl_from_device(device));
	ssize_t len;

	if (!binding)
		return 0;
	len = sysfs_emit(buf, "%lld\n", value(binding));
	cgl_binding_put(binding);
	return len;
}

#define CGL_BINDING_ATTR(name, field)                                        \
	static loff_t name##_of(const struct cgl_binding *binding)           \
	{                                                                    \
		return binding->field;                                       \
	}                                                                    \
	static ssize_t name##_show(struct device *device,                    \
				   struct device_attribute *attr, char *buf) \
	{                                                                    \
		return cgl_show(device, buf, name##_of);                     \
	}                                                                    \
	static DEVICE_ATTR_RO(name)

#define CGL_FLAG_ATTR(name, field)                                           \
	static ssize_t name##_show(struct device *device,                    \
				   struct device_attribute *attr, char *buf) \
	{                                                                    \
		return sysfs_emit(buf, "%d\n",                               \
				  cgl_from_device(device)->field);           \
	}                                                                    \
	static DEVICE_ATTR_RO(name)

static DEVICE_ATTR_RO(backing_file);
CGL_BINDING_ATTR(offset, offset);
CGL_BINDING_ATTR(sizelimit, sizelimit);
CGL_BINDING_ATTR(dio, direct);
CGL_FLAG_ATTR(autoclear, autoclear);
CGL_FLAG_ATTR(partscan, partscan);

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
