// SPDX-License-Identifier: GPL-2.0
/* The QEMU process: its arguments, its channels, its death. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervise.h"

#define MAX_ARGS 64
#define PIPE_BYTES (1024 * 1024) /* what anybody may ask for */

/* Our end of every channel never blocks: QEMU may stop reading or writing. */
static void unblock(int fd)
{
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK))
		die("fcntl: %s", strerror(errno));
}

static int open_socket(int *theirs)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		die("socketpair: %s", strerror(errno));
	unblock(fds[0]);
	*theirs = fds[1];
	return fds[0];
}

static int open_pipe(int *theirs)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	*theirs = fds[1];
	return fds[0];
}

/*
 * A pipe with room for more than a boot says in one go.  A full channel would
 * hold up the guest for as long as the host likes, which its clock, counting
 * instructions, would show.
 */
static int open_wide_pipe(int *theirs)
{
	int ours = open_pipe(theirs);

	if (fcntl(ours, F_SETPIPE_SZ, PIPE_BYTES) < 0)
		die("a pipe of %d bytes: %s", PIPE_BYTES, strerror(errno));
	unblock(ours);
	return ours;
}

/*
 * One host thread for all emulated processors: with a thread each, code that
 * one processor patches while another runs it has ended a busy host's boot in
 * an int3 oops, which would be taken for the kernel's own fault.
 */
static const char tcg_accel[] = "tcg,thread=single";

/*
 * Emulated string instructions move a byte at a time: without these two flags
 * the kernel copies by words, and a run takes a sixth less.
 *
 * No page tables of five levels: a kernel forgets for a moment of its boot that
 * it has them (identify_cpu() clears all capabilities), and an interrupt just
 * then has KASAN look in the wrong place. What KASAN reports first is its last
 * word, and lockdep's end.
 */
static const char tcg_cpu[] = "max,-erms,-fsrm,-la57";
static const char host_cpu[] = "host,-la57";

/* A starved host misses the timer ticks that the boot's own test waits for. */
static const char tcg_words[] = "no_timer_check";

/*
 * The clock is an instruction's own then, and no emulated device's.  A
 * processor with as few features as can be is the same with any QEMU.  One race
 * is left, which scripts/boot/plugins/halt.c closes.
 */
static const char virtual_cpu[] = "qemu64,-rdrand,-rdseed";
static const char virtual_words[] = " clocksource=tsc tsc=reliable"
				    " cb.records=ttyS1";

static const char *kernel_words(const struct options *opt, bool tcg)
{
	static char *words;

	if (asprintf(&words, "%s%s%s%s", tcg ? tcg_words : "",
		     opt->virtual ? virtual_words : "",
		     tcg && opt->append ? " " : "",
		     opt->append ? opt->append : "") < 0)
		die("asprintf: %s", strerror(errno));
	return words;
}

struct args {
	const char *list[MAX_ARGS];
	size_t count;
};

static void add(struct args *a, const char *option, const char *value)
{
	a->list[a->count++] = option;
	if (value)
		a->list[a->count++] = value;
}

static void add_channels(struct args *a, const struct options *opt,
			 const int *fds)
{
	static const char *const names[] = { "console", "records", "qmp" };
	static char text[3][48];

	for (int i = 0; i < 3; i++) {
		snprintf(text[i], sizeof(text[i]),
			 opt->virtual && i < 2 ? "file,id=%s,path=/dev/fd/%d" :
						 "socket,id=%s,fd=%d",
			 names[i], fds[i]);
		add(a, "-chardev", text[i]);
	}
	add(a, "-mon", "chardev=qmp,mode=control");
	add(a, "-device", "isa-serial,chardev=console");
	/* Interrupts of a virtio device come when the host finds the time. */
	if (opt->virtual) {
		add(a, "-device", "isa-serial,chardev=records");
		return;
	}
	add(a, "-device", "virtio-serial-pci");
	add(a, "-device", "virtserialport,chardev=records,name=" RECORD_PORT);
}

/* What the guest sees; ends with NULL. The texts live as long as the process. */
static void build_args(struct args *a, const struct options *opt,
		       const int *fds)
{
	static char smp[16];
	const bool tcg = !strcmp(opt->accel, "tcg");

	*a = (struct args){ .count = 0 };
	add(a, opt->qemu, NULL);
	add(a, "-nodefaults", NULL);
	add(a, "-no-user-config", NULL);
	add(a, "-no-reboot", NULL);
	add(a, "-display", "none");
	/* After a panic the kernel still prints and then resets. */
	add(a, "-action", "panic=none");
	/* The guest is let go once events can no longer be missed. */
	add(a, "-S", NULL);
	if (opt->gdb)
		add(a, "-s", NULL);
	add(a, "-machine", "q35");
	add(a, "-accel", tcg ? tcg_accel : opt->accel);
	add(a, "-cpu", opt->virtual ? virtual_cpu : tcg ? tcg_cpu : host_cpu);
	if (opt->virtual) {
		add(a, "-icount", "shift=0,sleep=off");
		add(a, "-rtc", "clock=vm,base=2026-01-01");
		add(a, "-seed", "1");
	}
	for (int i = 0; i < PLUGINS_MAX && opt->plugins[i]; i++)
		add(a, "-plugin", opt->plugins[i]);
	snprintf(smp, sizeof(smp), "%u", opt->smp);
	add(a, "-smp", smp);
	add(a, "-m", opt->mem);
	add(a, "-kernel", opt->image);
	if (opt->initrd)
		add(a, "-initrd", opt->initrd);
	add(a, "-append", kernel_words(opt, tcg));
	add_channels(a, opt, fds);
	add(a, "-device", "pvpanic-pci");
}

/*
 * In the child. QEMU gets a process group of its own, so that a Ctrl-C meant
 * for us does not reach it first, and dies with us whatever kills us.
 */
static void become_qemu(const char **argv, pid_t parent, const int *fds,
			int log)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	if (setpgid(0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) || null < 0 ||
	    dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL))
		return;
	/* The parent may have died before prctl() could ask to be told. */
	if (getppid() != parent)
		_exit(STATUS_USAGE);
	for (int i = 0; i < 3; i++)
		if (fcntl(fds[i], F_SETFD, 0))
			return;
	execvp(argv[0], (char *const *)argv);
}

/* Start QEMU with the guest stopped; ends the program if that fails. */
void vm_start(struct vm *vm, const struct options *opt)
{
	struct args args;
	int fds[3], log, report, failed, error;
	pid_t parent = getpid();

	vm->console = opt->virtual ? open_wide_pipe(&fds[0]) :
				     open_socket(&fds[0]);
	vm->records = opt->virtual ? open_wide_pipe(&fds[1]) :
				     open_socket(&fds[1]);
	vm->qmp = open_socket(&fds[2]);
	vm->log = open_pipe(&log);
	unblock(vm->log);
	report = open_pipe(&failed);
	build_args(&args, opt, fds);

	vm->pid = fork();
	if (vm->pid < 0)
		die("fork: %s", strerror(errno));
	if (!vm->pid) {
		become_qemu(args.list, parent, fds, log);
		error = errno;
		if (write(failed, &error, sizeof(error)) < 0)
			_exit(1);
		_exit(STATUS_USAGE);
	}
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	close(log);
	close(failed);
	/* A successful exec closes the other end without a byte. */
	if (read(report, &error, sizeof(error)) == sizeof(error)) {
		vm_reap(vm, true);
		die("%s: cannot be started: %s", opt->qemu, strerror(error));
	}
	close(report);
}

/* True once QEMU is gone and nothing of it is left in the process table. */
bool vm_reap(struct vm *vm, bool wait)
{
	pid_t pid;

	if (!vm->pid)
		return true;
	do {
		pid = waitpid(vm->pid, &vm->status, wait ? 0 : WNOHANG);
	} while (pid < 0 && errno == EINTR);
	if (pid != vm->pid)
		return false;
	vm->pid = 0;
	return true;
}

void vm_kill(struct vm *vm)
{
	if (vm->pid)
		kill(vm->pid, SIGKILL);
}

void vm_close(struct vm *vm)
{
	int *fds[] = { &vm->console, &vm->records, &vm->qmp, &vm->log };

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}
