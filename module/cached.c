// SPDX-License-Identifier: GPL-2.0
/*
 * Buffered I/O on pages that the backing file has in its page cache. The
 * submitter copies them itself. That waits for nothing and costs no memory, so
 * it needs no worker, and nobody has to be found who pays. Whatever is not so
 * simple goes the longer way, as a whole: half of it may have been copied.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>

#include "cgloop.h"

/* Bytes at a position in the page cache, all in one page. */
struct cgl_piece {
	struct address_space *mapping;
	struct folio *folio; /* referenced */
	loff_t pos;
	unsigned int bytes;
};

enum cgl_fast cgl_cached_path(struct file *file)
{
	if (cgl_cache_is_writable(file))
		return CGL_FAST_CACHED;
	return cgl_cache_is_truth(file) ? CGL_FAST_READ : CGL_FAST_NONE;
}

static bool cgl_piece_is_good(const struct cgl_piece *piece)
{
	struct folio *folio = piece->folio;

	return folio_test_uptodate(folio) &&
	       !PageHWPoison(folio_file_page(folio, piece->pos >> PAGE_SHIFT));
}

/* For reclaim: once, if a page is gone through in small pieces. */
static void cgl_piece_accessed(const struct cgl_piece *piece)
{
	if (!offset_in_page(piece->pos))
		folio_mark_accessed(piece->folio);
}

/* Is more of the file to be read ahead once this is read? tmpfs never does. */
static bool cgl_piece_is_mark(const struct cgl_piece *piece)
{
	return folio_test_readahead(piece->folio) &&
	       piece->mapping->a_ops->readahead;
}

/* A page at which more is to be read ahead is left to the file. */
static bool cgl_piece_read(const struct cgl_piece *piece, struct page *to,
			   unsigned int at)
{
	struct folio *folio = piece->folio;
	char *data;

	if (!cgl_piece_is_good(piece) || cgl_piece_is_mark(piece))
		return false;
	if (mapping_writably_mapped(piece->mapping))
		flush_dcache_folio(folio);
	data = kmap_local_folio(folio, offset_in_folio(folio, piece->pos));
	memcpy_to_page(to, at, data, piece->bytes);
	kunmap_local(data);
	cgl_piece_accessed(piece);
	return true;
}

/*
 * The page's lock keeps truncation away: a page that is still in the file, and
 * within its size, is written before it is cut off.
 */
static bool cgl_piece_write(const struct cgl_piece *piece, struct page *from,
			    unsigned int at)
{
	struct address_space *mapping = piece->mapping;
	struct folio *folio = piece->folio;
	bool good;
	char *data;

	if (!folio_trylock(folio))
		return false;
	good = folio->mapping == mapping && cgl_piece_is_good(piece) &&
	       piece->pos + piece->bytes <= i_size_read(mapping->host) &&
	       !(folio_test_writeback(folio) && mapping_stable_writes(mapping));
	if (good) {
		data = kmap_local_folio(folio,
					offset_in_folio(folio, piece->pos));
		memcpy_from_page(data, from, at, piece->bytes);
		kunmap_local(data);
		flush_dcache_folio(folio);
		cgl_piece_accessed(piece);
		folio_mark_dirty(folio);
	}
	folio_unlock(folio);
	return good;
}

/* The bytes at @pos, and @bv, which does not cross a page. */
static bool cgl_copy(struct address_space *mapping, loff_t pos,
		     const struct bio_vec *bv, bool write)
{
	struct cgl_piece piece = { .mapping = mapping };
	unsigned int done;
	bool good = true;

	for (done = 0; good && done < bv->bv_len; done += piece.bytes) {
		piece.pos = pos + done;
		piece.bytes = min_t(unsigned int, bv->bv_len - done,
				    PAGE_SIZE - offset_in_page(piece.pos));
		piece.folio =
			filemap_get_folio(mapping, piece.pos >> PAGE_SHIFT);
		if (IS_ERR_OR_NULL(piece.folio))
			return false;
		good = write ? cgl_piece_write(&piece, bv->bv_page,
					       bv->bv_offset + done) :
			       cgl_piece_read(&piece, bv->bv_page,
					      bv->bv_offset + done);
		folio_put(piece.folio);
	}
	return good;
}

static loff_t cgl_bio_pos(const struct cgl_binding *binding, struct bio *bio)
{
	return ((loff_t)bio->bi_iter.bi_sector << SECTOR_SHIFT) +
	       binding->offset;
}

/* A look before the checks are made that cost more. */
static bool cgl_first_is_there(const struct cgl_binding *binding,
			       struct bio *bio)
{
	loff_t pos = cgl_bio_pos(binding, bio);

	return filemap_range_has_page(binding->file->f_mapping, pos, pos);
}

static bool cgl_copy_bio(const struct cgl_binding *binding, struct bio *bio)
{
	struct address_space *mapping = binding->file->f_mapping;
	loff_t pos = cgl_bio_pos(binding, bio);
	bool write = op_is_write(bio_op(bio));
	struct bvec_iter iter;
	struct bio_vec bv;

	bio_for_each_segment(bv, bio, iter) {
		if (!cgl_copy(mapping, pos, &bv, write))
			return false;
		pos += bv.bv_len;
	}
	/* A read counts only if the file still reaches beyond it. */
	smp_rmb();
	return pos <= i_size_read(mapping->host);
}

/*
 * The freeze protection is tried for, and a page's lock as well: whoever holds
 * them may wait for us. The task's I/O has been counted (/proc/PID/io) when it
 * reached this device.
 */
static bool cgl_overwrite(const struct cgl_binding *binding, struct bio *bio)
{
	const struct task_io_accounting counted = current->ioac;
	struct file *file = binding->file;
	struct super_block *sb = file_inode(file)->i_sb;
	bool done;

	if (!cgl_context_is_safe() || !cgl_file_takes(file, bio) ||
	    !cgl_first_is_there(binding, bio))
		return false;
	if (!sb_start_write_trylock(sb))
		return false;
	done = !cgl_overwrite_is_due(file) && cgl_copy_bio(binding, bio);
	sb_end_write(sb);
	current->ioac = counted;
	return done;
}

static bool cgl_copied(const struct cgl_binding *binding, struct bio *bio)
{
	if (!bio_has_data(bio) || op_is_flush(bio->bi_opf))
		return false;
	if (bio_op(bio) == REQ_OP_READ)
		return cgl_copy_bio(binding, bio);
	return bio_op(bio) == REQ_OP_WRITE && cgl_overwrite(binding, bio);
}

/*
 * Do all of @bio by the page cache of the backing file; false if a worker has
 * to. As with any I/O on a file, a write that is under way may be seen in part.
 */
bool cgl_cached(struct cgl_binding *binding, struct bio *bio)
{
	struct cgl_device *dev = binding->dev;
	struct cgl_charge charge;

	if (!cgl_copied(binding, bio))
		return false;
	cgl_charge_borrow(&charge, bio, binding->charge_mode);
	cgl_worker_put(cgl_worker_get(dev, &charge, bio->bi_iter.bi_size));
	cgl_count(dev, submitted);
	cgl_count(dev, inlined);
	cgl_count(dev, cached);
	cgl_count(dev, completed);
	bio_end_io_acct(bio, bio_start_io_acct(bio));
	bio_endio(bio);
	cgl_binding_put(binding);
	return true;
}
