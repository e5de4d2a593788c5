/* SPDX-License-Identifier: GPL-2.0 */
/* Objects in use of the kernel's slab caches. */
#ifndef CB_SLAB_H
#define CB_SLAB_H

/* The kernel counts them: CONFIG_SLUB_DEBUG. */
#define NEEDS_SLAB_OBJECTS "/sys/kernel/slab/kmalloc-64/objects"

/*
 * Counts the objects that a cache has given out.  Shrinks it first, which takes
 * back the free objects that CPUs, or KASAN, keep.  Several caches may share
 * their slabs, and then their count as well.  No such cache is an error.
 */
long long slab_objects(const char *cache);
/*
 * Waits until the cache has no more objects than that, and returns how many
 * more there are when none has gone for long.
 */
long long slab_wait(const char *cache, long long objects);

#endif
