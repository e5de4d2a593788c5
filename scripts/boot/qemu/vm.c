// SPDX-License-Identifier: GPL-2.0
/* The QEMU process: its arguments, its channels, its end. */
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
#define PIPE_BYTES (1024 * 1024) /* the largest that needs no privilege */

/* Our ends of the channels must not block: QEMU may stop to read or write. */
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
 * A pipe with room for more than a guest writes at once.  A full pipe would
 * stall the guest for a time that depends on the host, and the count of its
 * instructions would differ.
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
 * One host thread for all emulated processors.  With one thread each, about one
 * boot in 100 on a busy host died of an int3 oops while the kernel patched its
 * code, which looks like a fault of the kernel.
 */
static const char tcg_accel[] = "tcg,thread=single";

/*
 * Emulated string instructions move one byte at a time. Without erms and fsrm
 * the kernel copies by words, and a run takes a sixth less.
 *
 * la57 is off because identify_cpu() clears all capabilities for a moment. An
 * interrupt in that moment makes KASAN compute a wrong shadow address. KASAN
 * and lockdep report only once, so they would be off for the rest of the boot.
 */
static const char tcg_cpu[] = "max,-erms,-fsrm,-la57";
static const char host_cpu[] = "host,-la57";

/* On a busy host the kernel's test of the timer would miss its ticks. */
static const char tcg_words[] = "no_timer_check";

/*
 * The guest takes its time from the TSC, which counts instructions, and not
 * from an emulated device.  The oldest processor model is the same in every
 * version of QEMU.  scripts/boot/plugins/halt.c closes the last race.
 */
static const char virtual_cpu[] = "qemu64,-rdrand,-rdseed";
static const char virtual_words[] = " clocksource=tsc tsc=reliable"
				    " cb.records=ttyS1";

/*
 * The emulated TSC is the host's, and a guest cannot measure it on a busy host:
 * in 3 of 600 boots its clock leapt 10 to 26 s ahead.  The one that was looked
 * at had believed an emulated timer, which saw a fifteenth of the frequency.
 * RCU takes such a leap for a stall.
 */
static const char *tsc_words(void)
{
	static char words[32];
	const unsigned int khz = tsc_khz();

	if (khz)
		snprintf(words, sizeof(words), " tsc_early_khz=%u", khz);
	return words;
}

static const char *kernel_words(const struct options *opt, bool tcg)
{
	const char *clock = opt->virtual ? virtual_words :
			    tcg		 ? tsc_words() :
					   "";
	static char *words;

	if (asprintf(&words, "%s%s%s%s", tcg ? tcg_words : "", clock,
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
	/* A virtio device would interrupt at a time that depends on the host. */
	if (opt->virtual) {
		add(a, "-device", "isa-serial,chardev=records");
		return;
	}
	add(a, "-device", "virtio-serial-pci");
	add(a, "-device", "virtserialport,chardev=records,name=" RECORD_PORT);
}

/* The arguments end with NULL; their texts are never freed. */
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
	/* QEMU must go on after a panic: the kernel prints, then resets. */
	add(a, "-action", "panic=none");
	/* The guest starts stopped, so that no event is missed. */
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
 * In the child. QEMU gets its own process group, so that Ctrl-C reaches only
 * us, and QEMU ends with us however we end.
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
	/* The parent may have ended before prctl(). */
	if (getppid() != parent)
		_exit(STATUS_USAGE);
	for (int i = 0; i < 3; i++)
		if (fcntl(fds[i], F_SETFD, 0))
			return;
	execvp(argv[0], (char *const *)argv);
}

/* Starts QEMU with the guest stopped; ends the program if that fails. */
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
	/* Without a byte the other end was closed by a successful exec. */
	if (read(report, &error, sizeof(error)) == sizeof(error)) {
		vm_reap(vm, true);
		die("%s: cannot be started: %s", opt->qemu, strerror(error));
	}
	close(report);
}

/* True once QEMU has ended and has been waited for. */
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
