/* SPDX-License-Identifier: Apache-2.0 */
/* From rows to documents. */
#include "object/rows.h"

#include "base/clocktypes.h"

#include <inttypes.h>
#include <stdio.h>

void object_add_u64(struct arena *a, struct doc *to, const char *key, uint64_t value)
{
	if (value <= INT64_MAX)
		doc_add_int(a, to, key, (int64_t)value);
	else
		doc_add_text(a, to, key, arena_printf(a, "%" PRIu64, value));
}

void object_add_of_some(struct arena *a, struct doc *to, const char *key, uint64_t n, int64_t value)
{
	if (n == 0)
		doc_add_null(a, to, key);
	else
		doc_add_int(a, to, key, value);
}

void object_add_addr(struct arena *a, struct doc *to, const char *key, const struct inet_addr *addr)
{
	char text[INET_TEXT_MAX];

	if (addr->family == INET_NONE)
		doc_add_null(a, to, key);
	else
		doc_add_text(a, to, key, inet_addr_format(addr, text));
}

__extension__ typedef unsigned __int128 u128;

static void add_u128(struct arena *a, struct doc *to, const char *key, u128 value)
{
	char digits[40];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + (int)(value % 10));
		value /= 10;
	} while (value > 0);
	doc_add_text(a, to, key, digits + at);
}

static void add_wall(struct arena *a, struct doc *to, const char *key, wall_t at)
{
	if (at.ns == 0)
		doc_add_null(a, to, key);
	else
		doc_add_int(a, to, key, at.ns);
}

static void add_text(struct arena *a, struct doc *to, const char *key, const char *text)
{
	if (text)
		doc_add_text(a, to, key, text);
	else
		doc_add_null(a, to, key);
}

/* Depth is that of the row tables: constants. */
void object_fill(const struct object_row *rows, const void *object, struct arena *a, struct doc *to)
{
	for (const struct object_row *row = rows; row->type != OT_END; row++) {
		const void *field = (const char *)object + row->offset;

		switch (row->type) {
		case OT_BOOL:
			doc_add_bool(a, to, row->name, *(const bool *)field);
			break;
		case OT_U8:
			doc_add_int(a, to, row->name, *(const uint8_t *)field);
			break;
		case OT_U16:
			doc_add_int(a, to, row->name, *(const uint16_t *)field);
			break;
		case OT_U32:
			doc_add_int(a, to, row->name, *(const uint32_t *)field);
			break;
		case OT_U64:
			object_add_u64(a, to, row->name, *(const uint64_t *)field);
			break;
		case OT_I64:
			doc_add_int(a, to, row->name, *(const int64_t *)field);
			break;
		case OT_U128:
			add_u128(a, to, row->name, *(const u128 *)field);
			break;
		case OT_TEXT:
			add_text(a, to, row->name, *(const char *const *)field);
			break;
		case OT_CHARS:
			doc_add_text(a, to, row->name, field);
			break;
		case OT_ADDR:
			object_add_addr(a, to, row->name, field);
			break;
		case OT_WALL:
			add_wall(a, to, row->name, *(const wall_t *)field);
			break;
		case OT_NAME:
			doc_add_text(a, to, row->name, row->name_of(*(const uint8_t *)field));
			break;
		case OT_PART:
			object_fill(row->part, field, a, doc_add_map(a, to, row->name));
			break;
		case OT_CUSTOM:
			row->get(object, row, a, to);
			break;
		case OT_END:
			break;
		}
	}
}

static void add_quantile(const struct sketch *s, uint32_t ppm, const char *key, struct arena *a,
                         struct doc *to)
{
	int64_t value_ns;

	if (sketch_quantile(s, ppm, &value_ns) == 0)
		doc_add_int(a, to, key, value_ns);
	else
		doc_add_null(a, to, key);
}

/* At most this many bars say how values are spread. */
#define BUCKETS_MAX 64u

static void add_bucket(struct doc *list, uint32_t from, uint32_t to, uint64_t count,
                       struct arena *a)
{
	struct doc *bucket = doc_add_map(a, list, NULL);

	doc_add_int(a, bucket, "from_ns", sketch_bucket_floor((uint16_t)from));
	if (to < SKETCH_BUCKETS)
		doc_add_int(a, bucket, "to_ns", sketch_bucket_floor((uint16_t)to));
	else
		doc_add_int(a, bucket, "to_ns", INT64_MAX);
	object_add_u64(a, bucket, "count", count);
}

/* Neighbouring buckets together, as many as it takes: as log-linear as the sketch itself. */
static void add_buckets(const struct sketch *s, struct arena *a, struct doc *list)
{
	size_t cap = s->pairs_len > SKETCH_VALUES ? s->pairs_len : SKETCH_VALUES;
	struct sketch_pair *pairs = arena_alloc(a, cap * sizeof(*pairs));
	int len = sketch_encode(s, pairs, cap);

	if (len <= 0)
		return;
	uint32_t first = pairs[0].bucket;
	uint32_t width = (pairs[len - 1].bucket - first) / BUCKETS_MAX + 1;

	for (int i = 0; i < len;) {
		uint32_t from = first + (pairs[i].bucket - first) / width * width;
		uint64_t count = 0;

		for (; i < len && pairs[i].bucket < from + width; i++)
			count += pairs[i].count;
		add_bucket(list, from, from + width, count, a);
	}
}

void object_fill_sketch(const struct sketch *s, uint64_t unfitted, struct arena *a, struct doc *to)
{
	object_add_u64(a, to, "n", s->count);
	add_quantile(s, 0, "min_ns", a, to);
	add_quantile(s, 500000, "p50_ns", a, to);
	add_quantile(s, 950000, "p95_ns", a, to);
	add_quantile(s, 990000, "p99_ns", a, to);
	add_quantile(s, 1000000, "max_ns", a, to);
	object_add_u64(a, to, "unfitted", unfitted);
	add_buckets(s, a, doc_add_list(a, to, "buckets"));
}
