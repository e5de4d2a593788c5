// SPDX-License-Identifier: GPL-2.0
/*
 * Counters in debugfs: a file for each device, one "name value" a line, and
 * another with its workers.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "cgloop.h"

static struct dentry *cgl_debugfs;

/* What this CPU has kept to itself goes to the device's gauge. */
void cgl_gauge_fold(struct cgl_device *dev, enum cgl_level level)
{
	struct cgl_gauge *gauge = &dev->gauges[level];
	int sum = atomic_add_return(this_cpu_xchg(dev->stats->level[level], 0),
				    &gauge->sum);

	/* Who is late may bring it down again, by less than the slack. */
	if (sum > READ_ONCE(gauge->max))
		WRITE_ONCE(gauge->max, sum);
}

static void cgl_gauge_show(struct cgl_device *dev, struct seq_file *m,
			   const char *name, enum cgl_level level, u64 now)
{
	seq_printf(m, "%s %llu\n", name, now);
	seq_printf(m, "max_%s %llu\n", name,
		   max_t(u64, now, READ_ONCE(dev->gauges[level].max)));
}

static int cgl_stats_show(struct seq_file *m, void *unused)
{
	struct cgl_device *dev = m->private;
	struct cgl_stats sum = {};
	int cpu;

	/* Later stages first: no difference below can come out negative. */
	for_each_possible_cpu(cpu)
		sum.completed +=
			READ_ONCE(per_cpu_ptr(dev->stats, cpu)->completed);
	for_each_possible_cpu(cpu)
		sum.started +=
			READ_ONCE(per_cpu_ptr(dev->stats, cpu)->started) +
			READ_ONCE(per_cpu_ptr(dev->stats, cpu)->inlined);
	for_each_possible_cpu(cpu) {
		struct cgl_stats *s = per_cpu_ptr(dev->stats, cpu);

		sum.submitted += READ_ONCE(s->submitted);
		sum.errors += READ_ONCE(s->errors);
		sum.inlined += READ_ONCE(s->inlined);
		sum.cached += READ_ONCE(s->cached);
		sum.handed_over += READ_ONCE(s->handed_over);
		sum.again += READ_ONCE(s->again);
		sum.fallbacks += READ_ONCE(s->fallbacks);
		sum.reserved += READ_ONCE(s->reserved);
		sum.shared += READ_ONCE(s->shared);
		sum.resumed += READ_ONCE(s->resumed);
		sum.inferred += READ_ONCE(s->inferred);
		sum.stack = max(sum.stack, READ_ONCE(s->stack));
	}
	seq_printf(m, "submitted %llu\n", sum.submitted);
	cgl_gauge_show(dev, m, "queued", CGL_QUEUED,
		       sum.submitted - sum.started);
	cgl_gauge_show(dev, m, "in_flight", CGL_IN_FLIGHT,
		       sum.submitted - sum.completed);
	seq_printf(m, "completed %llu\n", sum.completed);
	seq_printf(m, "errors %llu\n", sum.errors);
	seq_printf(m, "inline %llu\n", sum.inlined);
	seq_printf(m, "cached %llu\n", sum.cached);
	seq_printf(m, "handed_over %llu\n", sum.handed_over);
	seq_printf(m, "again %llu\n", sum.again);
	seq_printf(m, "shared_flushes %llu\n", sum.shared);
	seq_printf(m, "resumed %llu\n", sum.resumed);
	seq_printf(m, "fallbacks %llu\n", sum.fallbacks);
	seq_printf(m, "from_reserve %llu\n", sum.reserved);
	seq_printf(m, "inferred %llu\n", sum.inferred);
	seq_printf(m, "max_inline_stack %u\n", sum.stack);
	seq_printf(m, "stack_size %lu\n", THREAD_SIZE);
	seq_printf(m, "workers %d\n", atomic_read(&dev->nr_workers));
	seq_printf(m, "max_workers %d\n", READ_ONCE(dev->max_workers));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cgl_stats);

static int cgl_charges_show(struct seq_file *m, void *unused)
{
	cgl_workers_show(m->private, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cgl_charges);

void cgl_stats_add(struct cgl_device *dev)
{
	char name[DISK_NAME_LEN + sizeof("-workers")];

	snprintf(name, sizeof(name), "%s-workers", dev->disk->disk_name);
	dev->debugfs[0] =
		debugfs_create_file(dev->disk->disk_name, 0400, cgl_debugfs,
				    dev, &cgl_stats_fops);
	dev->debugfs[1] = debugfs_create_file(name, 0400, cgl_debugfs, dev,
					      &cgl_charges_fops);
}

void cgl_stats_remove(struct cgl_device *dev)
{
	debugfs_remove(dev->debugfs[0]);
	debugfs_remove(dev->debugfs[1]);
}

void cgl_stats_init(void)
{
	cgl_debugfs = debugfs_create_dir("cgloop", NULL);
}

void cgl_stats_exit(void)
{
	debugfs_remove_recursive(cgl_debugfs);
}
