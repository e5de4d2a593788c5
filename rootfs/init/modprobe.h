/* SPDX-License-Identifier: GPL-2.0 */
/* init as /sbin/modprobe. */
#ifndef CB_MODPROBE_H
#define CB_MODPROBE_H

/* args: behind the program's name.  Returns the exit status. */
int modprobe_main(char **args);

#endif
