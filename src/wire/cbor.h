/* SPDX-License-Identifier: Apache-2.0 */
/* The deterministic subset of CBOR (RFC 8949 section 4.2.1) that NAMP and NETSC speak; docs/namp.md
 * section 2 says exactly which.  A reader walks items in place and a writer appends them: no
 * allocation, no recursion, whatever the depth.  Both are sticky like base/cursor.h: after the
 * first fault every later call is harmless, and one look at the end tells. */
#ifndef CANDOR_WIRE_CBOR_H
#define CANDOR_WIRE_CBOR_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CBOR_DEPTH_MAX 16u
#define CBOR_ITEMS_MAX 65536u     /* of one array, or pairs of one map */
#define CBOR_SIZE_MAX  (1u << 20) /* octets of a whole encoding */

enum cbor_type {
	CBOR_END, /* the container that is open has no more items; at the top: nothing is left */
	CBOR_INT,
	CBOR_BYTES,
	CBOR_TEXT, /* valid UTF-8 without NUL */
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_BOOL,
	CBOR_NULL,
	CBOR_FLOAT,
};

struct cbor_item {
	enum cbor_type type;
	uint32_t count; /* array: items; map: pairs */
	union {
		int64_t integer;
		bool boolean;
		double real;
		struct {
			const uint8_t *data; /* in the encoding itself, not terminated */
			size_t len;
		};
	};
};

/* One level that is open. */
struct cbor_level {
	uint32_t left; /* items still to come (map: keys and values counted apart) */
	bool is_map;
	const uint8_t *key; /* encoding of the key read last, for order and uniqueness */
	size_t key_len;
};

struct cbor_rd {
	const uint8_t *p, *end;
	unsigned depth;
	bool has_begun, bad;
	struct cbor_level level[CBOR_DEPTH_MAX];
};

/* Read one encoding of ``len`` octets; more than CBOR_SIZE_MAX is bad at once. */
void cbor_rd_init(struct cbor_rd *r, const uint8_t *buf, size_t len);

/* The next item.  An array or map is entered: its items follow, then CBOR_END, which leaves it.
 * In a map keys and values alternate; keys are CBOR_INT or CBOR_TEXT.  After a fault: CBOR_END and
 * r->bad.  Everything outside the subset is a fault. */
enum cbor_type cbor_next(struct cbor_rd *r, struct cbor_item *ret);

/* Pass over the item ``item`` that cbor_next() gave just now: for a container everything in it. */
void cbor_skip(struct cbor_rd *r, const struct cbor_item *item);

/* True when the encoding was read to its end without a fault and nothing follows it. */
bool cbor_rd_done(const struct cbor_rd *r);

/* Check one whole encoding.  0 or -EBADMSG. */
NODISCARD int cbor_check(const uint8_t *buf, size_t len);

/* The writer trusts its caller for counts and for the order of keys (cbor_key_compare() gives it);
 * ``bad`` when the buffer is too small. */
struct cbor_wr {
	uint8_t *start, *p, *end;
	bool bad;
};

void cbor_wr_init(struct cbor_wr *w, uint8_t *buf, size_t cap);
size_t cbor_wr_len(const struct cbor_wr *w);
void cbor_put_int(struct cbor_wr *w, int64_t value);
void cbor_put_bytes(struct cbor_wr *w, const void *data, size_t len);
void cbor_put_text(struct cbor_wr *w, const char *text, size_t len);
void cbor_put_array(struct cbor_wr *w, uint32_t count); /* ``count`` items follow */
void cbor_put_map(struct cbor_wr *w, uint32_t pairs);   /* ``pairs`` keys and values follow */
void cbor_put_bool(struct cbor_wr *w, bool value);
void cbor_put_null(struct cbor_wr *w);
void cbor_put_real(struct cbor_wr *w, double value); /* finite; a whole number becomes an integer */
void cbor_put_raw(struct cbor_wr *w, const uint8_t *encoding, size_t len); /* of whole items */

/* Order of text keys in a map: below, equal, above 0.  (Shorter texts first: their heads differ.) */
int cbor_key_compare(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
