// SPDX-License-Identifier: GPL-2.0
// oom-bypass: can a writer escape its memory limit through a loop device?
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenario.h"
#include "writer.h"

#define LIMIT "64M"
#define TOTAL (256 * MIB)
#define CAPACITY (512 * MIB)

/* The outcome of either form of the scenario. */
struct outcome {
	long long ooms[3]; /* before, after the file, after the device */
	int file_status, device_status;
	long long file_bytes, device_bytes;
};

static char top[PATH_LEN], script[PATH_LEN], node[PATH_LEN];
static int number = -1;

/* The script as the build found it, up to its terminating NUL. */
extern const char oom_bypass_sh[];
__asm__(".pushsection .rodata\n"
	".globl oom_bypass_sh\n"
	"oom_bypass_sh:\n"
	".incbin \"scenarios/oom-bypass.sh\"\n"
	".byte 0\n"
	".popsection");

/* How the writer ended, as a shell says it, and what it had written. */
static int run_writer(const char *path, int flags, long long *bytes)
{
	char slice[PATH_LEN];
	struct writer w = {
		.group = slice,
		.path = path,
		.flags = flags,
		.total = TOTAL,
		.last_kill = 2,
	};

	in_group(slice, "test.slice");
	writer_run(&w);
	*bytes = w.bytes;
	return w.status;
}

static void run_c(struct outcome *o)
{
	char slice[PATH_LEN], file[PATH_LEN], backing[PATH_LEN];

	in_group(slice, "test.slice");
	text_set(file, sizeof(file), "%s/file", top);
	text_set(backing, sizeof(backing), "%s/backing", top);
	CHECK(cgroup_make(slice, ""));
	cgroup_limit_memory(slice, LIMIT);
	CHECK(mount("tmpfs", top, "tmpfs", 0, "size=512M"));

	o->ooms[0] = CHECK(writer_kills(slice));
	o->file_status = run_writer(file, O_WRONLY | O_CREAT, &o->file_bytes);
	CHECK(unlink(file));
	o->ooms[1] = CHECK(writer_kills(slice));

	CHECK(close(CHECK(open(backing, O_WRONLY | O_CREAT, 0600))));
	CHECK(truncate(backing, CAPACITY));
	if (driver()->module) {
		CHECK(driver_bind(node, backing, 0));
		/* Its own page cache would be charged to the writer, too. */
		o->device_status =
			run_writer(node, O_WRONLY | O_DIRECT, &o->device_bytes);
	} else {
		o->device_status =
			run_writer(backing, O_WRONLY, &o->device_bytes);
	}
	o->ooms[2] = CHECK(writer_kills(slice));
}

static void exec_script(void *out)
{
	char group[PATH_LEN], folder[PATH_LEN];

	in_group(group, "");
	text_set(folder, sizeof(folder), CGROUP_ROOT "/%s", group);
	CHECK(dup2(*(int *)out, STDOUT_FILENO));
	CHECK(setenv("PATH", "/bin:/sbin", 1));
	CHECK(setenv("DEVICE", node, 1));
	CHECK(setenv("GROUP", folder, 1));
	CHECK(setenv("TOP", top, 1));
	CHECK(setenv("MAIL", cell_is("form", "mail") ? "1" : "", 1));
	CHECK(execl("/bin/busybox", "unshare", "-m", "/bin/busybox", "sh",
		    script, NULL));
}

static void run_shell(struct outcome *o)
{
	char main_group[PATH_LEN], slice[PATH_LEN], out[1024];
	int fds[2], status;
	ssize_t n;

	in_group(main_group, "main");
	in_group(slice, "test.slice");
	CHECK(close(CHECK(open(script, O_WRONLY | O_CREAT, 0700))));
	CHECK(file_write(script, oom_bypass_sh));
	/* Its output fits into the pipe, so it is read after the exit. */
	CHECK(pipe2(fds, O_CLOEXEC));
	status = writer_wait(process_start(main_group, exec_script, &fds[1]),
			     slice, 2);
	CHECK(close(fds[1]));
	n = CHECK(read(fds[0], out, sizeof(out) - 1));
	out[n] = '\0';
	if (sscanf(out,
		   "oom_kill %lld file %d %lld oom_kill %lld device %d %lld "
		   "oom_kill %lld",
		   &o->ooms[0], &o->file_status, &o->file_bytes, &o->ooms[1],
		   &o->device_status, &o->device_bytes, &o->ooms[2]) != 7 ||
	    status)
		FAIL(0, "the script ended with %#x and said: %s", status, out);
	o->file_bytes *= 1024;
	o->device_bytes *= 1024;
}

static void setup(void)
{
	in_folder(top, "tmpfs");
	in_folder(script, "oom-bypass.sh");
	CHECK(mkdir(top, 0700));
	if (driver()->module)
		number = CHECK(driver_reserve(driver(), node));
}

static void show(const struct outcome *o)
{
	evidence("oom_kill_before", o->ooms[0], "events");
	evidence("oom_kill_file", o->ooms[1], "events");
	evidence("oom_kill_device", o->ooms[2], "events");
	evidence("bytes_file", o->file_bytes, "bytes");
	evidence("bytes_device", o->device_bytes, "bytes");
	evidence("exit_file", o->file_status, "status");
	evidence("exit_device", o->device_status, "status");
}

static void run(void)
{
	struct outcome o = { 0 };

	if (cell_is("form", "c"))
		run_c(&o);
	else
		run_shell(&o);
	show(&o);
	/* Without a device the kill is no claim, but what it stands on. */
	if (o.ooms[0] || o.ooms[1] != 1 || o.file_status != WRITER_KILLED)
		FAIL(0, "no OOM kill of the writer to a file");
	if (o.ooms[2] == 2 && o.device_status == WRITER_KILLED)
		held();
	if (o.ooms[2] == 1 && !o.device_status && o.device_bytes == TOTAL)
		failed("wrote 256 MiB in a group of " LIMIT
		       ", and nothing was killed");
	FAIL(0, "neither an OOM kill nor a bypass");
}

static void cleanup(void)
{
	umount2(top, MNT_DETACH);
	if (number >= 0)
		CHECK(driver_remove(driver(), number));
	unlink(script);
	rmdir(top);
}

SCENARIO(oom_bypass,
	 .claim = "a writer that outgrows its memory limit is killed, through "
		  "the loop device too",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver"),
	 .cells = CELLS("form=c io=direct", "form=shell io=direct",
			"form=mail io=buffered"),
	 .controls = CONTROLS({ "cgloop-single", EXPECT_FALSE, NULL },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .expect_events = KLOG_MEMCG_OOM | KLOG_IO_ERROR,
	 .setup = setup, .run = run, .cleanup = cleanup);
