// SPDX-License-Identifier: GPL-2.0
// The consoles beside standard output.
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <linux/serial.h>

#include "consoles.h"
#include "util.h"

#define OTHERS_MAX 8
#define SPCR "/sys/firmware/acpi/tables/SPCR"

static int others[OTHERS_MAX], count;
static char firmware_port[64];
static char chosen[64]; /* the console behind the standard streams */

/*
 * Where the table has what (Microsoft's specification of the Serial Port
 * Console Redirection Table): a generic address, whose first byte is 1 for an
 * I/O port, and the speed.
 */
enum {
	SPCR_SPACE = 40,
	SPCR_ADDRESS = 44,
	SPCR_SPEED = 58,
	SPCR_LEN = 80,
	SPACE_MEMORY = 0,
	SPACE_PORT = 1,
};

static const struct {
	int code, baud;
	speed_t speed;
} speeds[] = {
	{ 3, 9600, B9600 },
	{ 4, 19200, B19200 },
	{ 6, 57600, B57600 },
	{ 7, 115200, B115200 },
};

static void open_other(const char *name)
{
	char node[PATH_LEN];
	int fd;

	text_set(node, sizeof(node), "/dev/%s", name);
	fd = open(node, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && count < OTHERS_MAX)
		others[count++] = fd;
	else if (fd >= 0)
		close(fd);
}

/* The UART at this address: its name; false if there is none. */
static bool find_uart(const char *file, unsigned long long address, char *name,
		      size_t size)
{
	char pattern[PATH_LEN], text[64];
	bool found = false;
	glob_t ports;
	size_t i;

	text_set(pattern, sizeof(pattern), "/sys/class/tty/ttyS*/%s", file);
	if (glob(pattern, 0, NULL, &ports))
		return false;
	for (i = 0; i < ports.gl_pathc && !found; i++) {
		if (file_read(ports.gl_pathv[i], text, sizeof(text)) < 0 ||
		    strtoull(text, NULL, 16) != address)
			continue;
		*strrchr(ports.gl_pathv[i], '/') = '\0';
		text_set(name, size, "%s", strrchr(ports.gl_pathv[i], '/') + 1);
		found = true;
	}
	globfree(&ports);
	return found;
}

static void set_speed(int fd, speed_t speed)
{
	struct termios line;

	if (tcgetattr(fd, &line) < 0)
		return;
	cfmakeraw(&line);
	cfsetspeed(&line, speed);
	tcsetattr(fd, TCSANOW, &line);
}

/* Index into speeds; a code that is missing there means: as it is. */
static int speed_of(const unsigned char *table)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(speeds); i++)
		if (speeds[i].code == table[SPCR_SPEED])
			return i;
	return -1;
}

/* The name of the port in the table; false if there is no such port. */
static bool read_spcr(char *name, size_t size, int *speed)
{
	unsigned char table[SPCR_LEN];
	uint64_t address;
	int fd = open(SPCR, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, table, sizeof(table));
	close(fd);
	if (n < SPCR_LEN)
		return false;
	memcpy(&address, table + SPCR_ADDRESS, sizeof(address));
	*speed = speed_of(table);
	switch (table[SPCR_SPACE]) {
	case SPACE_PORT:
		return find_uart("port", address, name, size);
	case SPACE_MEMORY:
		return find_uart("iomem_base", address, name, size);
	default:
		return false;
	}
}

/* names is a list of words. */
static bool has_word(const char *names, const char *word)
{
	char padded[160], wanted[80];

	text_set(padded, sizeof(padded), " %.150s ", names);
	text_set(wanted, sizeof(wanted), " %.70s ", word);
	return strstr(padded, wanted);
}

static void open_firmware_port(const char *active)
{
	char name[32];
	int speed;

	if (!read_spcr(name, sizeof(name), &speed))
		return;
	text_set(firmware_port, sizeof(firmware_port), "%s", name);
	if (speed >= 0)
		text_set(firmware_port, sizeof(firmware_port), "%s %d", name,
			 speeds[speed].baud);
	if (has_word(active, name))
		return;
	open_other(name);
	if (count && speed >= 0)
		set_speed(others[count - 1], speeds[speed].speed);
	printf("# the firmware's console is %s: results are printed there, "
	       "too; the kernel's own lines need console=%s,115200\n",
	       firmware_port, name);
}

/* The kernel takes a port for a console even where there is no UART. */
static bool is_dead(int fd)
{
	struct serial_struct uart;

	return ioctl(fd, TIOCGSERIAL, &uart) == 0 && uart.type == PORT_UNKNOWN;
}

static bool choose(const char *name)
{
	char node[PATH_LEN];
	int fd, i;

	text_set(node, sizeof(node), "/dev/%s", name);
	fd = open(node, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (!is_dead(fd)) {
		for (i = 0; i <= STDERR_FILENO; i++)
			CHECK(dup2(fd, i));
		text_set(chosen, sizeof(chosen), "%s", name);
	}
	close(fd);
	return *chosen;
}

void consoles_choose(void)
{
	char active[128], *name;

	if (file_read("/sys/class/tty/console/active", active, sizeof(active)) <
	    0)
		return;
	active[strcspn(active, "\n")] = '\0';
	name = strrchr(active, ' ');
	if (!is_dead(STDOUT_FILENO)) {
		text_set(chosen, sizeof(chosen), "%s",
			 name ? name + 1 : active);
		return;
	}
	/* The kernel lists the one that it prefers last. */
	while (name) {
		*name = '\0';
		name = strrchr(active, ' ');
		if (choose(name ? name + 1 : active))
			return;
	}
}

const char *consoles_own(void)
{
	return chosen;
}

void consoles_open(void)
{
	char active[128], words[128], *word, *rest;

	if (file_read("/sys/class/tty/console/active", active, sizeof(active)) <
	    0)
		return;
	active[strcspn(active, "\n")] = '\0';
	text_set(words, sizeof(words), "%s", active);
	for (word = strtok_r(words, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		if (strcmp(word, chosen))
			open_other(word);
	open_firmware_port(active);
}

/* A console that fails is no reason to end a run. */
void consoles_print(const char *text)
{
	int i;

	fputs(text, stdout);
	fflush(stdout);
	for (i = 0; i < count; i++)
		if (write(others[i], text, strlen(text)) < 0 && errno == EIO)
			others[i] = others[--count];
}

const char *consoles_firmware_port(void)
{
	return firmware_port;
}
