// SPDX-License-Identifier: GPL-2.0
/*
 * The control device: add a device, remove one, find a free one.
 */
#include <linux/miscdevice.h>

#include "cgloop.h"

static long cgl_control_ioctl(struct file *file, unsigned int cmd,
			      unsigned long arg)
{
	int number = (int)arg;

	switch (cmd) {
	case LOOP_CTL_ADD:
		return cgl_device_add(number);
	case LOOP_CTL_REMOVE:
		return cgl_device_remove(number);
	case LOOP_CTL_GET_FREE:
		return cgl_device_get_free();
	}
	/* As the in-tree driver has it, and so the ABI. */
	return -ENOSYS;
}

static const struct file_operations cgl_control_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.unlocked_ioctl = cgl_control_ioctl,
	.compat_ioctl = cgl_control_ioctl,
	.llseek = noop_llseek,
};

static char cgl_control_name[32];

static struct miscdevice cgl_control = {
	.name = cgl_control_name,
	.fops = &cgl_control_fops,
};

/* The in-tree driver's minor goes with the in-tree driver's name. */
int cgl_control_init(const char *name)
{
	snprintf(cgl_control_name, sizeof(cgl_control_name), "%s-control",
		 name);
	cgl_control.minor =
		strcmp(name, "loop") ? MISC_DYNAMIC_MINOR : LOOP_CTRL_MINOR;
	return misc_register(&cgl_control);
}

void cgl_control_exit(void)
{
	misc_deregister(&cgl_control);
}
