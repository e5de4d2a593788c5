// SPDX-License-Identifier: GPL-2.0
// charge-bytes: whose memory holds the bytes that went through the device?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs.h"
#include "scenario.h"
#include "target.h"

#define MIB (1024LL * 1024)
#define ISSUER_MS 20000
/* More than two periods of the kernel's own flushing of statistics. */
#define SETTLE_MS 5000

/* Page cache in bytes: of the issuer, of root itself, of all groups between. */
struct share {
	long long issuer, root, others;
};

static char top[PATH_LEN], backing[PATH_LEN], node[PATH_LEN];
static char issuer[PATH_LEN];
static int number = -1;

/*
 * A counter may lag behind by what the CPUs have not flushed: less than twice
 * 64 pages a CPU.  2 MiB a CPU are four times that, so a quarter of the bytes
 * is what a reading may be wrong by, on a machine of any size.
 */
static long long total(void)
{
	long long bytes = sysconf(_SC_NPROCESSORS_ONLN) * 2 * MIB;

	return bytes < 8 * MIB ? 8 * MIB : bytes;
}

/* What the counter of a group says now; root's includes all groups. */
static long long cached(const char *group)
{
	const char *key = cell_is("backing", "tmpfs") ? "shmem" : "file";

	return CHECK(cgroup_key(group, "memory.stat", key));
}

static struct share read_share(void)
{
	char all[PATH_LEN];
	struct share s;
	long long below;

	in_group(all, "");
	s.root = cached("");
	below = cached(all);
	s.issuer = cached(issuer);
	s.root -= below;
	s.others = below - s.issuer;
	return s;
}

static char *map_buffer(void)
{
	return memset(zalloc_pages(MIB), 0x5a, MIB);
}

/* Moves all the bytes, and closes the file. */
static void move(const char *path, int flags, bool writing)
{
	int fd = CHECK(open(path, flags));
	char *buf = map_buffer();
	long long done;

	for (done = 0; done < total(); done += MIB) {
		ssize_t n = writing ? write(fd, buf, MIB) : read(fd, buf, MIB);

		if (CHECK(n) != MIB)
			FAIL(0, "%s: %zd bytes at %lld", path, n, done);
	}
	if (writing)
		CHECK(fsync(fd));
	CHECK(munmap(buf, MIB));
	CHECK(close(fd));
}

/*
 * In the issuer's process.  io= is how it uses the device, which itself is
 * always buffered to its backing file; so where there is no device, the file
 * is written buffered in any case.
 */
static void issue(void *unused)
{
	bool direct = driver()->module && cell_is("io", "direct");
	bool writing = cell_is("rw", "write");

	(void)unused;
	move(driver()->module ? node : backing,
	     (writing ? O_WRONLY : O_RDONLY) | (direct ? O_DIRECT : 0),
	     writing);
}

/* Is any page of the backing file in memory? */
static bool is_cached(void)
{
	int fd = CHECK(open(backing, O_RDONLY));
	size_t i, pages = total() / sysconf(_SC_PAGESIZE);
	unsigned char in[pages];
	bool any = false;
	void *map;

	map = mmap(NULL, total(), PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		FAIL(errno, "mmap of %s", backing);
	CHECK(mincore(map, total(), in));
	for (i = 0; i < pages; i++)
		any |= in[i] & 1;
	CHECK(munmap(map, total()));
	CHECK(close(fd));
	return any;
}

/* What is to be read must come from the disk, so nobody may have it yet. */
static void fill_backing(void)
{
	move(backing, O_WRONLY, true);
	fs_drop_cache(backing);
	if (is_cached())
		FAIL(0, "pages of the backing file cannot be dropped");
}

static void setup(void)
{
	in_folder(top, "mnt");
	in_folder(backing, "mnt/backing");
	in_group(issuer, "issuer");
	if (cell_is("backing", "ext4")) {
		fs_mount_ext4(RAM_DISK, total() + 8 * MIB, top);
	} else {
		CHECK(mkdir(top, 0700));
		CHECK(mount("tmpfs", top, "tmpfs", 0, NULL));
	}
	fs_make_file(backing, total());
	if (cell_is("rw", "read"))
		fill_backing();
	CHECK(cgroup_make(issuer, ""));
	if (!driver()->module)
		return;
	number = CHECK(driver_reserve(driver(), node));
	CHECK(driver_bind(node, backing, 0));
}

struct settle {
	struct share before, now;
};

/* All bytes are somewhere, and two readings in a row are the same. */
static bool is_settled(void *arg)
{
	struct settle *s = arg;
	struct share last = s->now;

	s->now = read_share();
	s->now.issuer -= s->before.issuer;
	s->now.root -= s->before.root;
	s->now.others -= s->before.others;
	return !memcmp(&last, &s->now, sizeof(last)) &&
	       s->now.issuer + s->now.root + s->now.others >= total() * 3 / 4;
}

static void run(void)
{
	struct settle s = { 0 };

	s.before = read_share();
	if (process_run(issuer, issue, NULL, ISSUER_MS))
		FAIL(0, "the issuer failed");
	wait_until(is_settled, &s, SETTLE_MS);
	evidence("bytes_moved", total(), "bytes");
	evidence("charged_issuer", s.now.issuer, "bytes");
	evidence("charged_root", s.now.root, "bytes");
	evidence("charged_others", s.now.others, "bytes");
	if (s.now.issuer >= total() * 3 / 4 && s.now.root <= total() / 4)
		held();
	if (s.now.root >= total() * 3 / 4)
		failed("the bytes are root's, not the issuer's");
	if (s.now.others >= total() * 3 / 4)
		failed("the bytes are another group's, not the issuer's");
	FAIL(0, "the bytes are in nobody's memory");
}

static void cleanup(void)
{
	if (number >= 0)
		CHECK(driver_remove(driver(), number));
	umount2(top, MNT_DETACH);
	rmdir(top);
}

/*
 * tmpfs with reading is left out: a page of tmpfs is charged when it is
 * written, a read of it charges nobody, and a read of a hole allocates
 * nothing.  There the claim would be false for every driver, and for none.
 */
SCENARIO(charge_bytes,
	 .claim = "bytes that go through the loop device are in the memory of "
		  "the group that moved them, and not in root's",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver",
			"backing=ext4 load:ext4",
			"backing=ext4 " NEEDS_RAM_DISK,
			"backing=ext4 /sbin/mke2fs"),
	 .cells = CELLS("backing=tmpfs io=buffered rw=write",
			"backing=tmpfs io=direct rw=write",
			"backing=ext4 io=buffered rw=write",
			"backing=ext4 io=direct rw=write",
			"backing=ext4 io=buffered rw=read",
			"backing=ext4 io=direct rw=read"),
	 .controls = CONTROLS({ "cgloop-single", EXPECT_FALSE, NULL },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .setup = setup, .run = run, .cleanup = cleanup);
