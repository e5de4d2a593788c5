/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The consoles beside standard output: a real machine has a screen, too, and
 * its firmware may have named a serial port that the kernel's words do not.
 */
#ifndef CB_CONSOLES_H
#define CB_CONSOLES_H

/*
 * Opens the kernel's other consoles, and the port of the firmware's table SPCR,
 * which it prints.
 */
void consoles_open(void);
/* Prints on standard output and on all of them: text for people, no records. */
void consoles_print(const char *text);
/* The firmware's port and speed, such as "ttyS1 115200"; "" if it has none. */
const char *consoles_firmware_port(void);

#endif
