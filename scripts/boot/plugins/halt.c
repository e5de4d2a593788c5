// SPDX-License-Identifier: GPL-2.0
/*
 * A TCG plugin that closes a race in QEMU where the clock counts instructions
 * (-icount shift=0,sleep=off).
 *   -plugin halt.so
 *
 * While the processor is halted, QEMU's main loop moves the clock to the next
 * timer. helper_hlt() marks the processor as halted shortly before
 * icount_process_data() adds its instructions to the clock. If the main loop
 * runs in between, it moves the clock too far by that number. The main loop
 * wakes often, because each timer that the guest sets notifies it. So this
 * plugin makes the processor wait before a halt until the main loop sleeps.
 * From then on only the halt wakes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "qemu_plugin.h"

#define HLT 0xf4
/* Only a client of the monitor keeps the main loop awake for so long. */
#define PATIENCE_MS 1000

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_API;

static int main_stat = -1; /* of the thread that runs the main loop */

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* proc(5): the state is behind the name, which is in parentheses. */
static bool main_loop_sleeps(void)
{
	char stat[64], *name_end;
	ssize_t len = pread(main_stat, stat, sizeof(stat) - 1, 0);

	if (len < 0)
		return true;
	stat[len] = '\0';
	name_end = strrchr(stat, ')');
	/* Neither running nor in a call; one that is traced may stay so. */
	return !name_end ||
	       (strncmp(name_end, ") R", 3) && strncmp(name_end, ") D", 3));
}

static void on_halt(unsigned int cpu, void *data)
{
	long long until;

	(void)cpu;
	(void)data;
	if (main_loop_sleeps())
		return;
	until = now_ms() + PATIENCE_MS;
	do
		sched_yield();
	while (!main_loop_sleeps() && now_ms() < until);
}

static void on_translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint8_t *code = qemu_plugin_insn_data(insn);

		if (qemu_plugin_insn_size(insn) == 1 && *code == HLT)
			qemu_plugin_register_vcpu_insn_exec_cb(
				insn, on_halt, PLUGIN_NO_REGISTERS, NULL);
	}
}

PLUGIN_EXPORT int qemu_plugin_install(plugin_id id,
				      const struct plugin_info *info, int argc,
				      char **argv)
{
	char path[64];

	(void)argc;
	(void)argv;
	if (info->api.oldest > PLUGIN_API || info->api.newest < PLUGIN_API ||
	    strcmp(info->target, "x86_64") || !info->system) {
		fputs("halt: QEMU's plugin interface 1, for an x86_64 machine, "
		      "is allowed\n",
		      stderr);
		return 1;
	}
	/* The first thread becomes the main loop. */
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	main_stat = open(path, O_RDONLY | O_CLOEXEC);
	if (main_stat < 0) {
		fprintf(stderr, "halt: %s: %s\n", path, strerror(errno));
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
	return 0;
}
