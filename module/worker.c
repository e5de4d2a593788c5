// SPDX-License-Identifier: GPL-2.0
/*
 * Who runs a command: one thread for all (workers=single), or a worker for
 * each charge (workers=cgroup).
 */
#include <linux/slab.h>

#include "cgloop.h"

static const struct rhashtable_params cgl_worker_params = {
	.key_len = sizeof(struct cgl_worker_key),
	.key_offset = offsetof(struct cgl_worker, key),
	.head_offset = offsetof(struct cgl_worker, node),
	.automatic_shrinking = true,
};

static void cgl_run(struct cgl_scope *scope, struct cgl_cmd *cmd)
{
	cgl_scope_wear(scope, &cmd->charge);
	if (!cmd->resume)
		cgl_count(cmd->dev, started);
	cgl_io_start(cmd);
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

/* The worker for @key, made if there is none; NULL if none can be made. */
static struct cgl_worker *cgl_worker_find(struct cgl_device *dev,
					  const struct cgl_worker_key *key)
{
	struct cgl_worker *worker, *other;

	worker = rhashtable_lookup(&dev->workers, key, cgl_worker_params);
	if (worker)
		return worker;

	worker = kzalloc(sizeof(*worker), GFP_NOWAIT | __GFP_NOWARN);
	if (!worker)
		return NULL;
	worker->key = *key;
	cgl_worker_setup(worker, dev);
	other = rhashtable_lookup_get_insert_fast(&dev->workers, &worker->node,
						  cgl_worker_params);
	if (other) {
		kfree(worker);
		return IS_ERR(other) ? NULL : other;
	}
	if (atomic_inc_return(&dev->nr_workers) == 1)
		queue_delayed_work(system_wq, &dev->reaper, CGL_IDLE_SECS * HZ);
	return worker;
}

/*
 * Hand @cmd over. Does not sleep, does not fail: without a worker the command
 * runs on its own work item, for the same charge.
 */
void cgl_submit(struct cgl_device *dev, struct cgl_cmd *cmd)
{
	struct cgl_worker *worker = &dev->root_worker;
	struct cgl_worker_key key;

	cgl_charge_key(&cmd->charge, &key);
	rcu_read_lock();
	do {
		if (dev->workers_mode == CGL_WORKERS_CGROUP &&
		    (key.memcg || key.blkcg))
			worker = cgl_worker_find(dev, &key);
	} while (worker && !cgl_worker_push(worker, cmd));
	rcu_read_unlock();

	if (!worker) {
		cgl_count(dev, fallbacks);
		queue_work(dev->wq, &cmd->work);
	}
}

static void cgl_worker_reap(struct cgl_worker *worker)
{
	struct cgl_device *dev = worker->dev;
	unsigned long flags;

	spin_lock_irqsave(&worker->lock, flags);
	if (!worker->busy &&
	    time_after(jiffies, worker->idle_since + CGL_IDLE_SECS * HZ)) {
		worker->dead = true;
		rhashtable_remove_fast(&dev->workers, &worker->node,
				       cgl_worker_params);
		atomic_dec(&dev->nr_workers);
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
		queue_delayed_work(system_wq, &dev->reaper, CGL_IDLE_SECS * HZ);
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
	err = rhashtable_init(&dev->workers, &cgl_worker_params);
	if (err) {
		destroy_workqueue(dev->wq);
		return err;
	}
	cgl_worker_setup(&dev->root_worker, dev);
	INIT_DELAYED_WORK(&dev->reaper, cgl_reaper);
	return 0;
}

static void cgl_worker_free(void *ptr, void *unused)
{
	kfree(ptr);
}

/* No bio may be in flight, and none may come. */
void cgl_workers_exit(struct cgl_device *dev)
{
	cancel_delayed_work_sync(&dev->reaper);
	destroy_workqueue(dev->wq);
	rhashtable_free_and_destroy(&dev->workers, cgl_worker_free, NULL);
}
