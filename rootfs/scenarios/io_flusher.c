// SPDX-License-Identifier: GPL-2.0
// io-flusher: what may a process that serves a disk wait for?
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dirty.h"
#include "fs.h"
#include "nbd.h"
#include "scenario.h"
#include "target.h"
#include "trace.h"

#define FILE_BYTES (10 * MIB)
#define DISK_BYTES (FILE_BYTES + 8 * MIB)
/* The server's memory limit in the cell reclaim: less than the file. */
#define LIMIT "6M"
#define STEP_MS 20000
/* From include/linux/sched.h; the same on all kernels since 5.8. */
#define PF_IO_FLUSHER (0x00080000 | 0x00100000)
#define NOBODY 65534

/*
 * vm.dirty_bytes: in the cell reclaim little, so that the server reaches it; in
 * the cell throttle as much as the client dirties on the disk that the server
 * does not write.
 */
#define DIRTY_LITTLE MIB
#define DIRTY_MUCH (8 * MIB)
/* Above three quarters of it the kernel throttles tasks that dirty more. */
#define DIRTY_THROTTLED (6 * MIB + MIB / 4)
/* The server dirties this much of its own disk: little, compared with that. */
#define OWN_PAGES 48

/* The server's file system, and the client's on the disk that is served. */
static char below[PATH_LEN], above[PATH_LEN], store[PATH_LEN], own[PATH_LEN];
static char above_file[PATH_LEN], server[PATH_LEN], client[PATH_LEN];
static struct nbd nbd;

/* Makes the server stop before its next write; shared with it. */
static bool *armed;
static int stopped, may_dirty, has_dirtied, may_go;

/* Counts of the kernel's events about the server. */
static struct seen {
	int reclaims, with_io, with_fs, throttled;
} seen;

static const char *const events[] = { "vmscan/mm_vmscan_memcg_reclaim_begin",
				      "vmscan/mm_vmscan_direct_reclaim_begin",
				      "writeback/balance_dirty_pages", NULL };

static void count(const struct trace_event *e, void *unused)
{
	(void)unused;
	if (!strcmp(e->name, "balance_dirty_pages")) {
		seen.throttled++;
		return;
	}
	seen.reclaims++;
	seen.with_io += trace_gfp(e, "IO");
	seen.with_fs += trace_gfp(e, "FS");
}

static void set_flag(void)
{
	if (!variant_is("no-flag"))
		CHECK(prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0));
}

/* Each page of the file has bytes of its own. */
static void fill(char *page, int i)
{
	memset(page, i % 251 + 1, BLOCK);
	memcpy(page, &i, sizeof(i));
}

static void write_file(void *unused)
{
	int i, fd = CHECK(open(above_file, O_WRONLY | O_CREAT, 0600));
	char page[BLOCK];

	(void)unused;
	for (i = 0; i < FILE_BYTES / BLOCK; i++) {
		fill(page, i);
		write_all(fd, page, BLOCK);
	}
	CHECK(fsync(fd));
	CHECK(close(fd));
}

static void verify_file(void *unused)
{
	int i, fd = CHECK(open(above_file, O_RDONLY));
	char page[BLOCK], should[BLOCK];

	(void)unused;
	for (i = 0; i < FILE_BYTES / BLOCK; i++) {
		fill(should, i);
		read_all(fd, page, BLOCK);
		if (memcmp(page, should, BLOCK))
			FAIL(0, "page %d is not what was written", i);
	}
	CHECK(close(fd));
}

/* The server dirties pages of the file system where it keeps its store. */
static void dirty_own(void)
{
	int i, fd = CHECK(open(own, O_WRONLY | O_CREAT, 0600));
	char page[BLOCK] = { 1 };

	for (i = 0; i < OWN_PAGES; i++)
		write_all(fd, page, BLOCK);
	CHECK(close(fd));
}

static void stop_if_armed(void)
{
	if (!*armed)
		return;
	*armed = false;
	step_allow(stopped);
	step_wait(may_dirty, STEP_MS);
	dirty_own();
	step_allow(has_dirtied);
	step_wait(may_go, STEP_MS);
}

static void setup_disks(void)
{
	in_folder(below, "below");
	in_folder(above, "above");
	in_folder(store, "below/store");
	in_folder(own, "below/own");
	in_folder(above_file, "above/file");
	armed = shared_memory(sizeof(*armed));
	stopped = step_make();
	may_dirty = step_make();
	has_dirtied = step_make();
	may_go = step_make();
	fs_mount_ext4(RAM_DISK, DISK_BYTES + 16 * MIB, below);
	fs_make_file(store, DISK_BYTES);
	nbd = (struct nbd){ .group = server,
			    .file = store,
			    .bytes = DISK_BYTES,
			    .on_start = set_flag,
			    .on_write = stop_if_armed };
	nbd_start(&nbd);
	fs_mount_ext4(NBD_DISK, DISK_BYTES, above);
}

/* Of a server that has two threads when it is known which one writes. */
struct thread {
	pid_t id;
	int flag; /* as prctl() tells it */
	int ready, may_read, has_read; /* steps */
};

static struct thread *early, *late;

static void setup_threads(void)
{
	in_folder(below, "below");
	in_folder(store, "below/store");
	early = shared_memory(2 * sizeof(*early));
	late = early + 1;
	for (struct thread *t = early; t <= late; t++) {
		t->ready = step_make();
		t->may_read = step_make();
		t->has_read = step_make();
	}
	fs_mount_ext4(RAM_DISK, DISK_BYTES + 16 * MIB, below);
	fs_make_file(store, DISK_BYTES);
	fs_drop_cache(store);
}

static void setup(void)
{
	make_group(server, "server", "");
	make_group(client, "client", "");
	if (cell_is("part", "thread"))
		setup_threads();
	else if (!cell_is("part", "call"))
		setup_disks();
}

/* Gives the server's disk most of the dirty limit, although it was idle. */
static void reserve_share(void)
{
	static const char path[] = "/sys/block/ram0/bdi/min_ratio";
	char before[32];

	CHECK(file_read(path, before, sizeof(before)));
	holds(path, before);
	file_put(path, "90");
}

/*
 * The client's data goes through the server's page cache, which exceeds the
 * server's limit.  So the server must reclaim.
 */
static void run_reclaim(void)
{
	bool control = variant_is("no-flag");

	CHECK(cgroup_write(server, "memory.max", LIMIT));
	/* Without the flag the server would be throttled for too long. */
	if (!control) {
		dirty_limit(DIRTY_LITTLE);
		reserve_share();
	}
	trace_start(nbd.server, events);
	run_in(client, write_file, NULL);
	fs_drop_cache(above_file);
	run_in(client, verify_file, NULL);
	trace_end(count, NULL);
	evidence("bytes_verified", FILE_BYTES, "bytes");
	evidence("reclaims", seen.reclaims, "events");
	evidence("reclaims_with_io", seen.with_io, "events");
	evidence("reclaims_with_fs", seen.with_fs, "events");
	evidence("throttled", seen.throttled, "events");
	if (!seen.reclaims)
		FAIL(0, "the server did not have to reclaim");
	if (seen.with_io || seen.with_fs)
		failed("of %d reclaims by the server, %d could start I/O and "
		       "%d enter file systems",
		       seen.reclaims, seen.with_io, seen.with_fs);
	held();
}

static bool is_dirty(void *unused)
{
	(void)unused;
	return dirty_bytes() > DIRTY_THROTTLED;
}

/*
 * The dirty limit is reached by pages that only the server could clean.  It
 * does not; it dirties pages of its own disk instead.
 */
static void run_throttle(void)
{
	pid_t pid;

	sync();
	dirty_limit(DIRTY_MUCH);
	reserve_share();
	*armed = true;
	pid = process_start(client, write_file, NULL);
	step_wait(stopped, STEP_MS);
	if (!wait_until(is_dirty, NULL, STEP_MS))
		FAIL(0, "no more than %lld bytes are dirty", dirty_bytes());
	evidence("dirty_elsewhere", dirty_bytes(), "bytes");
	trace_start(nbd.server, events);
	step_allow(may_dirty);
	step_wait(has_dirtied, STEP_MS);
	trace_end(count, NULL);
	evidence("dirty_own", OWN_PAGES * BLOCK, "bytes");
	evidence("throttled", seen.throttled, "events");
	dirty_unlimit();
	step_allow(may_go);
	process_end(pid, STEP_MS, "the disk's user");
	fs_drop_cache(above_file);
	run_in(client, verify_file, NULL);
	evidence("bytes_verified", FILE_BYTES, "bytes");
	if (seen.throttled)
		failed("the server was throttled %d times on its own disk for "
		       "what was dirty on the one that it serves",
		       seen.throttled);
	held();
}

struct call {
	int what;
	unsigned long args[4];
	int ret, err;
};

/* In this order: the flag stays as an earlier call has set it. */
static const struct call with_right[] = {
	{ PR_GET_IO_FLUSHER, { 0 }, 0, 0 },
	{ PR_SET_IO_FLUSHER, { 1 }, 0, 0 },
	{ PR_GET_IO_FLUSHER, { 0 }, 1, 0 },
	{ PR_SET_IO_FLUSHER, { 2 }, -1, EINVAL },
	{ PR_SET_IO_FLUSHER, { 0, 1 }, -1, EINVAL },
	{ PR_SET_IO_FLUSHER, { 0, 0, 1 }, -1, EINVAL },
	{ PR_SET_IO_FLUSHER, { 0, 0, 0, 1 }, -1, EINVAL },
	{ PR_GET_IO_FLUSHER, { 1 }, -1, EINVAL },
	{ PR_GET_IO_FLUSHER, { 0, 1 }, -1, EINVAL },
	{ PR_GET_IO_FLUSHER, { 0, 0, 1 }, -1, EINVAL },
	{ PR_GET_IO_FLUSHER, { 0, 0, 0, 1 }, -1, EINVAL },
	{ PR_GET_IO_FLUSHER, { 0 }, 1, 0 },
	{ PR_SET_IO_FLUSHER, { 0 }, 0, 0 },
	{ PR_GET_IO_FLUSHER, { 0 }, 0, 0 },
};

static const struct call without_right[] = {
	{ PR_SET_IO_FLUSHER, { 1 }, -1, EPERM },
	{ PR_SET_IO_FLUSHER, { 0 }, -1, EPERM },
	{ PR_GET_IO_FLUSHER, { 0 }, -1, EPERM },
};

/* Shared: the calls with another outcome than the table's. */
struct wrong {
	int calls;
	char first[128];
};

static struct wrong *wrong;

static void try(const struct call *c, const char *who, int i)
{
	int ret;

	errno = 0;
	ret = prctl(c->what, c->args[0], c->args[1], c->args[2], c->args[3]);
	if (ret == c->ret && (ret >= 0 || errno == c->err))
		return;
	if (!wrong->calls++)
		text_set(wrong->first, sizeof(wrong->first),
			 "call %d %s the right gave %d, errno %d", i, who, ret,
			 errno);
}

static void try_with_right(void *unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_SIZE(with_right); i++)
		try(&with_right[i], "with", i);
}

/* A process that is not root's has no CAP_SYS_RESOURCE. */
static void try_without_right(void *unused)
{
	size_t i;

	(void)unused;
	if (!variant_is("no-flag"))
		CHECK(setuid(NOBODY));
	for (i = 0; i < ARRAY_SIZE(without_right); i++)
		try(&without_right[i], "without", i);
}

/* The flags are the seventh field behind the name, which is "(sleep)". */
static unsigned int flags_of(pid_t pid)
{
	char path[PATH_LEN];
	unsigned int flags;

	text_set(path, sizeof(path), "/proc/%d/stat", pid);
	file_scan(path, 1, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %u", &flags);
	return flags & PF_IO_FLUSHER;
}

static pid_t *grandchild;

static bool is_sleep(void *unused)
{
	char path[PATH_LEN], name[32];

	(void)unused;
	if (!READ_ONCE(*grandchild))
		return false;
	text_set(path, sizeof(path), "/proc/%d/comm", *grandchild);
	CHECK(file_read(path, name, sizeof(name)));
	return !strncmp(name, "sleep", 5);
}

static void exec_sleep(void *unused)
{
	(void)unused;
	CHECK(execl("/bin/sleep", "sleep", "1000", NULL));
}

/* The process with the flag forks, and the child executes another program. */
static void fork_and_exec(void *unused)
{
	(void)unused;
	set_flag();
	*grandchild = process_start(client, exec_sleep, NULL);
	for (;;)
		pause();
}

static void run_call(void)
{
	unsigned int flags;

	wrong = shared_memory(sizeof(*wrong));
	grandchild = shared_memory(sizeof(*grandchild));
	run_in(client, try_with_right, NULL);
	run_in(client, try_without_right, NULL);
	evidence("calls", ARRAY_SIZE(with_right) + ARRAY_SIZE(without_right),
		 "calls");
	evidence("calls_otherwise", wrong->calls, "calls");
	process_start(server, fork_and_exec, NULL);
	if (!wait_until(is_sleep, NULL, STEP_MS))
		FAIL(0, "the child has not executed its program after %d ms",
		     STEP_MS);
	flags = flags_of(*grandchild);
	evidence("flags_of_child", flags, "flags");
	if (!cgroup_kill(client, STEP_MS) || !cgroup_kill(server, STEP_MS))
		FAIL(0, "SIGKILL ends no child");
	if (wrong->calls)
		failed("%s", wrong->first);
	if (flags != PF_IO_FLUSHER)
		failed("a child has the flags %#x of %#x", flags,
		       PF_IO_FLUSHER);
	held();
}

static void *serve(void *arg)
{
	struct thread *t = arg;
	int fd;

	t->id = CHECK(syscall(SYS_gettid));
	step_allow(t->ready);
	step_wait(t->may_read, STEP_MS);
	t->flag = CHECK(prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0));
	fd = CHECK(open(store, O_RDONLY));
	io_range(fd, false, BLOCK, 0, DISK_BYTES);
	CHECK(close(fd));
	step_allow(t->has_read);
	pause();
	return NULL;
}

static void start_thread(struct thread *t)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, serve, t);

	if (err)
		FAIL(err, "a thread");
}

/* The flag is set after the first thread has begun, before the second does. */
static void serve_by_threads(void *unused)
{
	(void)unused;
	start_thread(early);
	step_wait(early->ready, STEP_MS);
	set_flag();
	start_thread(late);
	for (;;)
		pause();
}

/* Lets a thread read more than its group may hold, and watches it reclaim. */
static struct seen watch_thread(struct thread *t, const char *name)
{
	char text[64];

	seen = (struct seen){ 0 };
	trace_start(t->id, events);
	step_allow(t->may_read);
	step_wait(t->has_read, STEP_MS);
	trace_end(count, NULL);
	fs_drop_cache(store);
	text_set(text, sizeof(text), "flag_of_%s_thread", name);
	evidence(text, t->flag, "flag");
	text_set(text, sizeof(text), "reclaims_of_%s_thread", name);
	evidence(text, seen.reclaims, "events");
	text_set(text, sizeof(text), "reclaims_with_io_of_%s_thread", name);
	evidence(text, seen.with_io, "events");
	if (!seen.reclaims)
		FAIL(0, "the %s thread did not have to reclaim", name);
	return seen;
}

static void run_thread(void)
{
	struct seen first, second;

	CHECK(cgroup_write(server, "memory.max", LIMIT));
	process_start(server, serve_by_threads, NULL);
	step_wait(late->ready, STEP_MS);
	first = watch_thread(early, "early");
	second = watch_thread(late, "late");
	if (!cgroup_kill(server, STEP_MS))
		FAIL(0, "SIGKILL does not end the server");
	if (early->flag || !first.with_io)
		failed("a thread that was there before has the flag, too");
	if (!late->flag || second.with_io)
		failed("a thread that came later has no flag: %d of its %d "
		       "reclaims could start I/O",
		       second.with_io, second.reclaims);
	held();
}

static void run(void)
{
	if (cell_is("part", "thread"))
		run_thread();
	else if (cell_is("part", "reclaim"))
		run_reclaim();
	else if (cell_is("part", "throttle"))
		run_throttle();
	else
		run_call();
}

static void cleanup(void)
{
	if (cell_is("part", "call"))
		return;
	trace_remove();
	if (cell_is("part", "thread")) {
		fs_unmount(below);
		return;
	}
	umount2(above, 0);
	nbd_stop(&nbd);
	fs_unmount(above);
	fs_unmount(below);
}

SCENARIO(io_flusher,
	 .claim = "a process that serves a disk and says so never starts I/O "
		  "from reclaim, and is throttled for its own disk alone",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", NEEDS_RAM_DISK,
			NEEDS_EXT4, NEEDS_NBD, NEEDS_TRACE("vmscan"),
			NEEDS_TRACE("writeback")),
	 .cells = CELLS("part=call", "part=reclaim", "part=throttle",
			"part=thread"),
	 .controls = CONTROLS({ "none", EXPECT_FALSE, "no-flag" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run,
	 .cleanup = cleanup);
