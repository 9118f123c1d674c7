/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of variable-length records in memory shared by two processes: one writes, one reads,
 * neither trusts the other.  Positions live in the shared memory and are atomics on cache lines of
 * their own; the capacity is kept in each side's private handle and never read again after
 * ring_attach. Every length and position that comes out of the shared memory is copied once,
 * checked, and only then used.  What does not fit together poisons the handle: from then on every
 * call answers -EBADMSG.
 *
 * Threads: ring_write and ring_should_wake belong to the producer, ring_read and ring_prepare_wait
 * to the consumer; each side is one thread with its own struct ring. */
#ifndef CANDOR_BASE_RING_H
#define CANDOR_BASE_RING_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RING_CAPACITY_MIN 256u
#define RING_CAPACITY_MAX (1u << 30)

struct ring_shared;

/* One side's view; private to that side.  ``capacity`` 0: not attached. */
struct ring {
	struct ring_shared *shared;
	uint32_t capacity;          /* octets of record space, a power of two */
	uint32_t write_at, read_at; /* the producer's and the consumer's own position; run freely */
	bool is_poisoned;
};

/* Octets of shared memory for ``capacity`` octets of records; 0 when the capacity is not a power of
 * two in RING_CAPACITY_MIN .. RING_CAPACITY_MAX. */
size_t ring_size_for(size_t capacity);

/* The longest record that a ring of this capacity takes: a quarter of it, less its header. */
size_t ring_record_max(size_t capacity);

/* Lay out an empty ring in ``mem`` (of ring_size_for octets, aligned to 64; a mapping is) and
 * attach to it.  Once, before the other side attaches.  0, or -EINVAL for capacity or alignment. */
NODISCARD int ring_init(struct ring *r, void *mem, size_t capacity);

/* Attach to a ring laid out by ring_init in ``mem`` of ``mem_size`` octets.  0; -EBADMSG: that is
 * no ring, or it does not fill exactly this memory. */
NODISCARD int ring_attach(struct ring *r, void *mem, size_t mem_size);

/* One piece of a record, so that a header and a body need not be joined first. */
struct ring_part {
	const void *data;
	size_t len;
};

/* Producer: append one record of 1 .. ring_record_max octets.  0; -ENOSPC: full, nothing written;
 * -EMSGSIZE: empty, or longer than the ring takes; -EBADMSG: poisoned. */
NODISCARD int ring_write(struct ring *r, uint16_t type, const void *data, size_t len);
NODISCARD int ring_writev(struct ring *r, uint16_t type, const struct ring_part *parts,
                          size_t count);

/* Producer, after one or more writes: true when the consumer announced that it sleeps and must be
 * woken (an eventfd); true once for each announcement. */
bool ring_should_wake(struct ring *r);

/* Consumer: copy the oldest record to ``buf``.  Its length (> 0) and type; 0: none; -EBADMSG: the
 * producer's positions or lengths are impossible, or the record is longer than ``cap`` (both sides
 * agree on the longest): the handle is poisoned and nothing of the record is to be believed. */
NODISCARD ssize_t ring_read(struct ring *r, void *buf, size_t cap, uint16_t *ret_type);

/* Consumer, before it sleeps: announce it.  True: still empty, sleep; false: records arrived (or
 * the ring is poisoned), read again instead. */
bool ring_prepare_wait(struct ring *r);

#endif
