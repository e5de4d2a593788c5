// SPDX-License-Identifier: GPL-2.0
// init as /sbin/modprobe: the kernel asks for modules by alias, and so may a
// shell.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "modprobe.h"
#include "module.h"
#include "util.h"

static const char usage[] = "usage: modprobe [-q] [--] NAME [KEY=VALUE...]\n"
			    "       modprobe -r NAME...\n";

static int complain(const char *name, bool quiet)
{
	if (!quiet)
		fprintf(stderr, "modprobe: %s: %s\n", name, strerror(errno));
	return 1;
}

static int remove_all(char **names)
{
	int ret = 0;

	for (; *names; names++)
		if (module_remove(*names) < 0)
			ret = complain(*names, false);
	return ret;
}

int modprobe_main(char **args)
{
	char params[PATH_LEN] = "";
	bool quiet = false;
	const char *name;
	size_t len;

	for (; *args && **args == '-'; args++) {
		if (!strcmp(*args, "-r"))
			return remove_all(args + 1);
		if (!strcmp(*args, "-q"))
			quiet = true;
		else if (strcmp(*args, "--"))
			break;
	}
	if (!*args || **args == '-') {
		fputs(usage, stderr);
		return 2;
	}
	name = *args++;
	for (; *args; args++) {
		len = strlen(params);
		text_set(params + len, sizeof(params) - len, "%s%s",
			 len ? " " : "", *args);
	}
	return module_request(name, params) < 0 ? complain(name, quiet) : 0;
}
