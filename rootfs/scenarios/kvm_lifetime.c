// SPDX-License-Identifier: GPL-2.0
// kvm-lifetime: who is charged for a virtual machine whose owner has exited?
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "module.h"
#include "progress.h"
#include "scenario.h"

#define GUEST_BYTES (16 * MIB)
#define VCPUS 16
#define STEP_MS 20000
/* Turns of progress_wait() in which a counter must not move. */
#define STILL_TURNS 10

/* In 16-bit mode at address 0: mov $1, %al; mov %al, (0x1000); hlt. */
static const unsigned char code[] = { 0xb0, 0x01, 0xa2, 0x00, 0x10, 0xf4 };

static char owner[PATH_LEN], holder[PATH_LEN];
static int vm, vcpu[VCPUS];
static char *guest;

/* Shared by owner and holder: the outcome of the holder's calls. */
struct shared {
	int vm_errno, vcpu_errno;
	bool asked;
};

static struct shared *shared;

/* Steps, each of which one process waits for. */
static int owner_makes, asked, made, owner_ends, holder_ends;

static void make_vcpus(void)
{
	int i;

	for (i = 0; i < VCPUS; i++)
		vcpu[i] = CHECK(ioctl(vm, KVM_CREATE_VCPU, i));
}

/* Children do not inherit it: virtual machine monitors do the same. */
static void make_memory(void)
{
	struct kvm_userspace_memory_region region = { 0 };

	guest = mmap(NULL, GUEST_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (guest == MAP_FAILED)
		FAIL(errno, "the guest's memory");
	if (!variant_is("memory-shared"))
		CHECK(madvise(guest, GUEST_BYTES, MADV_DONTFORK));
	region.memory_size = GUEST_BYTES;
	region.userspace_addr = (unsigned long)guest;
	CHECK(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region));
}

/* Runs the guest, which sets a byte and halts. */
static void run_guest(void)
{
	int kvm = CHECK(open("/dev/kvm", O_RDWR | O_CLOEXEC));
	int size = CHECK(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
	struct kvm_regs regs = { .rflags = 2 };
	struct kvm_sregs sregs;
	struct kvm_run *state;

	CHECK(close(kvm));
	memcpy(guest, code, sizeof(code));
	CHECK(ioctl(vcpu[0], KVM_GET_SREGS, &sregs));
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	CHECK(ioctl(vcpu[0], KVM_SET_SREGS, &sregs));
	CHECK(ioctl(vcpu[0], KVM_SET_REGS, &regs));
	state = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu[0],
		     0);
	if (state == MAP_FAILED)
		FAIL(errno, "the state of a virtual CPU");
	CHECK(ioctl(vcpu[0], KVM_RUN, 0));
	if (state->exit_reason != KVM_EXIT_HLT || guest[0x1000] != 1)
		FAIL(0, "the guest left with %u, byte %d", state->exit_reason,
		     guest[0x1000]);
	CHECK(munmap(state, size));
}

/* Tries one harmless call of the machine and one of a virtual CPU. */
static void try_calls(void)
{
	struct kvm_regs regs;

	if (ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY) < 0)
		shared->vm_errno = errno;
	if (ioctl(vcpu[0], KVM_GET_REGS, &regs) < 0)
		shared->vcpu_errno = errno;
	shared->asked = true;
}

/* Keeps one descriptor open: the machine's or a virtual CPU's. */
static void hold(void *unused)
{
	int i;

	(void)unused;
	if (!variant_is("owner-asks"))
		try_calls();
	for (i = 1; i < VCPUS; i++)
		CHECK(close(vcpu[i]));
	CHECK(close(cell_is("holds", "vm") ? vcpu[0] : vm));
	step_allow(asked);
	step_wait(holder_ends, STEP_MS);
}

static void own(void *unused)
{
	int kvm;

	(void)unused;
	step_wait(owner_makes, STEP_MS);
	kvm = CHECK(open("/dev/kvm", O_RDWR | O_CLOEXEC));
	vm = CHECK(ioctl(kvm, KVM_CREATE_VM, 0));
	CHECK(close(kvm));
	make_vcpus();
	make_memory();
	run_guest();
	process_start(holder, hold, NULL);
	step_wait(asked, STEP_MS);
	if (variant_is("owner-asks"))
		try_calls();
	step_allow(made);
	step_wait(owner_ends, STEP_MS);
}

/*
 * A limit below the usage makes the kernel return the charges that each CPU
 * holds in advance.  It finds nothing here that it could reclaim.
 */
static bool read_usage(void *bytes, long long *at)
{
	CHECK(cgroup_write(owner, "memory.high", "0"));
	CHECK(cgroup_write(owner, "memory.high", "max"));
	*at = CHECK(cgroup_memory(owner));
	*(long long *)bytes = *at;
	return false;
}

/* Bytes charged to the owner's group, once that stands still. */
static long long usage(void)
{
	long long bytes;

	progress_wait(read_usage, &bytes, STILL_TURNS, STEP_MS,
		      "memory.current");
	return bytes;
}

static bool is_empty(void *group)
{
	return !cgroup_count(group);
}

static void end_holder(void)
{
	step_allow(holder_ends);
	if (!wait_until(is_empty, holder, STEP_MS))
		FAIL(0, "the holder has not ended after %d ms", STEP_MS);
}

/* Up to 6.1 a kernel thread that serves the machine stays in the group. */
static void end_owner(pid_t pid)
{
	step_allow(owner_ends);
	process_end(pid, STEP_MS, "the owner");
	evidence("tasks_without_owner", cgroup_count(owner), "tasks");
}

static void setup(void)
{
	if (module_load("kvm_amd", "") < 0 && module_load("kvm_intel", "") < 0)
		FAIL(errno, "load kvm_amd or kvm_intel");
	make_group(owner, "owner", "");
	make_group(holder, "holder", "");
	shared = shared_memory(sizeof(*shared));
	owner_makes = step_make();
	owner_ends = step_make();
	holder_ends = step_make();
	asked = step_make();
	made = step_make();
}

static void conclude(long long machine, long long kept, long long left,
		     bool shut_out)
{
	if (left > machine / 4)
		failed("%lld of %lld bytes stay charged when nobody holds "
		       "the machine",
		       left, machine);
	if (kept >= GUEST_BYTES)
		failed("the guest's memory outlives the owner");
	if (!shut_out)
		failed("a process that does not own the machine may use it");
	if (kept < machine / 2)
		failed("%lld of the machine's %lld bytes stay charged when the "
		       "owner has exited",
		       kept, machine);
	held();
}

static void run(void)
{
	long long before, machine, kept, left;
	pid_t pid = process_start(owner, own, NULL);

	before = usage();
	step_allow(owner_makes);
	step_wait(made, STEP_MS);
	machine = usage() - GUEST_BYTES - before;
	evidence("machine", machine, "bytes");
	if (variant_is("holder-first"))
		end_holder();
	end_owner(pid);
	kept = usage();
	evidence("charged_without_owner", kept, "bytes");
	if (!variant_is("holder-first"))
		end_holder();
	left = usage();
	evidence("charged_without_holder", left, "bytes");
	evidence("errno_of_vm_call", shared->vm_errno, "errno");
	evidence("errno_of_vcpu_call", shared->vcpu_errno, "errno");
	if (!shared->asked || (shared->vm_errno && shared->vm_errno != EIO) ||
	    (shared->vcpu_errno && shared->vcpu_errno != EIO))
		FAIL(0, "the calls' errnos are %d and %d", shared->vm_errno,
		     shared->vcpu_errno);
	conclude(machine, kept, left, shared->vm_errno && shared->vcpu_errno);
}

SCENARIO(kvm_lifetime,
	 .claim = "a virtual machine's kernel memory stays charged to its "
		  "owner's group until the last holder closes it; nobody but "
		  "the owner may use it, whose own memory goes at once",
	 .needs = NEEDS("cgroup:memory", "kmem", "kvm", "load:kvm"),
	 .cells = CELLS("holds=vm", "holds=vcpu"),
	 .controls = CONTROLS({ "none", EXPECT_FALSE, "holder-first" },
			      { "none", EXPECT_FALSE, "owner-asks" },
			      { "none", EXPECT_FALSE, "memory-shared" }),
	 .timeout_s = 60, .suite = SUITE_FULL, .setup = setup, .run = run);
