// SPDX-License-Identifier: GPL-2.0
/*
 * The faults that cgloop-inject.ko has and cgloop.ko has not. Included last:
 * see cgloop-inject.c.
 */
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/ioprio.h>
#include <linux/slab.h>

static const char *const cgl_fault_names[CGL_NR_FAULTS] = {
	[CGL_PIN_CSS] = "pin-css",
	[CGL_LEAK_ON_ERROR] = "leak-on-error",
	[CGL_DROP_IOPRIO] = "drop-ioprio",
	[CGL_CORRUPT] = "corrupt",
	[CGL_FAIL_WORKER] = "fail-worker",
	[CGL_FAIL_WORKER_ROOT] = "fail-worker-root",
	[CGL_DROP_FLUSH] = "drop-flush",
	[CGL_CHARGE_FIRST_BIO] = "charge-first-bio",
	[CGL_NO_FLAGS] = "no-flags",
	[CGL_RECLAIM_WAITS] = "reclaim-waits",
	[CGL_NO_FREEZE] = "no-freeze",
	[CGL_WRONG_ERRNO] = "wrong-errno",
	[CGL_NO_GUARD] = "no-guard",
	[CGL_LOSE_MEMORY] = "lose-memory",
	[CGL_LATE_TOUCH] = "late-touch",
	[CGL_OBEY_LIMITS] = "obey-limits",
	[CGL_CLONE_ANYWAY] = "clone-anyway",
	[CGL_SAME_MEDIUM] = "same-medium",
	[CGL_UNBIND_AT_ONCE] = "unbind-at-once",
	[CGL_NO_CLAIM] = "no-claim",
	[CGL_CHARGE_BUFFER] = "charge-buffer",
	[CGL_STALL_ALL] = "stall-all",
	[CGL_ZERO_BEHIND_END] = "zero-behind-end",
	[CGL_UNALIGNED] = "unaligned",
	[CGL_NO_RETRY] = "no-retry",
	[CGL_OOM] = "oom",
	[CGL_CHARGE_SWAP] = "charge-swap",
	[CGL_CACHE_ANYWAY] = "cache-anyway",
	[CGL_NO_MEMORY] = "no-memory",
	[CGL_OPEN_RESERVE] = "open-reserve",
	[CGL_STALE_NAME] = "stale-name",
	[CGL_HALF_MOVE] = "half-move",
	[CGL_KEEP_LIMITS] = "keep-limits",
	[CGL_OLD_FLUSH] = "old-flush",
	[CGL_DIRECT_ANYWAY] = "direct-anyway",
};

unsigned long cgl_faults;

/* More than the slab may grow by for other reasons: 50 MiB. */
#define CGL_LOST 6400

static void cgl_inject_lose(void)
{
	int i;

	for (i = 0; i < CGL_LOST; i++)
		if (!kmalloc(8192, GFP_KERNEL))
			return;
}

static int cgl_fault_by_name(const char *word)
{
	int i;

	for (i = 0; i < CGL_NR_FAULTS; i++)
		if (cgl_fault_names[i] && !strcmp(cgl_fault_names[i], word))
			return i;
	return -EINVAL;
}

static int cgl_inject_set(const char *words, const struct kernel_param *kp)
{
	char *copy = kstrdup(words, GFP_KERNEL), *rest = copy, *word;
	unsigned long faults = 0;
	int i = 0;

	if (!copy)
		return -ENOMEM;
	while (i >= 0 && (word = strsep(&rest, ",\n"))) {
		if (!*word)
			continue;
		i = cgl_fault_by_name(word);
		if (i < 0)
			pr_err("inject=%.32s: no such fault\n", word);
		else
			faults |= BIT(i);
	}
	kfree(copy);
	if (i < 0)
		return -EINVAL;
	cgl_faults = faults;
	if (faults & BIT(CGL_LOSE_MEMORY))
		cgl_inject_lose();
	return 0;
}

static int cgl_inject_get(char *buf, const struct kernel_param *kp)
{
	int i, len = 0;

	for_each_set_bit(i, &cgl_faults, CGL_NR_FAULTS) len +=
		sysfs_emit_at(buf, len, "%s%s", len ? "," : "",
			      cgl_fault_names[i]);
	return len + sysfs_emit_at(buf, len, "\n");
}

static const struct kernel_param_ops cgl_inject_ops = {
	.set = cgl_inject_set,
	.get = cgl_inject_get,
};

module_param_cb(inject, &cgl_inject_ops, NULL, 0644);
MODULE_PARM_DESC(inject, "Faults to switch on, by name, separated by commas");

static void cgl_inject_corrupt(struct bio *bio)
{
	static atomic_t reads = ATOMIC_INIT(0);
	char *data;

	if (atomic_inc_return(&reads) % 16)
		return;
	data = bvec_kmap_local(&bio->bi_io_vec[bio->bi_iter.bi_idx]);
	data[0] ^= 1;
	kunmap_local(data);
}

/*
 * What reclaim that may do I/O would come to: it waits until a page is written
 * back, and the page is the one that its own thread is to write. Ends when the
 * fault is switched off.
 */
static void cgl_inject_reclaim(struct bio *bio)
{
	if (!bio_has_data(bio))
		return;
	while (cgl_fault(CGL_RECLAIM_WAITS) &&
	       folio_test_writeback(page_folio(bio_page(bio))))
		msleep(20);
}

/* The first charge that came along, for as long as a device is bound. */
static DEFINE_SPINLOCK(cgl_first_lock);
static struct cgl_charge cgl_first;

/* Whoever has the same blkcg as the first one is taken for it. */
static void cgl_inject_first(struct cgl_charge *charge)
{
	struct cgl_charge none = {}, old = {};
	unsigned long flags;

	if (!charge->blkcg && !charge->memcg)
		return;
	spin_lock_irqsave(&cgl_first_lock, flags);
	if (!cgl_first.memcg && charge->memcg) {
		cgl_first = *charge;
		cgl_charge_hold(&cgl_first);
	}
	if (cgl_first.memcg && charge->blkcg == cgl_first.blkcg) {
		old = *charge;
		*charge = cgl_first;
		cgl_charge_hold(charge);
	} else {
		old = none;
	}
	spin_unlock_irqrestore(&cgl_first_lock, flags);
	cgl_charge_put(&old);
}

/* The css of the first command that has ended, and no reference on it. */
static struct cgroup_subsys_state *cgl_touched;

static void cgl_touch(struct work_struct *work)
{
	READ_ONCE(cgl_touched->flags);
	schedule_delayed_work(to_delayed_work(work), HZ / 10);
}

static DECLARE_DELAYED_WORK(cgl_touch_work, cgl_touch);

static void cgl_inject_touch(const struct cgl_charge *charge)
{
	if (charge->memcg && !cmpxchg(&cgl_touched, NULL, &charge->memcg->css))
		schedule_delayed_work(&cgl_touch_work, HZ / 10);
}

static void cgl_inject_forget(void)
{
	struct cgl_charge old;
	unsigned long flags;

	cancel_delayed_work_sync(&cgl_touch_work);
	cgl_touched = NULL;
	spin_lock_irqsave(&cgl_first_lock, flags);
	old = cgl_first;
	memset(&cgl_first, 0, sizeof(cgl_first));
	spin_unlock_irqrestore(&cgl_first_lock, flags);
	cgl_charge_put(&old);
}

/* What idle workers would keep: the charges that have been seen, once each. */
#define CGL_PINS 256
static DEFINE_SPINLOCK(cgl_pins_lock);
static struct cgl_charge cgl_pins[CGL_PINS];

static void cgl_pin(const struct cgl_charge *charge)
{
	unsigned long flags;
	int i;

	if (!charge->memcg && !charge->blkcg)
		return;
	spin_lock_irqsave(&cgl_pins_lock, flags);
	for (i = 0; i < CGL_PINS; i++) {
		if (cgl_pins[i].memcg == charge->memcg &&
		    cgl_pins[i].blkcg == charge->blkcg)
			break;
		if (!cgl_pins[i].memcg && !cgl_pins[i].blkcg) {
			cgl_pins[i] = *charge;
			cgl_charge_hold(charge);
			break;
		}
	}
	spin_unlock_irqrestore(&cgl_pins_lock, flags);
}

static void cgl_unpin(void)
{
	int i;

	for (i = 0; i < CGL_PINS; i++)
		cgl_charge_put(&cgl_pins[i]);
}

struct cgl_worker *cgl_worker_get(struct cgl_device *dev,
				  const struct cgl_charge *charge,
				  unsigned int bytes)
{
	if ((cgl_fault(CGL_FAIL_WORKER) || cgl_fault(CGL_FAIL_WORKER_ROOT)) &&
	    (charge->memcg || charge->blkcg))
		return NULL;
	if (cgl_fault(CGL_PIN_CSS))
		cgl_pin(charge);
	return cgl_real_worker_get(dev, charge, bytes);
}

void cgl_workers_exit(struct cgl_device *dev)
{
	cgl_real_workers_exit(dev);
	cgl_unpin();
}

void cgl_submit(struct cgl_device *dev, struct cgl_cmd *cmd)
{
	if (cgl_fault(CGL_FAIL_WORKER_ROOT) && !cmd->worker)
		cgl_charge_put(&cmd->charge);
	cgl_real_submit(dev, cmd);
}

void cgl_submit_bio(struct bio *bio)
{
	if (cgl_fault(CGL_DROP_IOPRIO))
		bio->bi_ioprio = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4);
	if (cgl_fault(CGL_DROP_FLUSH))
		bio->bi_opf &= ~(REQ_PREFLUSH | REQ_FUA);
	cgl_real_submit_bio(bio);
}

void cgl_cmd_end(struct cgl_cmd *cmd, int err)
{
	static const struct cgl_charge leaked;

	if (cgl_fault(CGL_LATE_TOUCH))
		cgl_inject_touch(&cmd->charge);
	if (err && cgl_fault(CGL_LEAK_ON_ERROR))
		cmd->charge = leaked;
	if (!err && cgl_fault(CGL_CORRUPT) && bio_op(cmd->bio) == REQ_OP_READ)
		cgl_inject_corrupt(cmd->bio);
	cgl_real_cmd_end(cmd, err);
}

/* Most faults are in the workers' way. */
enum cgl_fast cgl_fast_path(const struct cgl_binding *binding)
{
	if (cgl_faults & (BIT(CGL_NEEDS_WORKERS) - 1))
		return CGL_FAST_NONE;
	return cgl_real_fast_path(binding);
}

enum cgl_source cgl_charge_get(struct cgl_charge *charge, struct bio *bio,
			       enum cgl_charge_mode mode)
{
	enum cgl_source source = cgl_real_charge_get(charge, bio, mode);

	if (cgl_fault(CGL_CHARGE_FIRST_BIO))
		cgl_inject_first(charge);
	return source;
}

void cgl_scope_begin(struct cgl_scope *scope)
{
	cgl_real_scope_begin(scope);
	if (cgl_fault(CGL_NO_FLAGS))
		current_restore_flags(scope->old_flags,
				      PF_LOCAL_THROTTLE | PF_MEMALLOC_NOIO);
}

void cgl_io_start(struct cgl_scope *scope, struct cgl_cmd *cmd)
{
	cgl_inject_reclaim(cmd->bio);
	cgl_real_io_start(scope, cmd);
}

int cgl_claim_whole(struct cgl_device *dev, blk_mode_t mode,
		    struct block_device *bdev)
{
	return cgl_fault(CGL_NO_CLAIM) ? 0 :
					 cgl_real_claim_whole(dev, mode, bdev);
}

void cgl_unclaim_whole(struct cgl_device *dev, blk_mode_t mode,
		       struct block_device *bdev)
{
	if (!cgl_fault(CGL_NO_CLAIM))
		cgl_real_unclaim_whole(dev, mode, bdev);
}

/* Freezing keeps new bios waiting. */
void cgl_binding_reap(struct cgl_device *dev, bool wait)
{
	bool stall = wait && cgl_fault(CGL_STALL_ALL);
	unsigned int frozen = stall ? cgl_freeze(dev->disk) : 0;

	cgl_real_binding_reap(dev, wait);
	if (stall)
		cgl_unfreeze(dev->disk, frozen);
}

/* For so long a device has its new offset, and the capacity for the old one. */
#define CGL_HALF_MS 20

static void cgl_inject_half(struct cgl_device *dev, struct cgl_binding *binding)
{
	struct cgl_binding *half = cgl_binding_alloc(binding);

	if (!half)
		return;
	half->capacity = cgl_binding_of(dev)->capacity;
	cgl_binding_publish(dev, half);
	msleep(CGL_HALF_MS);
}

int cgl_binding_replace(struct cgl_device *dev, struct cgl_binding *binding)
{
	bool stall = cgl_fault(CGL_STALL_ALL);
	unsigned int frozen = stall ? cgl_freeze(dev->disk) : 0;
	int err;

	if (cgl_fault(CGL_HALF_MOVE))
		cgl_inject_half(dev, binding);
	err = cgl_real_binding_replace(dev, binding);
	if (stall)
		cgl_unfreeze(dev->disk, frozen);
	return err;
}

int cgl_limit(struct cgl_device *dev, const struct cgl_binding *binding,
	      unsigned int *frozen)
{
	if (!cgl_fault(CGL_KEEP_LIMITS) || !binding || !cgl_binding_of(dev))
		return cgl_real_limit(dev, binding, frozen);
	*frozen = cgl_freeze(dev->disk);
	return 0;
}

void cgl_set_direct(struct cgl_binding *binding, bool direct)
{
	cgl_real_set_direct(binding, direct);
	if (cgl_fault(CGL_DIRECT_ANYWAY)) {
		binding->direct = direct;
		binding->fast = cgl_fast_path(binding);
	}
}

char *cgl_file_path(struct file *file, char *buf, int size)
{
	static char first[256];
	char *name = file_path(file, buf, size);

	if (!cgl_fault(CGL_STALE_NAME) || IS_ERR(name))
		return name;
	if (!first[0])
		strscpy(first, name, sizeof(first));
	strscpy(buf, first, size);
	return buf;
}

int cgl_clear(struct cgl_device *dev)
{
	int err = cgl_real_clear(dev);

	if (err == -ENXIO && cgl_fault(CGL_WRONG_ERRNO))
		return -EINVAL;
	if (!err && cgl_fault(CGL_UNBIND_AT_ONCE) &&
	    dev->state == CGL_RUNDOWN) {
		mutex_lock(&dev->disk->open_mutex);
		cgl_unbind(dev);
		mutex_unlock(&dev->disk->open_mutex);
	}
	return err;
}

void cgl_unbind(struct cgl_device *dev)
{
	cgl_real_unbind(dev);
	cgl_inject_forget();
}
