/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part that we use of QEMU's interface for TCG plugins, version 1. Debian's
 * QEMU has the interface, and its packages lack the header.
 */
#ifndef QEMU_PLUGIN_H
#define QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_API 1

/* QEMU looks these up in the plugin. */
#define PLUGIN_EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;

struct plugin_info {
	const char *target;
	struct {
		int oldest;
		int newest;
	} api;
	bool system;
	int cpus;
	int cpus_max;
};

/*
 * A translated block, and an instruction in it. Both are valid only within the
 * callback that gets them.
 */
struct qemu_plugin_tb;
struct qemu_plugin_insn;

/* Callbacks read no registers; version 1 cannot show any. */
enum plugin_registers {
	PLUGIN_NO_REGISTERS,
};

enum plugin_access {
	PLUGIN_READS = 1,
	PLUGIN_WRITES = 2,
};

enum plugin_inline {
	PLUGIN_ADD_U64,
};

typedef void plugin_translated(plugin_id id, struct qemu_plugin_tb *tb);
typedef void plugin_executes(unsigned int cpu, void *data);
typedef void plugin_accesses(unsigned int cpu, uint32_t what, uint64_t address,
			     void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
					   plugin_translated *callback);
/* Before the block's first instruction. */
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  plugin_executes *callback,
					  enum plugin_registers registers,
					  void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    plugin_executes *callback,
					    enum plugin_registers registers,
					    void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
						enum plugin_inline what,
						void *number, uint64_t by);
/* After the access; the address is the guest's virtual one. */
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      plugin_accesses *callback,
				      enum plugin_registers registers,
				      enum plugin_access which, void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t at);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

#endif
