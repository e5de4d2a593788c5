/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel modules, by what depmod wrote to /lib/modules/<release>. */
#ifndef CB_MODULE_H
#define CB_MODULE_H

#include <stdbool.h>

enum module_state {
	MODULE_ABSENT,
	MODULE_FILE,
	MODULE_BUILTIN,
};

/* Room for the names of all modules that a machine has loaded. */
#define MODULE_NAMES 16384

/* A name ends at a space, too, so that parameters may follow. */
enum module_state module_find(const char *name);
/*
 * Loads a module and what it depends on; one that is built in or loaded
 * already is left as it is.  params are those of the module itself.
 */
int module_load(const char *name, const char *params);
/* The same for what may be an alias: all modules that go by it. */
int module_request(const char *name, const char *params);
int module_remove(const char *name);
/* The names of all loaded modules, each between spaces. */
void module_list(char *buf, int size);
/*
 * Unloads the modules that are not in the list before, users first.  Returns
 * how many could not be unloaded within ms.
 */
int module_unload_new(const char *before, int ms);

#endif
