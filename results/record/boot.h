/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The folder of one boot, whoever made it: boot.json, which states how the
 * boot ended, records.raw and console.log. FORMAT.md describes all three.
 */
#ifndef CB_RECORD_BOOT_H
#define CB_RECORD_BOOT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"
#include "record/records.h"

#define BOOT_INFO "boot.json"
#define BOOT_RECORDS "records.raw"
#define BOOT_CONSOLE "console.log"

enum boot_end {
	END_NONE, /* the boot is not over; never in a file */
	END_POWEROFF,
	END_RESET,
	END_PANIC,
	END_HANG,
	END_DEADLINE,
	END_VMM_DIED,
	END_INTERRUPTED,
	BOOT_ENDS,
};

extern const char *const boot_end_names[BOOT_ENDS];

/* A text that is NULL is not known, and left out of the file. */
struct boot_info {
	enum boot_end end;
	const char *detail; /* how it ended, for people */
	const char *words; /* that were added to the kernel's command line */
	const char *accel; /* "tcg" or "kvm"; "none": no virtual machine */
	const char *qemu; /* its version */
	const char *mem; /* of the machine, such as "1G" */
	const char *clock; /* of the guest: "wall", or "virtual" */
	int64_t smp; /* processors; 0: not known */
	int64_t wall_ms; /* from the start to the end */
	int64_t first_record_ms; /* from the start; -1: none came */
	bool truncated; /* a file of the folder outgrew its limit and was cut */
	json_t *json; /* what was read, and is borrowed from; owned */
};

/*
 * Reads boot.json of the folder dir, or takes over json, which path is for in
 * messages. 0, or -1 with err set; boot_info_free() in both cases.
 */
int boot_info_read(struct boot_info *b, const char *dir, struct error *err);
int boot_info_parse(struct boot_info *b, json_t *json, const char *path,
		    struct error *err);
void boot_info_free(struct boot_info *b);

/*
 * Puts boot.json into the folder dir, as the last file of it: it is there whole
 * or not at all. 0, or -1 with err set.
 */
int boot_info_write(const struct boot_info *b, const char *dir,
		    struct error *err);

/* One field as text, "" where it is not known; NULL: there is no such field. */
char *boot_info_field(const struct boot_info *b, const char *key);
/* The names of all fields, for a message. */
extern const char boot_info_fields[];

/*
 * Feeds the folder's records: records.raw or, where that holds none, those in
 * console.log. Both must be readable. 0, or -1 with err set.
 */
int boot_records_read(struct records *r, const char *dir, struct error *err);

#endif
