/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The medium that takes the results of a real machine: a FAT partition
 * labelled CHARGEBACK on the disk whose id the boot loader passes.  It holds
 * two files, RECORDS.LOG and CONSOLE.LOG, which were filled with newlines when
 * the medium was made.  They are written in place: no cluster is allocated
 * during a run, so a power cut costs one line at most.
 */
#ifndef CB_MEDIUM_H
#define CB_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Mounts the partition of the disk with this id, which is the eight
 * hexadecimal digits of its MBR's signature.  false: there is none, or more
 * than one, or its files are missing; nothing was written then, and why is in
 * error, PATH_LEN bytes.
 */
bool medium_open(const char *id, char *error);
bool medium_is_open(void);
/* The records on the medium, mapped; size is that of the file. */
const char *medium_records(size_t *size);
/*
 * Appends and waits until the medium has it; true: it is stored.  Without a
 * medium, or behind the end of the file, it does nothing; the first time it
 * says so on the console.
 */
bool medium_record(const char *line, size_t len);
void medium_console(const char *text, size_t len);
/* Unmounts it. */
void medium_close(void);

#endif
