/* SPDX-License-Identifier: Apache-2.0 */
/* Deterministic CBOR: initial bytes as RFC 8949 section 3, order and shortness as its section
 * 4.2.1, and less than both allow (docs/namp.md section 2). */
#include "wire/cbor.h"

#include "base/cursor.h"
#include "base/utf8.h"

#include <errno.h>
#include <string.h>

enum major { /* RFC 8949 section 3.1 */
	     MAJOR_UINT,
	     MAJOR_NEGATIVE,
	     MAJOR_BYTES,
	     MAJOR_TEXT,
	     MAJOR_ARRAY,
	     MAJOR_MAP,
	     MAJOR_TAG,
	     MAJOR_SIMPLE,
};

enum simple { /* RFC 8949 section 3.3 */
	      SIMPLE_FALSE = 20,
	      SIMPLE_TRUE = 21,
	      SIMPLE_NULL = 22,
	      SIMPLE_HALF = 25,
	      SIMPLE_SINGLE = 26,
	      SIMPLE_DOUBLE = 27,
};

#define ARGUMENT_DIRECT 24u /* arguments below stand in the initial byte itself */

/* --- floating point --- */

#define HALF_BIAS   15
#define SINGLE_BIAS 127

static uint64_t double_bits(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static double double_from_bits(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static uint32_t single_bits(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static float single_from_bits(uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static bool is_finite(double value)
{
	return (double_bits(value) >> 52 & 0x7ff) != 0x7ff;
}

/* Whether ``value`` is a whole number of int64. */
static bool is_integer(double value)
{
	/* The bounds are exact as doubles; within them the conversion is defined. */
	if (!(value >= -0x1p63 && value < 0x1p63))
		return false;
	double whole = (double)(int64_t)value;

	return whole <= value && whole >= value;
}

/* A finite half (binary16 of IEEE 754). */
static double half_value(uint16_t bits)
{
	unsigned exponent = bits >> 10 & 0x1f;
	double mantissa = bits & 0x3ff;
	double value;

	if (exponent == 0)
		value = mantissa * 0x1p-24;
	else /* 2^(exponent - bias) * (1 + mantissa / 2^10) */
		value = (0x1p10 + mantissa) *
		        double_from_bits((uint64_t)(1023 + (int)exponent - HALF_BIAS - 10) << 52);
	return bits & 0x8000 ? -value : value;
}

/* The half that has the value of a finite single; false when there is none. */
static bool half_from_single(uint32_t bits, uint16_t *ret)
{
	int exponent = (int)(bits >> 23 & 0xff) - SINGLE_BIAS;
	uint32_t mantissa = bits & 0x7fffff;
	uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);

	if (exponent >= 1 - HALF_BIAS && exponent <= HALF_BIAS) {
		if (mantissa & 0x1fff)
			return false;
		*ret = (uint16_t)(sign | (unsigned)(exponent + HALF_BIAS) << 10 | mantissa >> 13);
		return true;
	}
	if (exponent < -24 || exponent > HALF_BIAS)
		return false; /* 0 never comes here: it is an integer */
	/* Subnormal: a multiple of 2^-24. */
	uint32_t all = mantissa | 0x800000;
	unsigned shift = (unsigned)(-1 - exponent); /* value = all * 2^(exponent - 23) */

	if (all & ((UINT32_C(1) << shift) - 1))
		return false;
	*ret = (uint16_t)(sign | all >> shift);
	return true;
}

/* How many octets the shortest form of a finite value has that is no integer, and their bits. */
static unsigned shortest_form(double value, uint64_t *ret_bits)
{
	float single = 0;
	uint16_t half;

	if (value <= 0x1.fffffep127 && value >= -0x1.fffffep127)
		single = (float)value;
	if (!((double)single <= value && (double)single >= value)) {
		*ret_bits = double_bits(value);
		return 8;
	}
	if (!half_from_single(single_bits(single), &half)) {
		*ret_bits = single_bits(single);
		return 4;
	}
	*ret_bits = half;
	return 2;
}

/* --- reading --- */

void cbor_rd_init(struct cbor_rd *r, const uint8_t *buf, size_t len)
{
	r->p = buf;
	r->end = buf + len;
	r->depth = 0;
	r->has_begun = false;
	r->bad = len > CBOR_SIZE_MAX;
}

static enum cbor_type fault(struct cbor_rd *r, struct cbor_item *ret)
{
	r->bad = true;
	*ret = (struct cbor_item) { .type = CBOR_END };
	return CBOR_END;
}

/* The argument of an initial byte with ``info``, in its shortest form. */
static bool read_argument(struct rd *in, unsigned info, uint64_t *ret)
{
	uint64_t value, least;

	switch (info) {
	case 24:
		value = rd_u8(in);
		least = ARGUMENT_DIRECT;
		break;
	case 25:
		value = rd_be16(in);
		least = UINT64_C(1) << 8;
		break;
	case 26:
		value = rd_be32(in);
		least = UINT64_C(1) << 16;
		break;
	case 27:
		value = rd_be64(in);
		least = UINT64_C(1) << 32;
		break;
	default:
		*ret = info;
		return info < ARGUMENT_DIRECT; /* else reserved, or of indefinite length */
	}
	*ret = value;
	return !in->bad && value >= least;
}

static bool is_text(const uint8_t *data, size_t len)
{
	for (size_t at = 0, step; at < len; at += step) {
		if (data[at] == 0)
			return false;
		step = data[at] < 0x80 ? 1 : utf8_length((const char *)data + at, len - at);
		if (step == 0)
			return false;
	}
	return true;
}

static bool read_real(struct rd *in, unsigned info, struct cbor_item *ret)
{
	uint64_t shortest;
	unsigned octets;
	double value;

	if (info == SIMPLE_HALF) {
		uint16_t bits = rd_be16(in);

		if ((bits & 0x7c00) == 0x7c00)
			return false;
		value = half_value(bits);
		octets = 2;
	} else if (info == SIMPLE_SINGLE) {
		value = (double)single_from_bits(rd_be32(in));
		octets = 4;
	} else {
		value = double_from_bits(rd_be64(in));
		octets = 8;
	}
	if (in->bad || !is_finite(value) || is_integer(value) ||
	    shortest_form(value, &shortest) != octets)
		return false;
	ret->type = CBOR_FLOAT;
	ret->real = value;
	return true;
}

static bool read_simple(struct rd *in, unsigned info, struct cbor_item *ret)
{
	switch (info) {
	case SIMPLE_FALSE:
	case SIMPLE_TRUE:
		ret->type = CBOR_BOOL;
		ret->boolean = info == SIMPLE_TRUE;
		return true;
	case SIMPLE_NULL:
		ret->type = CBOR_NULL;
		return true;
	case SIMPLE_HALF:
	case SIMPLE_SINGLE:
	case SIMPLE_DOUBLE:
		return read_real(in, info, ret);
	default:
		return false;
	}
}

/* One item without what a container holds. */
static bool read_item(struct rd *in, struct cbor_item *ret)
{
	uint8_t initial = rd_u8(in);
	unsigned info = initial & 0x1f;
	enum major major = initial >> 5;
	uint64_t argument;

	if (in->bad)
		return false;
	if (major == MAJOR_SIMPLE)
		return read_simple(in, info, ret);
	if (!read_argument(in, info, &argument))
		return false;
	switch (major) {
	case MAJOR_UINT:
	case MAJOR_NEGATIVE:
		ret->type = CBOR_INT;
		ret->integer = (int64_t)(major == MAJOR_UINT ? argument : ~argument);
		return argument <= INT64_MAX;
	case MAJOR_BYTES:
	case MAJOR_TEXT:
		ret->type = major == MAJOR_TEXT ? CBOR_TEXT : CBOR_BYTES;
		if (argument > rd_left(in))
			return false;
		ret->len = (size_t)argument;
		ret->data = rd_take(in, ret->len);
		return major == MAJOR_BYTES || is_text(ret->data, ret->len);
	case MAJOR_ARRAY:
	case MAJOR_MAP:
		ret->type = major == MAJOR_MAP ? CBOR_MAP : CBOR_ARRAY;
		ret->count = (uint32_t)argument;
		return argument <= CBOR_ITEMS_MAX &&
		       argument * (major == MAJOR_MAP ? 2 : 1) <= rd_left(in);
	case MAJOR_TAG:
	case MAJOR_SIMPLE:
		break;
	}
	return false;
}

/* Whether the key that begins at ``key`` may follow the one before it; remembers it. */
static bool take_key(struct cbor_level *level, const uint8_t *key, size_t len,
                     const struct cbor_item *item)
{
	if (item->type != CBOR_INT && item->type != CBOR_TEXT)
		return false;
	if (level->key) {
		/* No encoding is the beginning of another, so the shorter length decides nothing. */
		size_t common = len < level->key_len ? len : level->key_len;

		if (memcmp(level->key, key, common) >= 0)
			return false;
	}
	level->key = key;
	level->key_len = len;
	return true;
}

enum cbor_type cbor_next(struct cbor_rd *r, struct cbor_item *ret)
{
	struct cbor_level *level = r->depth > 0 ? &r->level[r->depth - 1] : NULL;

	*ret = (struct cbor_item) { .type = CBOR_END };
	if (r->bad)
		return CBOR_END;
	if (level && level->left == 0) {
		r->depth--;
		return CBOR_END;
	}
	if (!level && r->has_begun)
		return r->p == r->end ? CBOR_END : fault(r, ret);
	struct rd in = rd_init(r->p, (size_t)(r->end - r->p));

	r->has_begun = true;
	if (!read_item(&in, ret))
		return fault(r, ret);
	if (level && level->is_map && level->left % 2 == 0 &&
	    !take_key(level, r->p, (size_t)(in.p - r->p), ret))
		return fault(r, ret);
	if (level)
		level->left--;
	r->p = in.p;
	if (ret->type == CBOR_ARRAY || ret->type == CBOR_MAP) {
		bool is_map = ret->type == CBOR_MAP;

		if (r->depth == CBOR_DEPTH_MAX)
			return fault(r, ret);
		r->level[r->depth++] = (struct cbor_level) {
			.left = is_map ? 2 * ret->count : ret->count,
			.is_map = is_map,
		};
	}
	return ret->type;
}

void cbor_skip(struct cbor_rd *r, const struct cbor_item *item)
{
	struct cbor_item inner;
	unsigned outside = r->depth - 1; /* of a container, which has been entered */

	if (item->type != CBOR_ARRAY && item->type != CBOR_MAP)
		return;
	while (!r->bad && r->depth > outside)
		(void)cbor_next(r, &inner); /* a fault shows in r->bad */
}

bool cbor_rd_done(const struct cbor_rd *r)
{
	return !r->bad && r->has_begun && r->depth == 0 && r->p == r->end;
}

int cbor_check(const uint8_t *buf, size_t len)
{
	struct cbor_item item;
	struct cbor_rd r;

	cbor_rd_init(&r, buf, len);
	(void)cbor_next(&r, &item); /* a fault shows below */
	cbor_skip(&r, &item);
	return cbor_rd_done(&r) ? 0 : -EBADMSG;
}

/* --- writing --- */

void cbor_wr_init(struct cbor_wr *w, uint8_t *buf, size_t cap)
{
	*w = (struct cbor_wr) { .start = buf, .p = buf, .end = buf + cap };
}

size_t cbor_wr_len(const struct cbor_wr *w)
{
	return (size_t)(w->p - w->start);
}

void cbor_put_raw(struct cbor_wr *w, const uint8_t *encoding, size_t len)
{
	if (w->bad || len > (size_t)(w->end - w->p)) {
		w->bad = true;
		return;
	}
	if (len > 0)
		memcpy(w->p, encoding, len);
	w->p += len;
}

/* An initial byte of ``major`` and the ``octets`` (0, 1, 2, 4 or 8) of ``value`` that follow it. */
static void put_initial(struct cbor_wr *w, enum major major, unsigned info, uint64_t value,
                        unsigned octets)
{
	uint8_t head[9];

	head[0] = (uint8_t)((unsigned)major << 5 | info);
	for (unsigned i = 0; i < octets; i++)
		head[1 + i] = (uint8_t)(value >> 8 * (octets - 1 - i));
	cbor_put_raw(w, head, 1 + octets);
}

static void put_head(struct cbor_wr *w, enum major major, uint64_t argument)
{
	if (argument < ARGUMENT_DIRECT)
		put_initial(w, major, (unsigned)argument, 0, 0);
	else if (argument <= UINT8_MAX)
		put_initial(w, major, 24, argument, 1);
	else if (argument <= UINT16_MAX)
		put_initial(w, major, 25, argument, 2);
	else if (argument <= UINT32_MAX)
		put_initial(w, major, 26, argument, 4);
	else
		put_initial(w, major, 27, argument, 8);
}

void cbor_put_int(struct cbor_wr *w, int64_t value)
{
	if (value >= 0)
		put_head(w, MAJOR_UINT, (uint64_t)value);
	else
		put_head(w, MAJOR_NEGATIVE, ~(uint64_t)value);
}

void cbor_put_bytes(struct cbor_wr *w, const void *data, size_t len)
{
	put_head(w, MAJOR_BYTES, len);
	cbor_put_raw(w, data, len);
}

void cbor_put_text(struct cbor_wr *w, const char *text, size_t len)
{
	put_head(w, MAJOR_TEXT, len);
	cbor_put_raw(w, (const uint8_t *)text, len);
}

void cbor_put_array(struct cbor_wr *w, uint32_t count)
{
	put_head(w, MAJOR_ARRAY, count);
}

void cbor_put_map(struct cbor_wr *w, uint32_t pairs)
{
	put_head(w, MAJOR_MAP, pairs);
}

void cbor_put_bool(struct cbor_wr *w, bool value)
{
	put_initial(w, MAJOR_SIMPLE, value ? SIMPLE_TRUE : SIMPLE_FALSE, 0, 0);
}

void cbor_put_null(struct cbor_wr *w)
{
	put_initial(w, MAJOR_SIMPLE, SIMPLE_NULL, 0, 0);
}

void cbor_put_real(struct cbor_wr *w, double value)
{
	uint64_t bits;

	if (is_integer(value)) {
		cbor_put_int(w, (int64_t)value);
		return;
	}
	unsigned octets = shortest_form(value, &bits);

	put_initial(w, MAJOR_SIMPLE,
	            octets == 2   ? SIMPLE_HALF
	            : octets == 4 ? SIMPLE_SINGLE
	                          : SIMPLE_DOUBLE,
	            bits, octets);
}

int cbor_key_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return memcmp(a, b, a_len);
}
