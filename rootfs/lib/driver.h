/* SPDX-License-Identifier: GPL-2.0 */
/* The drivers under test, and binding a file to a device of theirs. */
#ifndef CB_DRIVER_H
#define CB_DRIVER_H

#include <stdbool.h>

struct driver {
	const char *name;
	const char *module; /* NULL: no driver, straight to the backing file */
	const char *params; /* of the module, when it is loaded */
	const char *device; /* /dev/<device>N and /dev/<device>-control */
	bool subject; /* may be selected; the others are controls */
};

/* NULL where there is no driver of that name. */
struct driver *driver_find(const char *name);
/* The names of the subjects, for messages. */
const char *driver_subjects(void);

/* Can its module be loaded, or is the driver built in? */
bool driver_there(const struct driver *d);
/* Loads the module; faults: of cgloop-inject, with commas between; or NULL. */
int driver_load(const struct driver *d, const char *faults);
/* Is it cgloop-inject? */
bool driver_has_faults(const struct driver *d);
/* cgloop-inject's faults by name; "\n" switches all of them off. */
#define DRIVER_FAULTS "/sys/module/cgloop_inject/parameters/inject"
/* Reserves a free device and returns its number; node gets its path. */
int driver_reserve(const struct driver *d, char *node);
/* Binds a file to a reserved device; flags: LO_FLAGS_*. */
int driver_bind(const char *node, const char *file, unsigned int flags);
/* Is a file bound to the device? */
bool driver_bound(const char *node);
/* Unbinds the device if a file is bound, at its last user's close. */
int driver_unbind(const char *node);
/* Unbinds and removes the device. */
int driver_remove(const struct driver *d, int number);
/*
 * A counter of cgloop's about one of its devices, from debugfs; one that is not
 * there is an error.
 */
long long driver_counter(const char *node, const char *key);
/* A device of cgloop's counts these for one pair of cgroups. */
struct driver_worker {
	long long max_queued, held, bios, bytes;
};

/*
 * Reads that from debugfs.  The cgroups go by their inode numbers; 0 is root.
 * false, and zeroes, if they have no worker.
 */
bool driver_worker(const char *node, long long memcg, long long blkcg,
		   struct driver_worker *w);
/* Has the driver such counters?  Only cgloop has. */
bool driver_has_counters(const struct driver *d);
/* Removes all devices that are still bound, and returns their number. */
int driver_remove_bound(const struct driver *d);

#endif
