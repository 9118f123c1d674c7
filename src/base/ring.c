/* SPDX-License-Identifier: Apache-2.0 */
/* Single producer, single consumer, records copied in and out.
 *
 * A record is one 64-bit header word, then its octets, padded to 8.  The capacity is a multiple of
 * 8, so a header word never wraps while the octets may.  Positions count octets and run freely
 * modulo 2^32; their difference is how much is in the ring. */
#include "base/ring.h"

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

#define RING_MAGIC    0x43524e47u /* "CRNG" */
#define RING_MARK     0x5c3au     /* in every record header, to notice a stray write */
#define RING_LINE     64
#define RECORD_HEADER 8u

struct ring_shared {
	alignas(RING_LINE) uint32_t magic;
	uint32_t capacity;
	alignas(RING_LINE) _Atomic uint32_t head; /* the producer's; published after the record */
	alignas(RING_LINE) _Atomic uint32_t tail; /* the consumer's */
	alignas(RING_LINE) _Atomic uint32_t waiting; /* 1: the consumer sleeps; a hint only */
	alignas(RING_LINE) uint8_t data[];
};

static uint32_t padded(size_t len)
{
	return (uint32_t)((len + 7) & ~(size_t)7);
}

static int poison(struct ring *r)
{
	r->is_poisoned = true;
	return -EBADMSG;
}

size_t ring_size_for(size_t capacity)
{
	if (capacity < RING_CAPACITY_MIN || capacity > RING_CAPACITY_MAX ||
	    (capacity & (capacity - 1)) != 0)
		return 0;
	return sizeof(struct ring_shared) + capacity;
}

size_t ring_record_max(size_t capacity)
{
	return capacity / 4 - RECORD_HEADER;
}

int ring_init(struct ring *r, void *mem, size_t capacity)
{
	struct ring_shared *s = mem;

	if (!ring_size_for(capacity) || ((uintptr_t)mem % RING_LINE) != 0)
		return -EINVAL;
	s->magic = RING_MAGIC;
	s->capacity = (uint32_t)capacity;
	atomic_init(&s->head, 0);
	atomic_init(&s->tail, 0);
	atomic_init(&s->waiting, 0);
	*r = (struct ring) { .shared = s, .capacity = (uint32_t)capacity };
	return 0;
}

int ring_attach(struct ring *r, void *mem, size_t mem_size)
{
	struct ring_shared *s = mem;

	if (mem_size < sizeof(*s) || ((uintptr_t)mem % RING_LINE) != 0)
		return -EBADMSG;
	uint32_t capacity = __atomic_load_n(&s->capacity, __ATOMIC_RELAXED);

	if (s->magic != RING_MAGIC || ring_size_for(capacity) != mem_size)
		return -EBADMSG;
	uint32_t head = atomic_load_explicit(&s->head, memory_order_acquire);
	uint32_t tail = atomic_load_explicit(&s->tail, memory_order_acquire);

	if (head - tail > capacity || head % 8 != 0 || tail % 8 != 0)
		return -EBADMSG;
	*r = (struct ring) { .shared = s, .capacity = capacity, .write_at = head, .read_at = tail };
	return 0;
}

/* Copy into the ring at ``position``, round its end where needed; len < capacity. */
static void copy_in(struct ring *r, uint32_t position, const void *from, size_t len)
{
	uint32_t at = position & (r->capacity - 1);
	size_t first = len < r->capacity - at ? len : r->capacity - at;

	memcpy(r->shared->data + at, from, first);
	if (len > first)
		memcpy(r->shared->data, (const uint8_t *)from + first, len - first);
}

static void copy_out(const struct ring *r, uint32_t position, void *to, size_t len)
{
	uint32_t at = position & (r->capacity - 1);
	size_t first = len < r->capacity - at ? len : r->capacity - at;

	memcpy(to, r->shared->data + at, first);
	if (len > first)
		memcpy((uint8_t *)to + first, r->shared->data, len - first);
}

/* The header word at ``position``.  An atomic access: it happens exactly once, so what was checked
 * is what is used, whatever the other side writes meanwhile. */
static uint64_t *header_word(const struct ring *r, uint32_t position)
{
	return (uint64_t *)(void *)(r->shared->data + (position & (r->capacity - 1)));
}

int ring_writev(struct ring *r, uint16_t type, const struct ring_part *parts, size_t count)
{
	size_t len = 0;

	if (r->is_poisoned)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len > ring_record_max(r->capacity) - len)
			return -EMSGSIZE;
		len += parts[i].len;
	}
	if (!len)
		return -EMSGSIZE;
	uint32_t tail = atomic_load_explicit(&r->shared->tail, memory_order_acquire);
	uint32_t used = r->write_at - tail;

	if (used > r->capacity || used % 8 != 0)
		return poison(r);
	if (RECORD_HEADER + padded(len) > r->capacity - used)
		return -ENOSPC;
	uint32_t at = r->write_at + RECORD_HEADER;

	__atomic_store_n(header_word(r, r->write_at),
	                 len | ((uint64_t)type << 32) | ((uint64_t)RING_MARK << 48),
	                 __ATOMIC_RELAXED);
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len)
			copy_in(r, at, parts[i].data, parts[i].len);
		at += (uint32_t)parts[i].len;
	}
	r->write_at += RECORD_HEADER + padded(len);
	atomic_store_explicit(&r->shared->head, r->write_at, memory_order_release);
	return 0;
}

int ring_write(struct ring *r, uint16_t type, const void *data, size_t len)
{
	return ring_writev(r, type, &(struct ring_part) { data, len }, 1);
}

/* Both sides exchange the flag: of two exchanges one comes first, and the second sees what was
 * written before the first.  So either the producer finds 1 here, or the consumer finds the new
 * head there. */
bool ring_should_wake(struct ring *r)
{
	return atomic_exchange_explicit(&r->shared->waiting, 0, memory_order_acq_rel) != 0;
}

bool ring_prepare_wait(struct ring *r)
{
	if (r->is_poisoned)
		return false;
	(void)atomic_exchange_explicit(&r->shared->waiting, 1, memory_order_acq_rel);
	if (atomic_load_explicit(&r->shared->head, memory_order_acquire) == r->read_at)
		return true;
	atomic_store_explicit(&r->shared->waiting, 0, memory_order_relaxed);
	return false;
}

ssize_t ring_read(struct ring *r, void *buf, size_t cap, uint16_t *ret_type)
{
	if (r->is_poisoned)
		return -EBADMSG;
	uint32_t head = atomic_load_explicit(&r->shared->head, memory_order_acquire);
	uint32_t filled = head - r->read_at;

	if (!filled)
		return 0;
	if (filled > r->capacity || filled % 8 != 0)
		return poison(r);
	uint64_t header = __atomic_load_n(header_word(r, r->read_at), __ATOMIC_RELAXED);
	uint32_t len = (uint32_t)(header & UINT32_MAX);

	if (header >> 48 != RING_MARK || !len || len > ring_record_max(r->capacity) || len > cap ||
	    RECORD_HEADER + padded(len) > filled)
		return poison(r);
	copy_out(r, r->read_at + RECORD_HEADER, buf, len);
	r->read_at += RECORD_HEADER + padded(len);
	atomic_store_explicit(&r->shared->tail, r->read_at, memory_order_release);
	*ret_type = (uint16_t)(header >> 32);
	return (ssize_t)len;
}
