// SPDX-License-Identifier: GPL-2.0
/*
 * cgloop with its faults: the same source, as one file. main.c is the first
 * since it has the log's prefix, trace.c comes before those who use trace.h.
 */
#define CGL_INJECT

#include "main.c"
#include "trace.c"
#undef CREATE_TRACE_POINTS
#include "inject.c"
#include "control.c"
#include "binding.c"
#include "bind.c"
#include "ioctl.c"
#include "sysfs.c"
#include "stats.c"
#include "queue.c"
#include "fast.c"
#include "worker.c"
#include "charge.c"
#include "io.c"
