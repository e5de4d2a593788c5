/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: a command on its way, and whom it is charged to: inode numbers
 * of cgroups, 0 for root. Bios that are merely remapped have the block layer's
 * own tracepoints, on both devices.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cgloop

#if !defined(CGLOOP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define CGLOOP_TRACE_H

#include <linux/tracepoint.h>

#include "cgloop.h"

/* clang-format off */
DECLARE_EVENT_CLASS(cgloop_cmd, TP_PROTO(struct cgl_cmd *cmd), TP_ARGS(cmd),
		    TP_STRUCT__entry(__field(dev_t, dev)
				     __field(sector_t, sector)
				     __field(unsigned int, bytes)
				     __field(unsigned int, op)
				     __field(u64, memcg)
				     __field(u64, blkcg)),
		    TP_fast_assign(__entry->dev = disk_devt(cmd->dev->disk);
				   __entry->sector = cgl_cmd_sector(cmd);
				   __entry->bytes = cmd->total;
				   __entry->op =
					(__force u32)bio_op(cmd->bio);
				   __entry->memcg = cgl_memcg_ino(&cmd->charge);
				   __entry->blkcg =
					cgl_blkcg_ino(&cmd->charge);),
		    TP_printk("%d,%d op %u %llu + %u memcg %llu blkcg %llu",
			      MAJOR(__entry->dev), MINOR(__entry->dev),
			      __entry->op, (unsigned long long)__entry->sector,
			      __entry->bytes, __entry->memcg, __entry->blkcg));

DEFINE_EVENT(cgloop_cmd, cgloop_submit, TP_PROTO(struct cgl_cmd *cmd),
	     TP_ARGS(cmd));

DEFINE_EVENT(cgloop_cmd, cgloop_start, TP_PROTO(struct cgl_cmd *cmd),
	     TP_ARGS(cmd));

DEFINE_EVENT(cgloop_cmd, cgloop_complete, TP_PROTO(struct cgl_cmd *cmd),
	     TP_ARGS(cmd));
/* clang-format on */

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
