/* SPDX-License-Identifier: Apache-2.0 */
/* The octets of one segment of a record log: a head, twice, then records one behind the other, then
 * nothing but zeroes.
 *
 *   head    magic (8), key (16), number of the first record (8), zeroes (24), checksum (8); big-endian
 *   record  magic (4), length (4), number (8), checksum of these 16 under the key (8),
 *           checksum of the data under the key (8), data, zeroes up to a multiple of 8
 *
 * A head that checks tells how far the record reaches even when its data do not; where no head
 * checks, the next one is looked for.  Buffers in memory only; one thread. */
#ifndef CANDOR_NAMP_RECORD_SEGMENT_H
#define CANDOR_NAMP_RECORD_SEGMENT_H

#include "base/cleanup.h"
#include "base/siphash.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEGMENT_HEAD_OCTETS 128u
#define RECORD_HEAD_OCTETS  32u
#define RECORD_MAX          (16u << 10) /* data of one record */

struct segment_head {
	struct siphash_key key;
	uint64_t first;
};

void segment_head_write(const struct segment_head *head, uint8_t to[static SEGMENT_HEAD_OCTETS]);
/* 0, or -EBADMSG: neither copy is whole. */
NODISCARD int segment_head_read(const uint8_t *octets, size_t len, struct segment_head *ret);

/* Octets that a record with ``len`` octets of data takes. */
size_t segment_record_size(size_t len);
/* Write a record (1 … RECORD_MAX) into segment_record_size(len) octets at ``to``. */
void segment_record_write(const struct segment_head *head, uint64_t number, const void *data,
                          size_t len, uint8_t *to);

struct segment_entry {
	uint64_t number;
	uint32_t at, len; /* of the data */
};

/* The records that can be read, numbers rising.  All zeroes is empty. */
struct segment_index {
	struct segment_entry *entries; /* on the heap */
	uint32_t count, room;
	size_t end;    /* behind the last of them */
	bool has_rest; /* something other than zeroes lies behind it */
};

/* Index ``len`` octets, with the head that was read from them, anew.  Any octets are fine. */
void segment_scan(const struct segment_head *head, const uint8_t *octets, size_t len,
                  struct segment_index *index);
void segment_index_fini(struct segment_index *index);

/* Place of the first entry with a number above ``number``: 0 … count. */
uint32_t segment_index_above(const struct segment_index *index, uint64_t number);

#endif
