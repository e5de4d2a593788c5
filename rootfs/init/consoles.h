/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The consoles beside standard output: a real machine has a screen, too, and
 * its firmware may have named a serial port that the kernel's words do not.
 */
#ifndef CB_CONSOLES_H
#define CB_CONSOLES_H

/*
 * Standard streams: those that the kernel has given init, or, where the console
 * is a port without a UART, the next console that works.
 */
void consoles_choose(void);
/*
 * Opens the kernel's other consoles, and the port of the firmware's table SPCR,
 * which it prints.
 */
void consoles_open(void);
/* The name of the console behind the standard streams; "" if not known. */
const char *consoles_own(void);
/* Prints on standard output and on all of them: text for people, no records. */
void consoles_print(const char *text);
/* The firmware's port and speed, such as "ttyS1 115200"; "" if it has none. */
const char *consoles_firmware_port(void);

#endif
