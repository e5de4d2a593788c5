// SPDX-License-Identifier: GPL-2.0
/*
 * A TCG plugin that counts the guest's instructions per call path, between two
 * marks of the guest (rootfs/lib/mark.h).
 *   -plugin profile.so,out=FILE
 * FILE.1 holds the first such window, FILE.2 the second, and so on.
 *
 * The count is exact: each instruction adds one as it runs. Calls and returns
 * give the call path. The plugin interface shows no registers, but a call
 * writes its return address to the stack, and where it writes identifies the
 * stack. Each stack has its own list of callers. The next return shows a switch
 * of stacks. The callers of a task that died go when its stack is used again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mark.h"
#include "qemu_plugin.h"

#define KERNEL_BEGIN 0xffff800000000000u
#define STACK_SHIFT 14 /* the kernel's stacks are aligned to their size */
#define STACKS_BITS 12

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_API;

/* A call path: an address and the node of its caller; 0 is the root. */
struct node {
	uint64_t address;
	uint64_t count;
	uint32_t parent;
	uint32_t next; /* of the same hash; 0 ends */
};

static struct node *nodes;
static uint32_t n_nodes, nodes_room;
static uint32_t *hash; /* of nodes_room entries */

struct frame {
	uint64_t at; /* where the return address is */
	uint64_t call; /* the calling instruction */
	uint32_t node; /* 0: not looked up yet */
};

struct stack {
	uint64_t number; /* address >> STACK_SHIFT; 0: free */
	struct frame *frames;
	size_t n, room;
};

static struct stack stacks[1 << STACKS_BITS];
static size_t n_stacks;

static uint64_t executed; /* by the translated code itself */
static uint64_t accounted;
static struct stack *current;
static uint32_t running; /* the block that runs now */
static uint32_t user; /* the node of all user code, which has no symbols */
static bool counting;
static unsigned int windows;
static char *out;

static void die(const char *what)
{
	fprintf(stderr, "profile: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static void *must(void *memory)
{
	if (!memory)
		die("memory");
	return memory;
}

static uint32_t slot_of(uint32_t parent, uint64_t address)
{
	uint64_t mixed = (address ^ ((uint64_t)parent << 40) ^ parent) *
			 0x9e3779b97f4a7c15u;

	return (mixed >> 32) & (nodes_room - 1);
}

static void link_node(uint32_t number)
{
	uint32_t *slot =
		&hash[slot_of(nodes[number].parent, nodes[number].address)];

	nodes[number].next = *slot;
	*slot = number;
}

static void grow_nodes(void)
{
	uint32_t i;

	nodes_room = nodes_room ? nodes_room * 2 : 1 << 16;
	nodes = must(realloc(nodes, nodes_room * sizeof(*nodes)));
	free(hash);
	hash = must(calloc(nodes_room, sizeof(*hash)));
	for (i = 1; i < n_nodes; i++)
		link_node(i);
	if (!n_nodes)
		nodes[n_nodes++] = (struct node){ 0 };
}

static uint32_t child(uint32_t parent, uint64_t address)
{
	uint32_t i;

	for (i = hash[slot_of(parent, address)]; i; i = nodes[i].next) {
		if (nodes[i].parent == parent && nodes[i].address == address)
			return i;
	}
	if (n_nodes == nodes_room)
		grow_nodes();
	nodes[n_nodes] = (struct node){ .address = address, .parent = parent };
	link_node(n_nodes);
	return n_nodes++;
}

static struct stack *find_stack(uint64_t address)
{
	uint64_t number = address >> STACK_SHIFT;
	size_t mask = (1 << STACKS_BITS) - 1;
	size_t i = (number * 0x9e3779b97f4a7c15u) >> (64 - STACKS_BITS);

	while (stacks[i].number && stacks[i].number != number)
		i = (i + 1) & mask;
	if (!stacks[i].number) {
		/* One slot must stay free, or the search would not end. */
		errno = ENOSPC;
		if (++n_stacks > mask)
			die("stacks");
		stacks[i].number = number;
	}
	return &stacks[i];
}

/* The stack grows down: frames at or below the address have returned. */
static struct stack *unwind(uint64_t address)
{
	struct stack *s = find_stack(address);

	while (s->n && s->frames[s->n - 1].at <= address)
		s->n--;
	return s;
}

static void on_call(unsigned int cpu, uint32_t what, uint64_t address,
		    void *data)
{
	struct stack *s = unwind(address);

	(void)cpu;
	(void)what;
	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->frames =
			must(realloc(s->frames, s->room * sizeof(*s->frames)));
	}
	s->frames[s->n++] = (struct frame){ address, (uint64_t)data, 0 };
	current = s;
}

static void on_return(unsigned int cpu, uint32_t what, uint64_t address,
		      void *data)
{
	(void)cpu;
	(void)what;
	(void)data;
	current = unwind(address);
}

/* Makes nodes only while counting: a boot has millions of calls. */
static uint32_t callers(struct stack *s)
{
	size_t i = s ? s->n : 0;
	uint32_t node;

	while (i && !s->frames[i - 1].node)
		i--;
	node = i ? s->frames[i - 1].node : 0;
	for (; s && i < s->n; i++) {
		node = child(node, s->frames[i].call);
		s->frames[i].node = node;
	}
	return node;
}

/* Adds the instructions since the last call to the block that ran. */
static void account(void)
{
	if (counting)
		nodes[running].count += executed - accounted;
	accounted = executed;
}

static void on_block(unsigned int cpu, void *data)
{
	uint64_t address = (uint64_t)data;

	(void)cpu;
	account();
	if (counting)
		running = address < KERNEL_BEGIN ?
				  user :
				  child(callers(current), address);
}

static void save(void)
{
	char path[4096];
	uint32_t i;
	FILE *f;

	snprintf(path, sizeof(path), "%s.%u", out, ++windows);
	f = fopen(path, "w");
	if (!f)
		die(path);
	fputs("chargeback-profile 1\n", f);
	for (i = 0; i < n_nodes; i++)
		fprintf(f, "%u %llx %llu\n", nodes[i].parent,
			(unsigned long long)nodes[i].address,
			(unsigned long long)nodes[i].count);
	if (ferror(f) | fclose(f))
		die(path);
}

static void on_begin(unsigned int cpu, void *data)
{
	uint32_t i;

	(void)cpu;
	(void)data;
	account();
	for (i = 0; i < n_nodes; i++)
		nodes[i].count = 0;
	running = user;
	counting = true;
}

static void on_end(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (!counting)
		return;
	account();
	counting = false;
	save();
}

static bool is_call(const uint8_t *code, size_t len)
{
	size_t i = 0;

	/* Skip the padding prefixes cs and ds, and REX. */
	while (i + 1 < len &&
	       (code[i] == 0x2e || code[i] == 0x3e || (code[i] & 0xf0) == 0x40))
		i++;
	return code[i] == 0xe8 ||
	       (code[i] == 0xff && i + 1 < len && (code[i + 1] & 0x38) == 0x10);
}

static bool is_return(const uint8_t *code, size_t len)
{
	size_t i = len > 1 && (code[0] == 0xf3 || code[0] == 0xf2);

	return code[i] == 0xc3 || code[i] == 0xc2;
}

static void watch_mark(struct qemu_plugin_insn *insn, const uint8_t *code,
		       size_t len)
{
	uint32_t number;

	if (len != MARK_BYTES || memcmp(code, "\x0f\x1f\x80", 3))
		return;
	memcpy(&number, code + 3, sizeof(number));
	if (number == MARK_BEGIN || number == MARK_END)
		qemu_plugin_register_vcpu_insn_exec_cb(insn,
						       number == MARK_BEGIN ?
							       on_begin :
							       on_end,
						       PLUGIN_NO_REGISTERS,
						       NULL);
}

static void on_translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb);
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, PLUGIN_NO_REGISTERS,
					     (void *)address);
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint8_t *code = qemu_plugin_insn_data(insn);
		size_t len = qemu_plugin_insn_size(insn);
		uint64_t at = qemu_plugin_insn_vaddr(insn);

		qemu_plugin_register_vcpu_insn_exec_inline(insn, PLUGIN_ADD_U64,
							   &executed, 1);
		if (at < KERNEL_BEGIN)
			watch_mark(insn, code, len);
		else if (is_call(code, len))
			qemu_plugin_register_vcpu_mem_cb(insn, on_call,
							 PLUGIN_NO_REGISTERS,
							 PLUGIN_WRITES,
							 (void *)at);
		else if (is_return(code, len))
			qemu_plugin_register_vcpu_mem_cb(insn, on_return,
							 PLUGIN_NO_REGISTERS,
							 PLUGIN_READS, NULL);
	}
}

PLUGIN_EXPORT int qemu_plugin_install(plugin_id id,
				      const struct plugin_info *info, int argc,
				      char **argv)
{
	if (info->api.oldest > PLUGIN_API || info->api.newest < PLUGIN_API ||
	    strcmp(info->target, "x86_64") || !info->system ||
	    info->cpus != 1) {
		fputs("profile: QEMU's plugin interface 1, for an x86_64 "
		      "machine of one processor, is allowed\n",
		      stderr);
		return 1;
	}
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fputs("profile: out=FILE is needed\n", stderr);
		return 1;
	}
	out = must(strdup(argv[0] + 4));
	grow_nodes();
	user = child(0, 1);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
	return 0;
}
