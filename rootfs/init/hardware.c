// SPDX-License-Identifier: GPL-2.0
// Drivers of real hardware, where the boot loader has passed them.
#include <stdio.h>

#include "hardware.h"
#include "module.h"
#include "util.h"

static const struct {
	enum hardware kind;
	const char *name, *params;
} drivers[] = {
	{ HARDWARE_DISKS, "xhci-pci", "" },
	{ HARDWARE_DISKS, "ehci-pci", "" },
	{ HARDWARE_DISKS, "uhci-hcd", "" },
	{ HARDWARE_DISKS, "usb-storage", "delay_use=0" },
	{ HARDWARE_DISKS, "uas", "" },
	{ HARDWARE_DISKS, "ahci", "" },
	{ HARDWARE_DISKS, "nvme", "" },
	{ HARDWARE_RAID, "megaraid_sas", "" },
	{ HARDWARE_RAID, "mpt3sas", "" },
	{ HARDWARE_RAID, "smartpqi", "" },
	{ HARDWARE_RAID, "hpsa", "" },
	{ HARDWARE_DISKS, "sd_mod", "" },
	{ HARDWARE_DISKS, "vfat", "" },
	{ HARDWARE_DISKS, "nls_cp437", "" },
	{ HARDWARE_DISKS, "nls_iso8859-1", "" },
	/* Where ACPI's own table names the right device, it comes first. */
	{ HARDWARE_WATCHDOGS, "wdat_wdt", "" },
	{ HARDWARE_WATCHDOGS, "iTCO_wdt", "" },
	{ HARDWARE_WATCHDOGS, "sp5100_tco", "" },
	{ HARDWARE_WATCHDOGS, "i6300esb", "" },
	/* Sizes in bytes, of the memory that reserve_mem= names oops. */
	{ HARDWARE_PSTORE, "ramoops",
	  "mem_name=oops record_size=131072 console_size=262144" },
	{ HARDWARE_PSTORE, "efi-pstore", "pstore_disable=N" },
	{ HARDWARE_KEYBOARDS, "i8042", "" },
	{ HARDWARE_KEYBOARDS, "atkbd", "" },
	{ HARDWARE_KEYBOARDS, "xhci-pci", "" },
	{ HARDWARE_KEYBOARDS, "ehci-pci", "" },
	{ HARDWARE_KEYBOARDS, "uhci-hcd", "" },
	{ HARDWARE_KEYBOARDS, "usbhid", "" },
	{ HARDWARE_KEYBOARDS, "hid-generic", "" },
};

/* Disks may be behind a RAID adapter. */
static bool is_of(enum hardware of, enum hardware kind)
{
	return of == kind || (of == HARDWARE_RAID && kind == HARDWARE_DISKS);
}

void hardware_load(enum hardware kind)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(drivers); i++)
		if (is_of(drivers[i].kind, kind) &&
		    module_find(drivers[i].name) == MODULE_FILE)
			module_load(drivers[i].name, drivers[i].params);
}

void hardware_print(bool raid)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		bool is_raid = drivers[i].kind == HARDWARE_RAID;

		if (is_raid == raid)
			puts(drivers[i].name);
	}
}
