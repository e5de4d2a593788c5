// SPDX-License-Identifier: GPL-2.0
// The machine's watchdog, by the kernel's watchdog API
// (Documentation/watchdog/watchdog-api.rst).
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/watchdog.h>

#include "hardware.h"
#include "util.h"
#include "watchdog.h"

#define FEED_MS 1000

static int dog = -1;
static bool has_reset;
static long long next_feed;

bool watchdog_arm(int seconds)
{
	int status = 0;

	hardware_load(HARDWARE_WATCHDOGS);
	dog = open("/dev/watchdog", O_WRONLY | O_CLOEXEC);
	if (dog < 0)
		return false;
	if (ioctl(dog, WDIOC_GETBOOTSTATUS, &status) == 0)
		has_reset = status & WDIOF_CARDRESET;
	ioctl(dog, WDIOC_SETTIMEOUT, &seconds);
	watchdog_feed();
	return true;
}

bool watchdog_has_reset(void)
{
	return has_reset;
}

void watchdog_feed(void)
{
	if (dog < 0 || now_ms() < next_feed)
		return;
	next_feed = now_ms() + FEED_MS;
	ioctl(dog, WDIOC_KEEPALIVE, 0);
}

/* A driver stops its watchdog only after the letter V. */
void watchdog_disarm(void)
{
	if (dog < 0)
		return;
	if (write(dog, "V", 1) == 1)
		close(dog);
	dog = -1;
}
