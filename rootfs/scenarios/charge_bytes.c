// SPDX-License-Identifier: GPL-2.0
// charge-bytes: whose memory holds the bytes that went through the device?
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backing.h"
#include "charge.h"
#include "scenario.h"
#include "target.h"

/* Page cache in bytes: of the issuer, of root itself, of all groups between. */
struct share {
	long long issuer, root, others;
};

static struct target target = TARGET_NONE;
static struct backing backing;
static char issuer[PATH_LEN];
static struct share before;

static long long total(void)
{
	return charge_measurable(8 * MIB);
}

static void read_all_shares(struct share *s)
{
	const char *key = cell_is("backing", "tmpfs") ? "shmem" : "file";
	char all[PATH_LEN];
	long long below;

	in_group(all, "");
	s->root = charged("", key);
	below = charged(all, key);
	s->issuer = charged(issuer, key);
	s->root -= below;
	s->others = below - s->issuer;
}

static void read_share(void *share)
{
	struct share *s = share;

	read_all_shares(s);
	s->issuer -= before.issuer;
	s->root -= before.root;
	s->others -= before.others;
}

/* Three quarters of the bytes are somewhere; a reading misses no more. */
static bool is_complete(const void *share)
{
	const struct share *s = share;

	return s->issuer + s->root + s->others >= total() * 3 / 4;
}

static void move(const char *path, int flags, bool writing)
{
	int fd = CHECK(open(path, flags));

	io_range(fd, writing, MIB, 0, total());
	if (writing)
		CHECK(fsync(fd));
	CHECK(close(fd));
}

/*
 * In the issuer's process.  io= is how it uses the device; the device itself is
 * always buffered to its backing file.  So where there is no device, the file
 * is written buffered in any case.
 */
static void issue(void *unused)
{
	bool direct = driver()->module && cell_is("io", "direct");
	bool writing = cell_is("rw", "write");

	(void)unused;
	move(target.path,
	     (writing ? O_WRONLY : O_RDONLY) | (direct ? O_DIRECT : 0),
	     writing);
}

/* Is any page of the backing file in memory? */
static bool is_cached(void)
{
	int fd = CHECK(open(backing.file, O_RDONLY));
	size_t i, pages = total() / sysconf(_SC_PAGESIZE);
	unsigned char in[pages];
	bool any = false;
	void *map;

	map = mmap(NULL, total(), PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		FAIL(errno, "mmap of %s", backing.file);
	CHECK(mincore(map, total(), in));
	for (i = 0; i < pages; i++)
		any |= in[i] & 1;
	CHECK(munmap(map, total()));
	CHECK(close(fd));
	return any;
}

/* A page that is cached already is charged to whoever cached it. */
static void fill_backing(void)
{
	move(backing.file, O_WRONLY, true);
	fs_drop_cache(backing.file);
	if (is_cached())
		FAIL(0, "pages of the backing file cannot be dropped");
}

static void setup(void)
{
	bool ext4 = cell_is("backing", "ext4");

	backing_make(&backing, ext4 ? BACKING_EXT4 : BACKING_TMPFS, total());
	if (cell_is("rw", "read"))
		fill_backing();
	make_group(issuer, "issuer", "");
	target_make(&target, backing.file, 0);
}

static void run(void)
{
	struct share now = { 0 };

	read_all_shares(&before);
	run_in(issuer, issue, NULL);
	charge_settle(read_share, is_complete, &now, sizeof(now));
	evidence("bytes_moved", total(), "bytes");
	evidence("charged_issuer", now.issuer, "bytes");
	evidence("charged_root", now.root, "bytes");
	evidence("charged_others", now.others, "bytes");
	if (now.issuer >= total() * 3 / 4 && now.root <= total() / 4)
		held();
	if (now.root >= total() * 3 / 4)
		failed("the bytes are root's, not the issuer's");
	if (now.others >= total() * 3 / 4)
		failed("the bytes are another group's, not the issuer's");
	FAIL(0,
	     "of %lld bytes %lld are the issuer's, %lld root's, %lld others'",
	     total(), now.issuer, now.root, now.others);
}

static void cleanup(void)
{
	target_remove(&target);
	backing_remove(&backing);
}

/*
 * There is no cell that reads from tmpfs.  A page of tmpfs is charged when it
 * is written; a read of it charges nobody, and a read of a hole allocates
 * nothing.  The claim would be false for every driver, and for none.
 */
SCENARIO(charge_bytes,
	 .claim = "bytes that go through the loop device are in the memory of "
		  "the group that moved them, and not in root's",
	 .needs = NEEDS("cgroup:memory", "cgroup:io", "driver",
			NEEDS_IF_BACKING_EXT4),
	 .cells = CELLS("backing=tmpfs io=buffered rw=write",
			"backing=tmpfs io=direct rw=write",
			"backing=ext4 io=buffered rw=write",
			"backing=ext4 io=direct rw=write",
			"backing=ext4 io=buffered rw=read",
			"backing=ext4 io=direct rw=read"),
	 .controls = CONTROLS({ "cgloop-single", EXPECT_FALSE, NULL },
			      { "none", EXPECT_TRUE, NULL }),
	 .timeout_s = 60, .setup = setup, .run = run, .cleanup = cleanup);
