/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded readers and writers of big-endian bytes: the only way this tree touches a packet.  Both
 * are sticky: after one short access every later read is 0 and every later write is dropped, so a
 * codec reads everything and checks ``bad`` once.  Read one field per statement: C leaves the order
 * of evaluation inside one expression open. */
#ifndef CANDOR_BASE_CURSOR_H
#define CANDOR_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

static inline struct rd rd_init(const uint8_t *buf, size_t len)
{
	return (struct rd) { buf, len > 0 ? buf + len : buf, false }; /* nothing may be NULL */
}

static inline size_t rd_left(const struct rd *r)
{
	return (size_t)(r->end - r->p);
}

/* The next ``n`` octets, or NULL (and ``bad``) when there are fewer. */
static inline const uint8_t *rd_take(struct rd *r, size_t n)
{
	if (r->bad || n > rd_left(r)) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return r->p - n;
}

static inline uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_take(r, 1);

	return p ? p[0] : 0;
}

static inline uint16_t rd_be16(struct rd *r)
{
	const uint8_t *p = rd_take(r, 2);

	if (!p)
		return 0;
	return (uint16_t)((p[0] << 8) | p[1]);
}

static inline uint32_t rd_be32(struct rd *r)
{
	const uint8_t *p = rd_take(r, 4);

	return p ? ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3]
	         : 0;
}

static inline uint64_t rd_be64(struct rd *r)
{
	uint64_t high = rd_be32(r);
	uint64_t low = rd_be32(r);

	return (high << 32) | low;
}

/* Copy ``n`` octets to ``to``; zeroes them when there are fewer. */
static inline void rd_copy(struct rd *r, void *to, size_t n)
{
	const uint8_t *p = rd_take(r, n);

	if (p)
		memcpy(to, p, n);
	else
		memset(to, 0, n);
}

/* A reader of the next ``n`` octets alone; ``r`` moves past them.  Bad when there are fewer. */
static inline struct rd rd_sub(struct rd *r, size_t n)
{
	const uint8_t *p = rd_take(r, n);

	return p ? (struct rd) { p, p + n, false } : (struct rd) { NULL, NULL, true };
}

struct wr {
	uint8_t *start, *p, *end;
	bool bad;
};

static inline struct wr wr_init(uint8_t *buf, size_t cap)
{
	return (struct wr) { buf, buf, buf + cap, false };
}

static inline size_t wr_len(const struct wr *w)
{
	return (size_t)(w->p - w->start);
}

static inline uint8_t *wr_take(struct wr *w, size_t n)
{
	if (w->bad || n > (size_t)(w->end - w->p)) {
		w->bad = true;
		return NULL;
	}
	w->p += n;
	return w->p - n;
}

static inline void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, (uint16_t)(v >> 16));
	put_be16(p + 2, (uint16_t)v);
}

static inline void put_be64(uint8_t *p, uint64_t v)
{
	put_be32(p, (uint32_t)(v >> 32));
	put_be32(p + 4, (uint32_t)v);
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *p = wr_take(w, 1);

	if (p)
		p[0] = v;
}

static inline void wr_be16(struct wr *w, uint16_t v)
{
	uint8_t *p = wr_take(w, 2);

	if (p)
		put_be16(p, v);
}

static inline void wr_be32(struct wr *w, uint32_t v)
{
	uint8_t *p = wr_take(w, 4);

	if (p)
		put_be32(p, v);
}

static inline void wr_be64(struct wr *w, uint64_t v)
{
	uint8_t *p = wr_take(w, 8);

	if (p)
		put_be64(p, v);
}

static inline void wr_bytes(struct wr *w, const void *from, size_t n)
{
	uint8_t *p = wr_take(w, n);

	if (p && n)
		memcpy(p, from, n);
}

static inline void wr_zero(struct wr *w, size_t n)
{
	uint8_t *p = wr_take(w, n);

	if (p && n)
		memset(p, 0, n);
}

#endif
