/* SPDX-License-Identifier: GPL-2.0 */
/* Prints results of the console as they come. */
#ifndef BOOT_PROGRESS_H
#define BOOT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	bool show;
	bool json; /* for programs, not for people */
	bool signs; /* print how long no result came: the terminal is ours alone */
	bool eta;
	unsigned long
		planned; /* results to come, from the plan line; 0: none yet */
	int64_t start_ms; /* when the plan line came */
	unsigned long done;
	bool drawn; /* the terminal's last line is to be overwritten */
	int64_t last_ms; /* when a result line was shown last */
	char line[512];
	size_t len;
	char panic[200]; /* the kernel's panic line */
};

/* shared: others write to the same terminal, so print whole lines only. */
void progress_init(struct progress *p, bool show, bool shared, bool eta);
/* Takes bytes of the console, cut anywhere. */
void progress_input(struct progress *p, const char *data, size_t len);
/* The time at which progress_tick() is due; 0: never. */
int64_t progress_due(const struct progress *p);
void progress_tick(struct progress *p, int64_t now);
void progress_clear(struct progress *p);

#endif
