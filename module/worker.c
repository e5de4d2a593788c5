// SPDX-License-Identifier: GPL-2.0
/*
 * Who runs a command: one thread for all (workers=single), a worker for each
 * charge (workers=cgroup), or a work item of its own (workers=cmd).
 */
#include <linux/hash.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "cgloop.h"
#include "trace.h"

/* On every submission, so cheaper than a hash of any bytes. */
static u32 cgl_key_hash(const void *data, u32 len, u32 seed)
{
	const struct cgl_worker_key *key = data;

	return hash_64(key->memcg + seed, 32) ^ hash_64(key->blkcg, 32);
}

static int cgl_key_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct cgl_worker_key *key = arg->key;
	const struct cgl_worker *worker = obj;

	return key->memcg != worker->key.memcg ||
	       key->blkcg != worker->key.blkcg;
}

static const struct rhashtable_params cgl_worker_params = {
	.key_len = sizeof(struct cgl_worker_key),
	.key_offset = offsetof(struct cgl_worker, key),
	.head_offset = offsetof(struct cgl_worker, node),
	.hashfn = cgl_key_hash,
	.obj_cmpfn = cgl_key_differs,
	.automatic_shrinking = true,
};

static void cgl_run(struct cgl_scope *scope, struct cgl_cmd *cmd)
{
	cgl_scope_charge(scope, &cmd->charge);
	if (!cmd->resume) {
		cgl_count(cmd->dev, started);
		cgl_gauge_add(cmd->dev, CGL_QUEUED, -1);
		trace_cgloop_start(cmd);
	}
	cgl_io_start(scope, cmd);
}

/* A command on a work item of its own: unordered, still charged. */
void cgl_cmd_work(struct work_struct *work)
{
	struct cgl_cmd *cmd = container_of(work, struct cgl_cmd, work);
	struct cgl_scope scope;

	cgl_scope_begin(&scope);
	cgl_run(&scope, cmd);
	cgl_scope_end(&scope);
}

static struct cgl_cmd *cgl_worker_next(struct cgl_worker *worker)
{
	struct cgl_cmd *cmd;
	unsigned long flags;

	spin_lock_irqsave(&worker->lock, flags);
	cmd = list_first_entry_or_null(&worker->queue, struct cgl_cmd, node);
	if (cmd) {
		list_del(&cmd->node);
		worker->queued--;
	} else {
		worker->busy = false;
	}
	spin_unlock_irqrestore(&worker->lock, flags);
	return cmd;
}

/*
 * Whoever was woken gets to run when the queue is empty, to fill it before this
 * thread would have to be woken again, or else now and then: once for several
 * that ended costs less. After cgl_worker_next() returned NULL the worker may
 * be freed: hands off.
 */
static void cgl_worker_work(struct work_struct *work)
{
	struct cgl_worker *worker = container_of(work, struct cgl_worker, work);
	struct cgl_scope scope;
	struct cgl_cmd *cmd;
	unsigned int n = 0;

	cgl_scope_begin(&scope);
	while ((cmd = cgl_worker_next(worker))) {
		cgl_run(&scope, cmd);
		if (list_empty(&worker->queue) || ++n % CGL_BURST == 0)
			cond_resched();
	}
	cgl_scope_end(&scope);
}

static void cgl_worker_push(struct cgl_worker *worker, struct cgl_cmd *cmd)
{
	unsigned long flags;

	spin_lock_irqsave(&worker->lock, flags);
	list_add_tail(&cmd->node, &worker->queue);
	if (++worker->queued > worker->max_queued)
		worker->max_queued = worker->queued;
	if (!worker->busy) {
		worker->busy = true;
		queue_work(worker->dev->wq, &worker->work);
	}
	spin_unlock_irqrestore(&worker->lock, flags);
}

static int cgl_worker_setup(struct cgl_worker *worker, struct cgl_device *dev,
			    gfp_t gfp)
{
	int cpu;

	worker->dev = dev;
	spin_lock_init(&worker->lock);
	INIT_LIST_HEAD(&worker->queue);
	INIT_WORK(&worker->work, cgl_worker_work);
	worker->tally = alloc_percpu_gfp(struct cgl_tally, gfp);
	if (!worker->tally)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		INIT_LIST_HEAD(&per_cpu_ptr(worker->tally, cpu)->spares);
	return 0;
}

static void cgl_worker_teardown(struct cgl_worker *worker)
{
	int cpu;

	for_each_possible_cpu(cpu)
		cgl_cmd_free_list(&per_cpu_ptr(worker->tally, cpu)->spares);
	free_percpu(worker->tally);
}

static void cgl_worker_free(struct cgl_worker *worker)
{
	cgl_worker_teardown(worker);
	kfree(worker);
}

static struct cgl_worker *cgl_worker_alloc(struct cgl_device *dev,
					   const struct cgl_charge *charge)
{
	const gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN;
	struct cgl_worker *worker = kzalloc(sizeof(*worker), gfp);

	if (!worker)
		return NULL;
	if (cgl_worker_setup(worker, dev, gfp)) {
		kfree(worker);
		return NULL;
	}
	worker->key = cgl_charge_key(charge);
	worker->memcg_ino = cgl_memcg_ino(charge);
	worker->blkcg_ino = cgl_blkcg_ino(charge);
	return worker;
}

/*
 * Add a worker for @charge to the table. Returns the one that another CPU has
 * added meanwhile, if there is one; NULL without memory.
 */
static struct cgl_worker *cgl_worker_add(struct cgl_device *dev,
					 const struct cgl_charge *charge)
{
	struct cgl_worker *worker = cgl_worker_alloc(dev, charge), *other;
	int nr;

	if (!worker)
		return NULL;
	other = rhashtable_lookup_get_insert_fast(&dev->workers, &worker->node,
						  cgl_worker_params);
	if (other) {
		cgl_worker_free(worker);
		return IS_ERR(other) ? NULL : other;
	}
	nr = atomic_inc_return(&dev->nr_workers);
	if (nr == 1)
		queue_delayed_work(system_freezable_wq, &dev->reaper,
				   cgl_idle_time());
	if (nr > READ_ONCE(dev->max_workers))
		WRITE_ONCE(dev->max_workers, nr);
	return worker;
}

/* Out of line, to save cgl_worker_get() the registers. */
static noinline struct cgl_worker *
cgl_worker_find(struct cgl_device *dev, const struct cgl_charge *charge)
{
	const struct cgl_worker_key key = cgl_charge_key(charge);
	struct cgl_worker *worker = &dev->root_worker;

	if (charge->memcg || charge->blkcg)
		worker = rhashtable_lookup(&dev->workers, &key,
					   cgl_worker_params);
	if (!worker)
		worker = cgl_worker_add(dev, charge);
	if (worker)
		this_cpu_write(dev->stats->last, worker);
	return worker;
}

/*
 * Count a bio of @bytes at the worker for @charge, and hold that worker until
 * cgl_worker_put(). Most often it is the one that this CPU looked up last. Does
 * not sleep; NULL without memory for a new worker.
 */
struct cgl_worker *cgl_worker_get(struct cgl_device *dev,
				  const struct cgl_charge *charge,
				  unsigned int bytes)
{
	struct cgl_worker *worker;

	rcu_read_lock();
	worker = this_cpu_read(dev->stats->last);
	if (!worker || worker->key.memcg != cgl_memcg_key(charge) ||
	    worker->key.blkcg != cgl_blkcg_key(charge))
		worker = cgl_worker_find(dev, charge);
	if (worker) {
		this_cpu_inc(worker->tally->held);
		this_cpu_inc(worker->tally->commands);
		this_cpu_add(worker->tally->bytes, bytes);
	}
	rcu_read_unlock();
	return worker;
}

/* Who runs @cmd; NULL: its own work item. */
static struct cgl_worker *cgl_cmd_runner(struct cgl_cmd *cmd)
{
	switch (cmd->binding->workers_mode) {
	case CGL_WORKERS_SINGLE:
		return &cmd->dev->root_worker;
	case CGL_WORKERS_CMD:
		return NULL;
	default:
		if (!cmd->worker)
			cgl_count(cmd->dev, fallbacks);
		return cmd->worker;
	}
}

/*
 * Hand @cmd over. Does not sleep, does not fail: without a worker the command
 * runs on its own work item, for the same charge.
 */
void cgl_submit(struct cgl_device *dev, struct cgl_cmd *cmd)
{
	struct cgl_worker *worker = cgl_cmd_runner(cmd);

	cgl_gauge_add(dev, CGL_QUEUED, 1);
	if (worker) {
		cgl_worker_push(worker, cmd);
		return;
	}
	queue_work(dev->wq, &cmd->work);
}

static void cgl_worker_sum(const struct cgl_worker *worker,
			   struct cgl_tally *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		struct cgl_tally *t = per_cpu_ptr(worker->tally, cpu);

		sum->commands += READ_ONCE(t->commands);
		sum->bytes += READ_ONCE(t->bytes);
		sum->held += READ_ONCE(t->held);
	}
}

/*
 * Is it neither held nor at work? Final for a worker that no look-up can find:
 * from then on it is only let go of.
 */
static bool cgl_worker_is_idle(struct cgl_worker *worker)
{
	struct cgl_tally sum;
	bool idle;

	cgl_worker_sum(worker, &sum);
	/* Pairs with cgl_worker_put(). */
	smp_rmb();
	spin_lock_irq(&worker->lock);
	idle = !worker->busy && !sum.held;
	spin_unlock_irq(&worker->lock);
	return idle;
}

/* Take those out of the table that had nothing to do since the last time. */
static void cgl_reap_idle(struct cgl_device *dev)
{
	struct rhashtable_iter iter;
	struct cgl_worker *worker;
	struct cgl_tally sum;

	rhashtable_walk_enter(&dev->workers, &iter);
	rhashtable_walk_start(&iter);
	while ((worker = rhashtable_walk_next(&iter))) {
		if (IS_ERR(worker))
			continue;
		cgl_worker_sum(worker, &sum);
		if (sum.commands == worker->seen && !sum.held) {
			rhashtable_remove_fast(&dev->workers, &worker->node,
					       cgl_worker_params);
			list_add(&worker->leaving, &dev->leaving);
		}
		worker->seen = sum.commands;
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

/*
 * No look-up may find those that are leaving: neither in the table, where they
 * are not any more, nor where a CPU has kept one that it found there.
 */
static void cgl_reap_forget(struct cgl_device *dev)
{
	int cpu;

	synchronize_rcu();
	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu_ptr(dev->stats, cpu)->last, NULL);
	synchronize_rcu();
}

/* Nothing but memory hangs on an idle worker, so there is no hurry. */
static void cgl_reaper(struct work_struct *work)
{
	struct cgl_device *dev =
		container_of(to_delayed_work(work), struct cgl_device, reaper);
	struct cgl_worker *worker, *next;

	cgl_reap_idle(dev);
	if (!list_empty(&dev->leaving))
		cgl_reap_forget(dev);
	list_for_each_entry_safe(worker, next, &dev->leaving, leaving) {
		if (cgl_worker_is_idle(worker)) {
			list_del(&worker->leaving);
			cgl_worker_free(worker);
			atomic_dec(&dev->nr_workers);
		}
	}
	if (atomic_read(&dev->nr_workers))
		queue_delayed_work(system_freezable_wq, &dev->reaper,
				   cgl_idle_time());
}

static void cgl_worker_show(struct cgl_worker *worker, struct seq_file *m)
{
	struct cgl_tally sum;

	cgl_worker_sum(worker, &sum);
	seq_printf(m, "%llu %llu %u %u %lld %llu %llu\n", worker->memcg_ino,
		   worker->blkcg_ino, READ_ONCE(worker->queued),
		   READ_ONCE(worker->max_queued), max(sum.held, 0LL),
		   sum.commands, sum.bytes);
}

/*
 * A line for each charge that was there lately: its memory and I/O cgroup;
 * commands that wait for a worker, and their maximum; references held on each
 * of the two, one for each bio under way; bios and bytes there have been.
 */
void cgl_workers_show(struct cgl_device *dev, struct seq_file *m)
{
	struct rhashtable_iter iter;
	struct cgl_worker *worker;

	seq_puts(m, "memcg blkcg queued max_queued held bios bytes\n");
	cgl_worker_show(&dev->root_worker, m);
	rhashtable_walk_enter(&dev->workers, &iter);
	rhashtable_walk_start(&iter);
	while ((worker = rhashtable_walk_next(&iter))) {
		if (!IS_ERR(worker))
			cgl_worker_show(worker, m);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

/* How many commands or workers may run at once follows from the mode. */
void cgl_workers_limit(struct cgl_device *dev)
{
	workqueue_set_max_active(dev->wq, dev->workers_mode == CGL_WORKERS_CMD ?
						  CGL_CMD_ACTIVE :
						  WQ_MAX_ACTIVE);
}

/*
 * The queue is unbound: charges must not wait for a CPU. max_active is given,
 * at its highest: it bounds how many charges can be held at once before others
 * wait. There is no rescuer: one held command would stall it.
 */
int cgl_workers_init(struct cgl_device *dev)
{
	int err;

	dev->wq = alloc_workqueue("%s%d", WQ_UNBOUND | WQ_FREEZABLE,
				  WQ_MAX_ACTIVE, cgl_name(), dev->number);
	if (!dev->wq)
		return -ENOMEM;
	err = cgl_worker_setup(&dev->root_worker, dev, GFP_KERNEL);
	if (err)
		goto out_wq;
	err = rhashtable_init(&dev->workers, &cgl_worker_params);
	if (err)
		goto out_root;
	cgl_workers_limit(dev);
	INIT_LIST_HEAD(&dev->leaving);
	INIT_DELAYED_WORK(&dev->reaper, cgl_reaper);
	return 0;

out_root:
	cgl_worker_teardown(&dev->root_worker);
out_wq:
	destroy_workqueue(dev->wq);
	return err;
}

static void cgl_worker_free_entry(void *worker, void *unused)
{
	cgl_worker_free(worker);
}

/* No bio may be in flight, and none may come. */
void cgl_workers_exit(struct cgl_device *dev)
{
	struct cgl_worker *worker, *next;

	cancel_delayed_work_sync(&dev->reaper);
	destroy_workqueue(dev->wq);
	list_for_each_entry_safe(worker, next, &dev->leaving, leaving)
		cgl_worker_free(worker);
	rhashtable_free_and_destroy(&dev->workers, cgl_worker_free_entry, NULL);
	cgl_worker_teardown(&dev->root_worker);
}
