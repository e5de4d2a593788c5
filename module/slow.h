/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Built with CGL_SLOW=N, cgloop.ko takes N instructions more a request: for
 * tests that have to see a cost grow. Otherwise this is nothing.
 */
#ifndef CGLOOP_SLOW_H
#define CGLOOP_SLOW_H

#include <linux/stringify.h>

static inline void cgl_slow_down(void)
{
#ifdef CGL_SLOW
	asm volatile(".rept " __stringify(CGL_SLOW) "\n\tnop\n\t.endr");
#endif
}

#endif
