// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters, and the devices: made, found, removed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/major.h>
#include <linux/slab.h>

#include "cgloop.h"

const char *const cgl_workers_names[] = {
	[CGL_WORKERS_SINGLE] = "single",
	[CGL_WORKERS_CGROUP] = "cgroup",
	[CGL_WORKERS_CMD] = "cmd",
	NULL,
};

const char *const cgl_charge_names[] = {
	[CGL_CHARGE_NONE] = "none",
	[CGL_CHARGE_BLKCG] = "blkcg",
	[CGL_CHARGE_ALL] = "all",
	NULL,
};

enum {
	CGL_NAME_CGLOOP,
	CGL_NAME_LOOP
};

static const char *const cgl_names[] = {
	[CGL_NAME_CGLOOP] = "cgloop",
	[CGL_NAME_LOOP] = "loop",
	NULL,
};

static int cgl_workers = CGL_WORKERS_CGROUP;
static int cgl_charge = CGL_CHARGE_ALL;
static int cgl_name_index = CGL_NAME_CGLOOP;
static int cgl_max_part;
static int cgl_idle_secs = 10;
static int cgl_major;

/* Protects the table; an entry without a device is one being made or removed */
static DEFINE_IDR(cgl_idr);
static DEFINE_MUTEX(cgl_idr_lock);

/* Protects which file each device leads to, for those who follow a chain. */
DEFINE_MUTEX(cgl_chain_lock);

const char *cgl_name(void)
{
	return cgl_names[cgl_name_index];
}

bool cgl_scan_always(void)
{
	return cgl_max_part;
}

/* In jiffies. */
unsigned long cgl_idle_time(void)
{
	return READ_ONCE(cgl_idle_secs) * HZ;
}

/* The index of @word; -EINVAL, and a line in the log, if it is none of them. */
static int cgl_parse(const char *what, const char *const *words,
		     const char *word)
{
	int i = __sysfs_match_string(words, -1, word);

	if (i < 0)
		pr_err("%s=%.32s: allowed are %s, %s%s%s\n", what, word,
		       words[0], words[1], words[2] ? ", " : "",
		       words[2] ?: "");
	return i;
}

int cgl_parse_workers(const char *word)
{
	return cgl_parse("workers", cgl_workers_names, word);
}

int cgl_parse_charge(const char *word)
{
	return cgl_parse("charge", cgl_charge_names, word);
}

static int cgl_param_set(int *value, int parsed)
{
	if (parsed < 0)
		return parsed;
	WRITE_ONCE(*value, parsed);
	return 0;
}

static int cgl_workers_set(const char *word, const struct kernel_param *kp)
{
	return cgl_param_set(&cgl_workers, cgl_parse_workers(word));
}

static int cgl_workers_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", cgl_workers_names[cgl_workers]);
}

static int cgl_charge_set(const char *word, const struct kernel_param *kp)
{
	return cgl_param_set(&cgl_charge, cgl_parse_charge(word));
}

static int cgl_charge_get_param(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", cgl_charge_names[cgl_charge]);
}

static int cgl_name_set(const char *word, const struct kernel_param *kp)
{
	return cgl_param_set(&cgl_name_index,
			     cgl_parse("name", cgl_names, word));
}

static int cgl_name_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", cgl_name());
}

static int cgl_parse_int(const char *what, int min, int max, const char *word)
{
	int value;

	if (!kstrtoint(word, 10, &value) && value >= min && value <= max)
		return value;
	pr_err("%s=%.32s: allowed is %d to %d\n", what, word, min, max);
	return -EINVAL;
}

static int cgl_max_part_set(const char *word, const struct kernel_param *kp)
{
	return cgl_param_set(&cgl_max_part,
			     cgl_parse_int("max_part", 0, DISK_MAX_PARTS - 1,
					   word));
}

static int cgl_idle_secs_set(const char *word, const struct kernel_param *kp)
{
	return cgl_param_set(&cgl_idle_secs,
			     cgl_parse_int("idle_secs", 1, 3600, word));
}

static const struct kernel_param_ops cgl_workers_ops = {
	.set = cgl_workers_set,
	.get = cgl_workers_get,
};

static const struct kernel_param_ops cgl_charge_ops = {
	.set = cgl_charge_set,
	.get = cgl_charge_get_param,
};

static const struct kernel_param_ops cgl_name_ops = {
	.set = cgl_name_set,
	.get = cgl_name_get,
};

static const struct kernel_param_ops cgl_max_part_ops = {
	.set = cgl_max_part_set,
	.get = param_get_int,
};

static const struct kernel_param_ops cgl_idle_secs_ops = {
	.set = cgl_idle_secs_set,
	.get = param_get_int,
};

module_param_cb(workers, &cgl_workers_ops, NULL, 0644);
MODULE_PARM_DESC(
	workers,
	"Who runs I/O on new devices: single (one thread), cgroup (one for each cgroup; default), cmd (a work item for each command)");
module_param_cb(charge, &cgl_charge_ops, NULL, 0644);
MODULE_PARM_DESC(
	charge,
	"What is charged to the issuer on new devices: none, blkcg (I/O), all (I/O and memory; default)");
module_param_cb(name, &cgl_name_ops, NULL, 0444);
MODULE_PARM_DESC(
	name,
	"Names to take: cgloop (default), loop (those of the in-tree driver, which must not be loaded)");
module_param_cb(max_part, &cgl_max_part_ops, &cgl_max_part, 0444);
MODULE_PARM_DESC(
	max_part,
	"Partitions a device has minor numbers for (0 to 255, default 0); if not 0, every bound device is scanned");
module_param_cb(idle_secs, &cgl_idle_secs_ops, &cgl_idle_secs, 0644);
MODULE_PARM_DESC(
	idle_secs,
	"After how long an idle worker is freed, in seconds (1 to 3600, default 10)");

static void cgl_device_setup(struct cgl_device *dev, int number)
{
	dev->number = number;
	mutex_init(&dev->change);
	mutex_init(&dev->lock);
	INIT_LIST_HEAD(&dev->replaced);
	dev->workers_mode = READ_ONCE(cgl_workers);
	dev->charge_mode = READ_ONCE(cgl_charge);
}

static void cgl_disk_setup(struct cgl_device *dev)
{
	int part_shift = fls(cgl_max_part);
	struct gendisk *disk = dev->disk;

	disk->major = cgl_major;
	disk->first_minor = dev->number << part_shift;
	disk->minors = 1 << part_shift;
	disk->fops = &cgl_fops;
	disk->private_data = dev;
	disk->events = DISK_EVENT_MEDIA_CHANGE;
	disk->event_flags = DISK_EVENT_FLAG_UEVENT;
	snprintf(disk->disk_name, DISK_NAME_LEN, "%s%d", cgl_name(),
		 dev->number);
	set_bit(GD_SUPPRESS_PART_SCAN, &disk->state);
}

/* Everything of a device but its number, up to its appearance. */
static struct cgl_device *cgl_device_make(int number)
{
	struct cgl_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int err = -ENOMEM;

	if (!dev)
		return ERR_PTR(err);
	cgl_device_setup(dev, number);
	dev->stats = alloc_percpu(struct cgl_stats);
	if (!dev->stats)
		goto out_dev;
	err = cgl_workers_init(dev);
	if (err)
		goto out_stats;
	err = cgl_reserve_init(dev);
	if (err)
		goto out_workers;
	dev->disk = cgl_alloc_disk(CGL_MAX_SECTORS);
	err = PTR_ERR_OR_ZERO(dev->disk);
	if (err)
		goto out_reserve;
	cgl_disk_setup(dev);
	err = device_add_disk(NULL, dev->disk, cgl_groups);
	if (err)
		goto out_disk;
	cgl_stats_add(dev);
	return dev;

out_disk:
	put_disk(dev->disk);
out_reserve:
	cgl_reserve_exit(dev);
out_workers:
	cgl_workers_exit(dev);
out_stats:
	free_percpu(dev->stats);
out_dev:
	kfree(dev);
	return ERR_PTR(err);
}

/* The rest goes with the last one who has the disk open. */
static void cgl_device_destroy(struct cgl_device *dev)
{
	cgl_stats_remove(dev);
	del_gendisk(dev->disk);
	cgl_workers_exit(dev);
	cgl_reserve_exit(dev);
	put_disk(dev->disk);
}

/*
 * Make device @number, or one with the lowest free number if it is negative.
 * Returns the number; -EEXIST if there is one, -EINVAL beyond the minors.
 */
int cgl_device_add(int number)
{
	int max = MINORMASK >> fls(cgl_max_part);
	struct cgl_device *dev;
	int id;

	if (number > max)
		return -EINVAL;
	mutex_lock(&cgl_idr_lock);
	id = number < 0 ?
		     idr_alloc(&cgl_idr, NULL, 0, max + 1, GFP_KERNEL) :
		     idr_alloc(&cgl_idr, NULL, number, number + 1, GFP_KERNEL);
	mutex_unlock(&cgl_idr_lock);
	if (id < 0)
		return id == -ENOSPC ? -EEXIST : id;

	dev = cgl_device_make(id);
	mutex_lock(&cgl_idr_lock);
	if (IS_ERR(dev))
		idr_remove(&cgl_idr, id);
	else
		idr_replace(&cgl_idr, dev, id);
	mutex_unlock(&cgl_idr_lock);
	return IS_ERR(dev) ? PTR_ERR(dev) : id;
}

/* Is @dev nobody's? If so it is from now on beyond reach. */
static int cgl_device_retire(struct cgl_device *dev)
{
	int err = 0;

	mutex_lock(&dev->lock);
	if (dev->state != CGL_UNBOUND || dev->openers)
		err = -EBUSY;
	else
		dev->state = CGL_DELETING;
	mutex_unlock(&dev->lock);
	return err;
}

/* -ENODEV if there is none, -EBUSY if it is bound or open. */
int cgl_device_remove(int number)
{
	struct cgl_device *dev;
	int err;

	if (number < 0)
		return -EINVAL;
	err = mutex_lock_killable(&cgl_idr_lock);
	if (err)
		return err;
	dev = idr_find(&cgl_idr, number);
	err = dev ? cgl_device_retire(dev) : -ENODEV;
	if (!err)
		idr_replace(&cgl_idr, NULL, number);
	mutex_unlock(&cgl_idr_lock);
	if (err)
		return err;

	cgl_device_destroy(dev);
	mutex_lock(&cgl_idr_lock);
	idr_remove(&cgl_idr, number);
	mutex_unlock(&cgl_idr_lock);
	return 0;
}

/* The number of an unbound device, made if there is none. */
int cgl_device_get_free(void)
{
	struct cgl_device *dev;
	int id, err;

	err = mutex_lock_killable(&cgl_idr_lock);
	if (err)
		return err;
	idr_for_each_entry(&cgl_idr, dev, id) {
		if (READ_ONCE(dev->state) == CGL_UNBOUND)
			break;
	}
	mutex_unlock(&cgl_idr_lock);
	return dev ? id : cgl_device_add(-1);
}

static int __init cgl_init(void)
{
	int err;

	/* The in-tree driver's major if it is there to be had. */
	cgl_major = -EBUSY;
	if (cgl_name_index == CGL_NAME_LOOP &&
	    !register_blkdev(LOOP_MAJOR, cgl_name()))
		cgl_major = LOOP_MAJOR;
	if (cgl_major < 0)
		cgl_major = register_blkdev(0, cgl_name());
	if (cgl_major < 0)
		return cgl_major;
	err = cgl_queue_init();
	if (err)
		goto out_major;
	cgl_stats_init();
	err = cgl_control_init(cgl_name());
	if (!err)
		return 0;

	pr_err("no %s-control: another driver has the name?\n", cgl_name());
	cgl_stats_exit();
	cgl_queue_exit();
out_major:
	unregister_blkdev(cgl_major, cgl_name());
	return err;
}

/* No device is bound or open: each of those pins the module. */
static void __exit cgl_exit(void)
{
	struct cgl_device *dev;
	int id;

	cgl_control_exit();
	idr_for_each_entry(&cgl_idr, dev, id)
		cgl_device_destroy(dev);
	idr_destroy(&cgl_idr);
	cgl_stats_exit();
	cgl_queue_exit();
	unregister_blkdev(cgl_major, cgl_name());
}

module_init(cgl_init);
module_exit(cgl_exit);

MODULE_DESCRIPTION("Loop block device that charges I/O to its issuer");
MODULE_LICENSE("GPL");
