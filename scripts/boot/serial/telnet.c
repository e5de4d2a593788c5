// SPDX-License-Identifier: GPL-2.0
/*
 * The little of the telnet protocol (RFC 854) that a console server needs: its
 * offers go unanswered, which declines them, and a break can be sent.
 */
#include "attend.h"

enum {
	SE = 240,
	BRK = 243,
	SB = 250,
	WILL = 251,
	DONT = 254,
	IAC = 255,
};

enum {
	TEXT,
	COMMAND, /* behind IAC */
	OPTION, /* behind WILL, WONT, DO, DONT */
	SUB, /* behind SB, until IAC SE */
	SUB_COMMAND,
};

const char telnet_break[2] = { (char)IAC, (char)BRK };

/* Behind IAC; true for the byte 255 itself, which is sent twice. */
static bool command(struct telnet *t, unsigned char byte)
{
	t->state = TEXT;
	if (byte == IAC)
		return true;
	if (byte == SB)
		t->state = SUB;
	else if (byte >= WILL && byte <= DONT)
		t->state = OPTION;
	t->spoken = t->spoken || t->state != TEXT;
	return false;
}

/* True for a byte that is text. */
static bool take(struct telnet *t, unsigned char byte)
{
	switch (t->state) {
	case TEXT:
		if (byte != IAC)
			return true;
		t->state = COMMAND;
		return false;
	case COMMAND:
		return command(t, byte);
	case OPTION:
		t->state = TEXT;
		return false;
	case SUB:
		if (byte == IAC)
			t->state = SUB_COMMAND;
		return false;
	default:
		t->state = byte == SE ? TEXT : SUB;
		return false;
	}
}

size_t telnet_filter(struct telnet *t, char *data, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++)
		if (take(t, (unsigned char)data[i]))
			data[kept++] = data[i];
	return kept;
}
