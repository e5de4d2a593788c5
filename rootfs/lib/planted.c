// SPDX-License-Identifier: GPL-2.0
// For faults that test the harness.
#include "planted.h"
#include "scenario.h"

void planted_unless_off(void)
{
	bool off = variant_is("off");

	evidence("planted", !off, "faults");
	if (off)
		failed("the fault is off");
}
