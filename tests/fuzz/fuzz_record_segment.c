/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a segment of a record log as a bad disk gives it back.  First octet: how many records
 * are written; then each 4 octets (place u16, value u8, how u8) change the segment, cut it, or copy a
 * stretch of it elsewhere.  Whatever is read must be a record that was written, whole and in order. */
#include "namp/record_segment.h"

#include <stdlib.h>
#include <string.h>

#define OCTETS      2048u
#define RECORDS_MAX 20u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

/* Record ``number`` is as long as it says, of one octet. */
static size_t make(uint64_t number, uint8_t to[64])
{
	size_t len = 1 + (size_t)number * 7 % 60;

	memset(to, (int)number, len);
	return len;
}

static size_t write_segment(const struct segment_head *head, unsigned records, uint8_t *to)
{
	size_t at = SEGMENT_HEAD_OCTETS;

	segment_head_write(head, to);
	for (uint64_t n = head->first; n < head->first + records; n++) {
		uint8_t octets[64];
		size_t len = make(n, octets);

		segment_record_write(head, n, octets, len, to + at);
		at += segment_record_size(len);
	}
	check(at <= OCTETS);
	return at;
}

static void check_entries(const struct segment_index *index, const uint8_t *segment, size_t len,
                          uint64_t first, unsigned records)
{
	uint64_t last = first - 1;

	for (uint32_t i = 0; i < index->count; i++) {
		const struct segment_entry *e = &index->entries[i];
		uint8_t want[64];

		check(e->number > last && e->number < first + records);
		last = e->number;
		check(e->at <= len && e->len <= len - e->at);
		check(e->len == make(e->number, want));
		check(memcmp(segment + e->at, want, e->len) == 0);
		check(segment_index_above(index, e->number) == i + 1);
	}
	check(index->end <= len || len < SEGMENT_HEAD_OCTETS);
}

static void copy_stretch(uint8_t *segment, size_t from, size_t to)
{
	size_t left = OCTETS - (from > to ? from : to);

	memmove(segment + to, segment + from, left < 300 ? left : 300);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct segment_head head = { { 0x0123456789abcdef, 0xfedcba9876543210 }, 7 };
	static struct segment_index index;
	static uint8_t segment[OCTETS];
	struct segment_head got;
	size_t len = OCTETS;

	if (size == 0)
		return 0;
	unsigned records = data[0] % (RECORDS_MAX + 1);

	memset(segment, 0, sizeof(segment));
	(void)write_segment(&head, records, segment);
	segment_scan(&head, segment, len, &index);
	check(index.count == records && !index.has_rest);
	for (size_t at = 1; at + 4 <= size; at += 4) {
		size_t place = ((size_t)data[at] << 8 | data[at + 1]) % OCTETS;

		if (data[at + 3] < 128)
			segment[place] = data[at + 2];
		else if (data[at + 3] < 192)
			len = place;
		else
			copy_stretch(segment, data[at + 2] * 8u, place);
	}
	if (segment_head_read(segment, len, &got) == 0)
		check(got.first == head.first && got.key.k0 == head.key.k0 &&
		      got.key.k1 == head.key.k1);
	segment_scan(&head, segment, len, &index);
	check_entries(&index, segment, len, head.first, records);
	/* As it came, too. */
	segment_scan(&head, data, size, &index);
	return 0;
}
