/* SPDX-License-Identifier: GPL-2.0 */
/* Marks the begin and end of a measured part for a profiler in the emulator. */
#ifndef CB_MARK_H
#define CB_MARK_H

/*
 * A mark is a long NOP, 0f 1f 80 and four bytes that no compiler pads with:
 * it needs no privilege, changes nothing, and costs one instruction whether
 * somebody looks for it or not.
 */
#define MARK_BYTES 7
#define MARK_BEGIN 0x01b0cb01
#define MARK_END 0x02b0cb02

static inline void mark_begin(void)
{
	asm volatile("nopl %c0(%%rax)" : : "i"(MARK_BEGIN) : "memory");
}

static inline void mark_end(void)
{
	asm volatile("nopl %c0(%%rax)" : : "i"(MARK_END) : "memory");
}

#endif
