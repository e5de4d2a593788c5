// SPDX-License-Identifier: GPL-2.0
// Describes this machine from sysfs and procfs.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "consoles.h"
#include "machine.h"
#include "util.h"

/* The first line of a file, without the blanks around it; "" if none. */
static const char *first_line(const char *path, char *buf, size_t size)
{
	char *end;

	if (file_read(path, buf, size) < 0)
		return "";
	buf[strcspn(buf, "\n")] = '\0';
	for (end = buf + strlen(buf); end > buf && end[-1] == ' ';)
		*--end = '\0';
	return buf + strspn(buf, " ");
}

static void text(struct json *j, const char *key, const char *value)
{
	if (*value)
		json_text(j, key, value);
}

/* Adds the value of the first "key : value" line of /proc/cpuinfo. */
static void cpu_text(struct json *j, const char *name, const char *key)
{
	char info[2048], *at;

	if (file_read("/proc/cpuinfo", info, sizeof(info)) < 0)
		return;
	at = strstr(info, key);
	if (!at)
		return;
	at += strcspn(at, ":\n");
	if (*at != ':')
		return;
	at += 1 + strspn(at + 1, " ");
	at[strcspn(at, "\n")] = '\0';
	text(j, name, at);
}

void machine_describe(struct json *j)
{
	char vendor[64], product[64], bios[64], line[160];
	long long kib = file_key("/proc/meminfo", "MemTotal:");

	json_open(j, "machine", '{');
	text_set(line, sizeof(line), "%s %s",
		 first_line("/sys/class/dmi/id/sys_vendor", vendor,
			    sizeof(vendor)),
		 first_line("/sys/class/dmi/id/product_name", product,
			    sizeof(product)));
	if (strcmp(line, " "))
		text(j, "machine", line);
	text_set(line, sizeof(line), "%s %s",
		 access("/sys/firmware/efi", F_OK) ? "BIOS" : "UEFI",
		 first_line("/sys/class/dmi/id/bios_version", bios,
			    sizeof(bios)));
	text(j, "firmware", line);
	cpu_text(j, "cpu", "model name");
	cpu_text(j, "microcode", "microcode");
	if (kib > 0) {
		text_set(line, sizeof(line), "%lld MiB", kib / 1024);
		text(j, "memory", line);
	}
	text(j, "serial_port", consoles_firmware_port());
	json_close(j, '}');
}
