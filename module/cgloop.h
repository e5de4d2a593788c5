/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cgloop: a loop block device that charges I/O to whoever issued it.
 * Structures and the functions that cross files, with their lifetime rules.
 */
#ifndef CGLOOP_H
#define CGLOOP_H

#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/cgroup.h>
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/loop.h>
#include <linux/memcontrol.h>
#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu-refcount.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "guard.h"

struct seq_file;

#define CGL_MAX_SECTORS 2560
/* Commands of a device that are kept for when memory has run out. */
#define CGL_RESERVE 16
/* Commands that a worker runs at most before it lets others run. */
#define CGL_BURST 16
/* Ended commands of a charge that each CPU keeps for its next ones. */
#define CGL_SPARES 16
/* Commands of a device that run at once without a worker (workers=cmd). */
#define CGL_CMD_ACTIVE 64

enum cgl_workers_mode {
	CGL_WORKERS_SINGLE,
	CGL_WORKERS_CGROUP,
	CGL_WORKERS_CMD,
};

enum cgl_charge_mode {
	CGL_CHARGE_NONE,
	CGL_CHARGE_BLKCG,
	CGL_CHARGE_ALL,
};

enum cgl_state {
	CGL_UNBOUND,
	CGL_BOUND,
	CGL_RUNDOWN, /* to be unbound at the last close; I/O and opening fail */
	CGL_DELETING, /* final; opening fails */
};

/* What may be done without a worker, in the context of the submitter. */
enum cgl_fast {
	CGL_FAST_NONE,
	CGL_FAST_REMAP, /* clone the bio to the backing block device */
	CGL_FAST_NOWAIT, /* direct I/O on a file that honours NOWAIT */
	CGL_FAST_READ, /* copy from the file's page cache */
	CGL_FAST_CACHED, /* copy from the file's page cache, and into it */
};

/*
 * Whom a command is charged to. NULL stands for root. Both pointers are owned
 * references: cgl_charge_get() takes them, cgl_charge_put() alone drops them.
 */
struct cgl_charge {
	struct mem_cgroup *memcg;
	struct cgroup_subsys_state *blkcg;
};

/*
 * What a kernel thread has put on while it works for others. It has references
 * of its own, so a command that completes meanwhile takes nothing away.
 */
struct cgl_scope {
	unsigned int old_flags;
	struct cgl_charge charge;
	bool ioprio;
};

/* Serial numbers are never reused; 0 stands for root. */
struct cgl_worker_key {
	u64 memcg;
	u64 blkcg;
};

/* Whoever counts here does so on its own CPU. */
struct cgl_tally {
	u64 commands;
	u64 bytes;
	s64 held;
	struct list_head spares; /* with interrupts off */
	unsigned int nr_spares;
};

/*
 * A worker runs the commands of one charge in order, and keeps the books of
 * those that need none. It knows the two css only by number: idle, it pins
 * neither. @queue, the counts and @busy are protected by @lock.
 *
 * It is looked up under RCU, and held (@tally->held) before the RCU section
 * ends, by each bio until that has ended. The reaper takes an idle one out of
 * the table, and frees it once no look-up can find it and nobody holds it.
 */
struct cgl_worker {
	struct rhash_head node;
	struct cgl_worker_key key;
	struct cgl_device *dev;
	struct work_struct work;
	spinlock_t lock; /* innermost */
	struct list_head queue;
	unsigned int queued;
	unsigned int max_queued;
	bool busy; /* work is queued or running */
	struct cgl_tally __percpu *tally;
	u64 memcg_ino; /* what people know a cgroup by */
	u64 blkcg_ino;
	u64 seen; /* the reaper's: commands when it last looked */
	struct list_head leaving; /* the reaper's: out of the table */
};

/*
 * A level that goes up and down, and its maximum. CPUs keep what they add, up
 * to CGL_GAUGE_SLACK, to themselves: the maximum may miss as much from each.
 */
enum cgl_level {
	CGL_IN_FLIGHT,
	CGL_QUEUED,
	CGL_NR_LEVELS,
};

#define CGL_GAUGE_SLACK 8

struct cgl_gauge {
	atomic_t sum;
	int max;
};

/* Counted without a shared cache line, added up when somebody reads them. */
struct cgl_stats {
	u64 submitted;
	u64 started; /* by workers */
	u64 completed;
	u64 errors;
	u64 inlined; /* started by the submitter */
	u64 cached; /* copied by the submitter; inlined, too */
	u64 handed_over;
	u64 again;
	u64 fallbacks;
	u64 reserved; /* commands from the reserve */
	u64 shared; /* flushes that another one did */
	u64 resumed;
	u64 inferred;
	unsigned int stack; /* the most in use where I/O was started inline */
	s32 level[CGL_NR_LEVELS]; /* not in the device's gauges yet */
	struct cgl_worker *last; /* the last one that was looked up here */
};

/* How the memory cgroup of a charge was found. */
enum cgl_source {
	CGL_FROM_NOBODY, /* nothing is charged */
	CGL_FROM_PAGE, /* the owner of a page in a cache */
	CGL_FROM_TASK, /* the current task */
	CGL_FROM_BUFFER, /* the owner of the user's buffer */
	CGL_FROM_BLKCG, /* inferred from the bio's blkcg */
};

/*
 * The file that a device is bound to, and the way. Only counts in it change
 * once it is published: a change is another binding. A bio takes a reference
 * when it is submitted and goes by this binding to its end, so it never sees
 * half of a change. @refs counts per CPU until the binding is replaced.
 */
struct cgl_binding {
	struct percpu_ref refs;
	struct cgl_device *dev;
	struct file *file; /* owned */
	loff_t offset; /* of the device's first byte in the file */
	loff_t sizelimit; /* bytes; 0: none */
	sector_t capacity;
	unsigned int block_size; /* bytes */
	bool direct;
	bool read_only;
	enum cgl_fast fast;
	enum cgl_workers_mode workers_mode;
	enum cgl_charge_mode charge_mode;
	atomic_t flushes; /* of the file, that have begun */
	atomic_t flushed; /* the last of these that was done, and well */
	struct completion drained; /* replaced, and no bio uses it any more */
	struct list_head node; /* of the device's @replaced */
	struct rcu_head rcu;
};

/*
 * Locking. @change serializes whoever changes the device: it is held while the
 * old binding's bios are waited for. @lock protects @state, @openers and the
 * other fields up to @file_name, and a task that holds it does not wait for
 * I/O: opening and reading the status take it. The I/O path takes neither, it
 * finds @binding under RCU. @binding changes with @lock held, and under
 * cgl_chain_lock for those who follow a chain of devices.
 *
 * Order: disk->open_mutex, @change, cgl_chain_lock, @lock.
 *
 * Lifetime: the structure goes with the last reference to its disk
 * (free_disk). A bound device pins the module.
 */
struct cgl_device {
	int number;
	struct gendisk *disk;
	mempool_t reserve;
	struct cgl_binding __rcu *binding; /* NULL: unbound */

	struct mutex change; /* held while bios are waited for */
	struct mutex lock; /* short; opening takes it */
	enum cgl_state state;
	unsigned int openers;
	enum cgl_workers_mode workers_mode; /* of the next binding */
	enum cgl_charge_mode charge_mode;
	bool autoclear;
	bool partscan;
	char file_name[LO_NAME_SIZE];
	struct list_head replaced; /* bindings that may have bios; by @change */

	struct workqueue_struct *wq;
	struct rhashtable workers;
	struct cgl_worker root_worker;
	struct delayed_work reaper;
	struct list_head leaving;
	atomic_t nr_workers;
	int max_workers;

	struct cgl_stats __percpu *stats;
	struct cgl_gauge gauges[CGL_NR_LEVELS];
	struct dentry *debugfs[2];
};

/*
 * A bio on its way. Belongs to whoever runs it, until cgl_cmd_end() or
 * cgl_remap_end() frees it and gives the bio back.
 */
struct cgl_cmd {
	struct list_head node;
	struct work_struct work; /* to run without a worker, or resume */
	struct cgl_device *dev;
	struct cgl_binding *binding; /* referenced */
	struct bio *bio;
	unsigned long start; /* for the disk's statistics */
	struct cgl_charge charge;
	struct cgl_worker *worker; /* held; NULL: none could be made */
	int flushes; /* of the binding, that had begun before */
	unsigned int total;
	unsigned int done;
	bool reserved; /* from the device's reserve */
	bool resume; /* has been started before */
	bool buffered; /* direct I/O cannot do the rest */
	union {
		struct bio clone; /* where the bio is sent on */
		struct {
			struct kiocb iocb;
			refcount_t refs; /* direct: submitter, completion */
			long ret;
		};
	};
};

static inline sector_t cgl_cmd_sector(const struct cgl_cmd *cmd)
{
	return cmd->bio->bi_iter.bi_sector;
}

static inline bool cgl_is_rw(const struct bio *bio)
{
	return bio_op(bio) == REQ_OP_READ || bio_op(bio) == REQ_OP_WRITE;
}

static inline u64 cgl_memcg_key(const struct cgl_charge *charge)
{
	return charge->memcg ? charge->memcg->css.serial_nr : 0;
}

static inline u64 cgl_blkcg_key(const struct cgl_charge *charge)
{
	return charge->blkcg ? charge->blkcg->serial_nr : 0;
}

static inline struct cgl_worker_key
cgl_charge_key(const struct cgl_charge *charge)
{
	return (struct cgl_worker_key){
		.memcg = cgl_memcg_key(charge),
		.blkcg = cgl_blkcg_key(charge),
	};
}

#define cgl_count(dev, counter) this_cpu_inc((dev)->stats->counter)

void cgl_gauge_fold(struct cgl_device *dev, enum cgl_level level);

static inline void cgl_gauge_add(struct cgl_device *dev, enum cgl_level level,
				 int n)
{
	unsigned int kept = this_cpu_add_return(dev->stats->level[level], n);

	if (unlikely(kept + CGL_GAUGE_SLACK > 2 * CGL_GAUGE_SLACK))
		cgl_gauge_fold(dev, level);
}

/*
 * The device's binding at this moment, referenced; NULL if there is none. One
 * that is being replaced is no longer live, and its successor was published
 * before.
 */
static inline struct cgl_binding *cgl_binding_get(struct cgl_device *dev)
{
	struct cgl_binding *binding;

	rcu_read_lock();
	do {
		binding = rcu_dereference(dev->binding);
	} while (binding && !percpu_ref_tryget_live(&binding->refs));
	rcu_read_unlock();
	return binding;
}

/* May run in interrupt context; the binding may be gone afterwards. */
static inline void cgl_binding_put(struct cgl_binding *binding)
{
	percpu_ref_put(&binding->refs);
}

/* The other end of cgl_worker_get(). May run in interrupt context. */
static inline void cgl_worker_put(struct cgl_worker *worker)
{
	/* Who is seen not to be held has its spares: cgl_worker_is_idle(). */
	smp_wmb();
	if (worker)
		this_cpu_dec(worker->tally->held);
}

/* main.c */
extern const char *const cgl_workers_names[];
extern const char *const cgl_charge_names[];
extern struct mutex cgl_chain_lock; /* which file each device leads to */
int cgl_parse_workers(const char *word);
int cgl_parse_charge(const char *word);
const char *cgl_name(void);
bool cgl_scan_always(void);
unsigned long cgl_idle_time(void);
int cgl_device_add(int number);
int cgl_device_remove(int number);
int cgl_device_get_free(void);

/* control.c */
int cgl_control_init(const char *name);
void cgl_control_exit(void);

/* binding.c */
struct cgl_binding *cgl_binding_alloc(const struct cgl_binding *like);
void cgl_binding_free(struct cgl_binding *binding);
struct cgl_binding *cgl_binding_of(struct cgl_device *dev);
void cgl_binding_publish(struct cgl_device *dev, struct cgl_binding *binding);
int cgl_binding_publish_file(struct cgl_device *dev,
			     struct cgl_binding *binding);
void cgl_binding_reap(struct cgl_device *dev, bool wait);
int cgl_binding_replace(struct cgl_device *dev, struct cgl_binding *binding);
int cgl_limit(struct cgl_device *dev, const struct cgl_binding *binding,
	      unsigned int *frozen);
sector_t cgl_capacity(struct file *file, loff_t offset, loff_t sizelimit);
unsigned int cgl_backing_bsize(struct file *file);
bool cgl_can_direct(const struct cgl_binding *binding);
void cgl_set_direct(struct cgl_binding *binding, bool direct);

/* bind.c */
int cgl_bind(struct cgl_device *dev, blk_mode_t mode, struct block_device *bdev,
	     const struct loop_config *config);
int cgl_change_fd(struct cgl_device *dev, unsigned int fd);
int cgl_clear(struct cgl_device *dev);
void cgl_unbind(struct cgl_device *dev);
void cgl_rescan(struct cgl_device *dev);
int cgl_claim_whole(struct cgl_device *dev, blk_mode_t mode,
		    struct block_device *bdev);
void cgl_unclaim_whole(struct cgl_device *dev, blk_mode_t mode,
		       struct block_device *bdev);

/* ioctl.c */
extern const struct block_device_operations cgl_fops;
int cgl_check_info(const struct loop_info64 *info);

/* sysfs.c */
extern const struct attribute_group *cgl_groups[];
int cgl_sysfs_bind(struct cgl_device *dev);
void cgl_sysfs_unbind(struct cgl_device *dev);

/* stats.c */
void cgl_stats_init(void);
void cgl_stats_exit(void);
void cgl_stats_add(struct cgl_device *dev);
void cgl_stats_remove(struct cgl_device *dev);

/* queue.c */
int cgl_queue_init(void);
void cgl_queue_exit(void);
int cgl_reserve_init(struct cgl_device *dev);
void cgl_reserve_exit(struct cgl_device *dev);
void cgl_submit_bio(struct bio *bio);
extern struct workqueue_struct *cgl_done_wq;
struct cgl_cmd *cgl_cmd_get(struct cgl_binding *binding, struct bio *bio,
			    const struct cgl_charge *charge);
void cgl_cmd_put(struct cgl_cmd *cmd);
void cgl_cmd_end(struct cgl_cmd *cmd, int err);
void cgl_cmd_free_list(struct list_head *cmds);

/* fast.c */
enum cgl_fast cgl_fast_path(const struct cgl_binding *binding);
bool cgl_remap(struct cgl_binding *binding, struct bio *bio);
bool cgl_inline(struct cgl_cmd *cmd);

/* cached.c */
enum cgl_fast cgl_cached_path(struct file *file);
bool cgl_cached(struct cgl_binding *binding, struct bio *bio);

/* worker.c */
int cgl_workers_init(struct cgl_device *dev);
void cgl_workers_exit(struct cgl_device *dev);
void cgl_workers_limit(struct cgl_device *dev);
void cgl_workers_show(struct cgl_device *dev, struct seq_file *m);
struct cgl_worker *cgl_worker_get(struct cgl_device *dev,
				  const struct cgl_charge *charge,
				  unsigned int bytes);
void cgl_submit(struct cgl_device *dev, struct cgl_cmd *cmd);
void cgl_cmd_work(struct work_struct *work);

/* charge.c */
enum cgl_source cgl_charge_get(struct cgl_charge *charge, struct bio *bio,
			       enum cgl_charge_mode mode);
void cgl_charge_borrow(struct cgl_charge *charge, struct bio *bio,
		       enum cgl_charge_mode mode);
void cgl_charge_hold(const struct cgl_charge *charge);
void cgl_charge_put(struct cgl_charge *charge);
u64 cgl_memcg_ino(const struct cgl_charge *charge);
u64 cgl_blkcg_ino(const struct cgl_charge *charge);
void cgl_scope_begin(struct cgl_scope *scope);
void cgl_scope_charge(struct cgl_scope *scope, const struct cgl_charge *charge);
void cgl_scope_ioprio(struct cgl_scope *scope, int ioprio);
void cgl_scope_end(struct cgl_scope *scope);

/* io.c */
void cgl_io_start(struct cgl_scope *scope, struct cgl_cmd *cmd);
ssize_t cgl_io_direct(struct cgl_cmd *cmd, int flags);

#endif
