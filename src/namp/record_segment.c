/* SPDX-License-Identifier: Apache-2.0 */
/* The octets of one segment of a record log. */
#include "namp/record_segment.h"

#include "base/cursor.h"
#include "base/xalloc.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define HEAD_COPY_OCTETS 64u
#define HEAD_MAGIC       UINT64_C(0x63616e646c6f6731) /* "candlog1" */
#define RECORD_MAGIC     0xf5c1fe0du                  /* in no UTF-8 text */
#define ALIGN            8u

/* Under a key of zeroes: against accidents, not against people. */
static const struct siphash_key no_key;

static uint64_t head_checksum(const uint8_t *copy)
{
	return siphash(&no_key, copy, HEAD_COPY_OCTETS - 8);
}

void segment_head_write(const struct segment_head *head, uint8_t to[static SEGMENT_HEAD_OCTETS])
{
	memset(to, 0, SEGMENT_HEAD_OCTETS);
	put_be64(to, HEAD_MAGIC);
	put_be64(to + 8, head->key.k0);
	put_be64(to + 16, head->key.k1);
	put_be64(to + 24, head->first);
	put_be64(to + HEAD_COPY_OCTETS - 8, head_checksum(to));
	memcpy(to + HEAD_COPY_OCTETS, to, HEAD_COPY_OCTETS);
}

static bool read_copy(const uint8_t *copy, struct segment_head *ret)
{
	struct rd check = rd_init(copy + HEAD_COPY_OCTETS - 8, 8);
	struct rd r = rd_init(copy, HEAD_COPY_OCTETS);

	if (rd_be64(&check) != head_checksum(copy) || rd_be64(&r) != HEAD_MAGIC)
		return false;
	ret->key.k0 = rd_be64(&r);
	ret->key.k1 = rd_be64(&r);
	ret->first = rd_be64(&r);
	return true;
}

int segment_head_read(const uint8_t *octets, size_t len, struct segment_head *ret)
{
	if (len < SEGMENT_HEAD_OCTETS)
		return -EBADMSG;
	if (!read_copy(octets, ret) && !read_copy(octets + HEAD_COPY_OCTETS, ret))
		return -EBADMSG;
	return 0;
}

size_t segment_record_size(size_t len)
{
	return RECORD_HEAD_OCTETS + (len + ALIGN - 1) / ALIGN * ALIGN;
}

void segment_record_write(const struct segment_head *head, uint64_t number, const void *data,
                          size_t len, uint8_t *to)
{
	assert(len > 0 && len <= RECORD_MAX);
	put_be32(to, RECORD_MAGIC);
	put_be32(to + 4, (uint32_t)len);
	put_be64(to + 8, number);
	put_be64(to + 16, siphash(&head->key, to, 16));
	put_be64(to + 24, siphash(&head->key, data, len));
	memcpy(to + RECORD_HEAD_OCTETS, data, len);
	memset(to + RECORD_HEAD_OCTETS + len, 0,
	       segment_record_size(len) - RECORD_HEAD_OCTETS - len);
}

/* --- reading ------------------------------------------------------------------------------------- */

struct found {
	uint64_t number;
	uint32_t len;
	bool is_whole; /* the data check too */
};

/* Whether a record's head stands in the first octets of ``left``, with a number above ``above``. */
static bool find_record(const struct segment_head *head, const uint8_t *octets, size_t left,
                        uint64_t above, struct found *ret)
{
	struct rd r = rd_init(octets, left);

	if (left < RECORD_HEAD_OCTETS || rd_be32(&r) != RECORD_MAGIC)
		return false;
	ret->len = rd_be32(&r);
	ret->number = rd_be64(&r);
	if (rd_be64(&r) != siphash(&head->key, octets, 16))
		return false;
	if (ret->len == 0 || ret->len > RECORD_MAX || ret->number < above ||
	    segment_record_size(ret->len) > left)
		return false;
	uint64_t checksum = rd_be64(&r);

	ret->is_whole = checksum == siphash(&head->key, octets + RECORD_HEAD_OCTETS, ret->len);
	return true;
}

static void add_entry(struct segment_index *index, const struct found *f, size_t at)
{
	if (index->count == index->room) {
		index->room = index->room ? index->room * 2 : 64;
		index->entries = xrealloc(index->entries, index->room, sizeof(*index->entries));
	}
	index->entries[index->count++] = (struct segment_entry) {
		.number = f->number,
		.at = (uint32_t)(at + RECORD_HEAD_OCTETS),
		.len = f->len,
	};
	index->end = at + segment_record_size(f->len);
}

void segment_scan(const struct segment_head *head, const uint8_t *octets, size_t len,
                  struct segment_index *index)
{
	size_t at = SEGMENT_HEAD_OCTETS;
	uint64_t least = head->first;

	index->count = 0;
	index->end = at;
	while (at < len) {
		struct found f;

		if (!find_record(head, octets + at, len - at, least, &f)) {
			at += ALIGN;
			continue;
		}
		if (f.is_whole) {
			add_entry(index, &f, at);
			least = f.number + 1;
		}
		at += segment_record_size(f.len);
	}
	index->has_rest = false;
	for (at = index->end; at < len && !index->has_rest; at++)
		index->has_rest = octets[at] != 0;
}

void segment_index_fini(struct segment_index *index)
{
	free(index->entries);
	*index = (struct segment_index) { 0 };
}

uint32_t segment_index_above(const struct segment_index *index, uint64_t number)
{
	uint32_t low = 0, high = index->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (index->entries[mid].number > number)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}
