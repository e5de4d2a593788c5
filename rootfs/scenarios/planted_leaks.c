// SPDX-License-Identifier: GPL-2.0
// Faults that test the meters: something is left behind, or the kernel logs an
// event that the scenario did not declare.  Each claim holds otherwise.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dm.h"
#include "fs.h"
#include "planted.h"
#include "scenario.h"
#include "target.h"
#include "writer.h"

#define STEP_MS 5000

static struct target target = TARGET_NONE;

static void sleep_on(void *unused)
{
	(void)unused;
	for (;;)
		pause();
}

static void leak_process(void)
{
	process_start(NULL, sleep_on, NULL);
}

/* A process that leaves its parent, its session and its cgroup. */
static void leak_escaped(void)
{
	int escaped = step_make();
	pid_t pid = CHECK(fork());

	if (!pid) {
		CHECK(setsid());
		CHECK(cgroup_join(""));
		step_allow(escaped);
		sleep_on(NULL);
	}
	step_wait(escaped, STEP_MS);
}

static void leak_mount(void)
{
	char place[PATH_LEN];

	in_folder(place, "");
	CHECK(mount("tmpfs", place, "tmpfs", 0, NULL));
}

static void leak_file(void)
{
	char path[PATH_LEN];

	in_folder(path, "file");
	fs_make_file(path, 4096);
}

static void leak_cgroup(void)
{
	CHECK(cgroup_make("planted", ""));
}

/* An OOM kill that the scenario has not declared. */
static void cause_memcg_oom(void)
{
	char group[PATH_LEN], path[PATH_LEN];
	struct writer w = {
		.group = group,
		.path = path,
		.flags = O_WRONLY | O_CREAT,
		.total = 32 * MIB,
		.last_kill = 1,
	};

	make_group(group, "writer", "");
	in_folder(path, "file");
	CHECK(cgroup_write(group, "memory.max", "16M"));
	writer_run(&w);
	CHECK(unlink(path));
	if (w.status != WRITER_KILLED)
		FAIL(0, "the writer was not killed");
}

/* A file that stays: its pages keep the writer's group. */
static void write_file(void *path)
{
	char block[4096] = { 0 };
	int fd = CHECK(open(path, O_WRONLY | O_CREAT, 0600));

	CHECK(write(fd, block, sizeof(block)));
}

static void leak_dying(void)
{
	char group[PATH_LEN];

	make_group(group, "writer", "");
	run_in(group, write_file, "/tmp/planted");
}

/* A disk that fails every request, and stays. */
static void leak_disk(void)
{
	struct dm_piece none = { .bytes = MIB };
	char node[PATH_LEN], block[4096];
	int fd;

	dm_make("planted", &none, node);
	fd = CHECK(open(node, O_RDONLY));
	if (read(fd, block, sizeof(block)) >= 0)
		FAIL(0, "the disk can be read");
	CHECK(close(fd));
}

static void eat(void *unused)
{
	void *mem;

	(void)unused;
	file_put("/proc/self/oom_score_adj", "1000");
	do
		mem = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	while (mem != MAP_FAILED);
}

/* Allocates until the machine itself has no memory left. */
static void cause_global_oom(void)
{
	if (!process_run(NULL, eat, NULL, 30000))
		FAIL(0, "allocating without end was not stopped");
}

static const struct {
	const char *name;
	void (*plant)(void);
} leaks[] = {
	{ "process", leak_process },
	{ "escaped-process", leak_escaped },
	{ "mount", leak_mount },
	{ "file", leak_file },
	{ "cgroup", leak_cgroup },
	{ "dying-cgroup", leak_dying },
	{ "disk", leak_disk },
	{ "memcg-oom", cause_memcg_oom },
	{ "global-oom", cause_global_oom },
};

static void run(void)
{
	size_t i;

	planted_unless_off();
	for (i = 0; i < ARRAY_SIZE(leaks); i++)
		if (cell_is("leak", leaks[i].name))
			leaks[i].plant();
	held();
}

SCENARIO(planted_leak, .claim = "what is left behind moves a meter: fail",
	 .needs = NEEDS("cgroup:memory", "load:dm_mod"),
	 .cells = CELLS("leak=process", "leak=escaped-process", "leak=mount",
			"leak=file", "leak=cgroup", "leak=dying-cgroup",
			"leak=disk", "leak=memcg-oom", "leak=global-oom"),
	 .controls = PLANTED_OFF, .timeout_s = 40, .suite = SUITE_PLANTED,
	 .run = run);

static void run_device(void)
{
	char backing[PATH_LEN];

	planted_unless_off();
	in_folder(backing, "backing");
	fs_make_file(backing, MIB);
	target_make(&target, backing, 0);
	CHECK(unlink(backing));
	held();
}

SCENARIO(planted_device, .claim = "a device that stays bound: fail",
	 .needs = NEEDS("driver"), .controls = PLANTED_OFF, .timeout_s = 10,
	 .suite = SUITE_PLANTED, .run = run_device);

/* The slab grows; a kernel with kmemleak names who allocated it. */
static void run_memory(void)
{
	planted_unless_off();
	CHECK(driver_load(driver_find("cgloop-inject"), "lose-memory"));
	held();
}

SCENARIO(planted_memory, .claim = "memory that nobody refers to: fail",
	 .needs = NEEDS("module:cgloop_inject"), .controls = PLANTED_OFF,
	 .timeout_s = 10, .suite = SUITE_PLANTED, .run = run_memory);
