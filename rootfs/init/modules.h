/* SPDX-License-Identifier: GPL-2.0 */
/* The modules of the kernel under test that an image has to hold. */
#ifndef CB_MODULES_H
#define CB_MODULES_H

struct plan;

/*
 * Loads what the record channel and the panic notifier need.  Where a module
 * or its device is missing there is another channel.
 */
void modules_load_channel(void);
/* Prints the names of all that init or a scenario may load, one per line. */
void modules_print(void);
/* Prints lines "NEED SCENARIO", one for each need of each entry. */
void modules_print_needs(const struct plan *p);

#endif
