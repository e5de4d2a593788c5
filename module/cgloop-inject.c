// SPDX-License-Identifier: GPL-2.0
/*
 * cgloop with its faults: the same source, as one file. A function that a fault
 * concerns gets another name where it is defined, cgl_real_*, and inject.h or
 * inject.c has one that takes its place. So no fault leaves a trace in the
 * source of cgloop.ko.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#define cgl_is_whole_blocks cgl_real_is_whole_blocks
#define cgl_bio_is_cache cgl_real_bio_is_cache
#define cgl_pays_memory cgl_real_pays_memory
#define cgl_task_is_limited cgl_real_task_is_limited
#define cgl_context_is_safe cgl_real_context_is_safe
#define cgl_bdev_takes cgl_real_bdev_takes
#define cgl_cache_is_writable cgl_real_cache_is_writable
#define cgl_overwrite_is_due cgl_real_overwrite_is_due
#define cgl_nowait_failed cgl_real_nowait_failed
#define cgl_flush_is_done cgl_real_flush_is_done
#define cgl_is_behind_end cgl_real_is_behind_end
#define cgl_task_frees_memory cgl_real_task_frees_memory
#define cgl_gfp_charged cgl_real_gfp_charged
#define cgl_media_change cgl_real_media_change
#include "cgloop.h"
#undef cgl_is_whole_blocks
#undef cgl_bio_is_cache
#undef cgl_pays_memory
#undef cgl_task_is_limited
#undef cgl_context_is_safe
#undef cgl_bdev_takes
#undef cgl_cache_is_writable
#undef cgl_overwrite_is_due
#undef cgl_nowait_failed
#undef cgl_flush_is_done
#undef cgl_is_behind_end
#undef cgl_task_frees_memory
#undef cgl_gfp_charged
#undef cgl_media_change

#include "inject.h"

#include "main.c"
#include "trace.c"
#undef CREATE_TRACE_POINTS
#include "control.c"
#include "ioctl.c"
#define file_path cgl_file_path
#include "sysfs.c"
#undef file_path
#include "stats.c"

#define cgl_binding_reap cgl_real_binding_reap
#define cgl_binding_replace cgl_real_binding_replace
#define cgl_limit cgl_real_limit
#define cgl_set_direct cgl_real_set_direct
#include "binding.c"
#undef cgl_binding_reap
#undef cgl_binding_replace
#undef cgl_limit
#undef cgl_set_direct

#define cgl_claim_whole cgl_real_claim_whole
#define cgl_unclaim_whole cgl_real_unclaim_whole
#define cgl_clear cgl_real_clear
#define cgl_unbind cgl_real_unbind
#include "bind.c"
#undef cgl_claim_whole
#undef cgl_unclaim_whole
#undef cgl_clear
#undef cgl_unbind

#define cgl_submit_bio cgl_real_submit_bio
#define cgl_cmd_end cgl_real_cmd_end
#undef kmem_cache_alloc
#undef mempool_init_slab_pool
#define kmem_cache_alloc cgl_cache_alloc
#define mempool_init_slab_pool(pool, nr, cache) \
	mempool_init(pool, nr, cgl_pool_alloc, mempool_free_slab, cache)
#include "queue.c"
#undef kmem_cache_alloc
#undef mempool_init_slab_pool
#undef cgl_submit_bio
#undef cgl_cmd_end

#define cgl_fast_path cgl_real_fast_path
#include "fast.c"
#undef cgl_fast_path
#include "cached.c"

#define WQ_FREEZABLE cgl_wq_freezable()
#define cgl_worker_get cgl_real_worker_get
#define cgl_submit cgl_real_submit
#define cgl_workers_exit cgl_real_workers_exit
#include "worker.c"
#undef WQ_FREEZABLE
#undef cgl_worker_get
#undef cgl_submit
#undef cgl_workers_exit

#define cgl_charge_get cgl_real_charge_get
#define cgl_scope_begin cgl_real_scope_begin
#include "charge.c"
#undef cgl_charge_get
#undef cgl_scope_begin

#define cgl_io_start cgl_real_io_start
#include "io.c"
#undef cgl_io_start

#include "inject.c"
