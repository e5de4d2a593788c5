// SPDX-License-Identifier: GPL-2.0
// fio, as a process of a scenario.
#include <fcntl.h>
#include <unistd.h>

#include "fio.h"
#include "scenario.h"

#define ARGS_MAX 32

static const char *const verify[] = {
	"fio",
	"--name=verify",
	"--ioengine=io_uring",
	"--rw=randwrite",
	"--verify=crc32c",
	"--verify_fatal=1",
	"--do_verify=1",
	"--verify_state_save=0",
	"--thread",
};

static void exec_fio(void *args)
{
	int null = CHECK(open("/dev/null", O_RDWR));

	CHECK(dup2(null, STDOUT_FILENO));
	CHECK(dup2(null, STDERR_FILENO));
	CHECK(chdir("/tmp"));
	CHECK(execv("/bin/fio", args));
}

int fio_verify(const char *const *args, int ms)
{
	const char *all[ARGS_MAX] = { NULL };
	size_t n = 0;

	for (; n < ARRAY_SIZE(verify); n++)
		all[n] = verify[n];
	for (; *args; args++) {
		if (n == ARGS_MAX - 1)
			FAIL(0, "more than %d arguments for fio", ARGS_MAX - 1);
		all[n++] = *args;
	}
	return process_run(NULL, exec_fio, all, ms);
}
