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
	cgl_scope_wear(scope, &cmd->charge);
	cgl_inject_reclaim(cmd->bio);
	if (!cmd->resume) {
		cgl_count(cmd->dev, started);
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
		worker->idle_since = jiffies;
	}
	spin_unlock_irqrestore(&worker->lock, flags);
	return cmd;
}

/* After cgl_worker_next() returned NULL the worker may be freed: hands off. */
static void cgl_worker_work(struct work_struct *work)
{
	struct cgl_worker *worker = container_of(work, struct cgl_worker, work);
	struct cgl_scope scope;
	struct cgl_cmd *cmd;

	cgl_scope_begin(&scope);
	while ((cmd = cgl_worker_next(worker))) {
		cgl_run(&scope, cmd);
		cond_resched();
	}
	cgl_scope_end(&scope);
}

/* False if the worker is dead; a new look-up will not find it. */
static bool cgl_worker_push(struct cgl_worker *worker, struct cgl_cmd *cmd)
{
	unsigned long flags;
	bool alive;

	spin_lock_irqsave(&worker->lock, flags);
	alive = !worker->dead;
	if (alive) {
		list_add_tail(&cmd->node, &worker->queue);
		worker->commands++;
		worker->bytes += cmd->total;
		if (++worker->queued > worker->max_queued)
			worker->max_queued = worker->queued;
		if (!worker->busy) {
			worker->busy = true;
			queue_work(worker->dev->wq, &worker->work);
		}
	}
	spin_unlock_irqrestore(&worker->lock, flags);
	return alive;
}

static void cgl_worker_setup(struct cgl_worker *worker, struct cgl_device *dev)
{
	worker->dev = dev;
	spin_lock_init(&worker->lock);
	INIT_LIST_HEAD(&worker->queue);
	INIT_WORK(&worker->work, cgl_worker_work);
	worker->idle_since = jiffies;
}

/* A worker for @charge, or whoever was faster; NULL without memory. */
static struct cgl_worker *cgl_worker_make(struct cgl_device *dev,
					  const struct cgl_charge *charge,
					  const struct cgl_worker_key *key)
{
	struct cgl_worker *worker, *other;
	int nr;

	if (cgl_inject(CGL_FAIL_WORKER) || cgl_inject(CGL_FAIL_WORKER_ROOT))
		return NULL;
	worker = kzalloc(sizeof(*worker), GFP_NOWAIT | __GFP_NOWARN);
	if (!worker)
		return NULL;
	worker->key = *key;
	cgl_worker_setup(worker, dev);
	worker->memcg_ino = cgl_memcg_ino(charge);
	worker->blkcg_ino = cgl_blkcg_ino(charge);
	other = rhashtable_lookup_get_insert_fast(&dev->workers, &worker->node,
						  cgl_worker_params);
	if (other) {
		kfree(worker);
		return IS_ERR(other) ? NULL : other;
	}
	if (cgl_inject(CGL_PIN_CSS)) {
		worker->pinned = *charge;
		cgl_charge_hold(charge);
	}
	nr = atomic_inc_return(&dev->nr_workers);
	if (nr == 1)
		queue_delayed_work(system_wq, &dev->reaper, cgl_idle_time());
	if (nr > READ_ONCE(dev->max_workers))
		WRITE_ONCE(dev->max_workers, nr);
	return worker;
}

/* The worker for @charge; NULL if none can be made, or none is wanted. */
static struct cgl_worker *cgl_worker_find(struct cgl_device *dev,
					  const struct cgl_charge *charge)
{
	struct cgl_worker_key key;
	struct cgl_worker *worker;

	if (dev->workers_mode == CGL_WORKERS_CMD)
		return NULL;
	cgl_charge_key(charge, &key);
	if (dev->workers_mode == CGL_WORKERS_SINGLE ||
	    (!key.memcg && !key.blkcg))
		return &dev->root_worker;
	worker = rhashtable_lookup(&dev->workers, &key, cgl_worker_params);
	return worker ?: cgl_worker_make(dev, charge, &key);
}

/*
 * Hand @cmd over. Does not sleep, does not fail: without a worker the command
 * runs on its own work item, for the same charge.
 */
void cgl_submit(struct cgl_device *dev, struct cgl_cmd *cmd)
{
	struct cgl_worker *worker;

	rcu_read_lock();
	do {
		worker = cgl_worker_find(dev, &cmd->charge);
	} while (worker && !cgl_worker_push(worker, cmd));
	rcu_read_unlock();

	if (!worker) {
		if (dev->workers_mode != CGL_WORKERS_CMD)
			cgl_count(dev, fallbacks);
		if (cgl_inject(CGL_FAIL_WORKER_ROOT))
			cgl_charge_put(&cmd->charge);
		queue_work(dev->wq, &cmd->work);
	}
}

static void cgl_worker_reap(struct cgl_worker *worker)
{
	struct cgl_device *dev = worker->dev;
	unsigned long flags;

	spin_lock_irqsave(&worker->lock, flags);
	if (!worker->busy &&
	    time_after(jiffies, worker->idle_since + cgl_idle_time())) {
		worker->dead = true;
		rhashtable_remove_fast(&dev->workers, &worker->node,
				       cgl_worker_params);
		atomic_dec(&dev->nr_workers);
		cgl_charge_put(&worker->pinned);
		kfree_rcu(worker, rcu);
	}
	spin_unlock_irqrestore(&worker->lock, flags);
}

/* Nothing but memory hangs on an idle worker, so there is no hurry. */
static void cgl_reaper(struct work_struct *work)
{
	struct cgl_device *dev =
		container_of(to_delayed_work(work), struct cgl_device, reaper);
	struct rhashtable_iter iter;
	struct cgl_worker *worker;

	rhashtable_walk_enter(&dev->workers, &iter);
	rhashtable_walk_start(&iter);
	while ((worker = rhashtable_walk_next(&iter))) {
		if (!IS_ERR(worker))
			cgl_worker_reap(worker);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);

	if (atomic_read(&dev->nr_workers))
		queue_delayed_work(system_wq, &dev->reaper, cgl_idle_time());
}

static void cgl_worker_show(struct cgl_worker *worker, struct seq_file *m)
{
	unsigned long flags;

	spin_lock_irqsave(&worker->lock, flags);
	seq_printf(m, "%llu %llu %u %u %llu %llu\n", worker->memcg_ino,
		   worker->blkcg_ino, worker->queued, worker->max_queued,
		   worker->commands, worker->bytes);
	spin_unlock_irqrestore(&worker->lock, flags);
}

/*
 * A line for each worker: its memory and I/O cgroup, commands that wait and
 * their maximum, commands and bytes that it was given.
 */
void cgl_workers_show(struct cgl_device *dev, struct seq_file *m)
{
	struct rhashtable_iter iter;
	struct cgl_worker *worker;

	seq_puts(m, "memcg blkcg queued max_queued commands bytes\n");
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
	unsigned int flags = WQ_UNBOUND;
	int err;

	if (!cgl_inject(CGL_NO_FREEZE))
		flags |= WQ_FREEZABLE;
	dev->wq = alloc_workqueue("%s%d", flags, WQ_MAX_ACTIVE, cgl_name(),
				  dev->number);
	if (!dev->wq)
		return -ENOMEM;
	err = rhashtable_init(&dev->workers, &cgl_worker_params);
	if (err) {
		destroy_workqueue(dev->wq);
		return err;
	}
	cgl_workers_limit(dev);
	cgl_worker_setup(&dev->root_worker, dev);
	INIT_DELAYED_WORK(&dev->reaper, cgl_reaper);
	return 0;
}

static void cgl_worker_free(void *ptr, void *unused)
{
	struct cgl_worker *worker = ptr;

	cgl_charge_put(&worker->pinned);
	kfree(worker);
}

/* No bio may be in flight, and none may come. */
void cgl_workers_exit(struct cgl_device *dev)
{
	cancel_delayed_work_sync(&dev->reaper);
	destroy_workqueue(dev->wq);
	rhashtable_free_and_destroy(&dev->workers, cgl_worker_free, NULL);
}
