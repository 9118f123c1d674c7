/* SPDX-License-Identifier: Apache-2.0 */
/* Log-linear histogram.  Bucket numbers: below 128 the value itself; above, with ``shift`` low bits
 * dropped so that 7 significant bits (64 .. 127) remain, shift * 64 + those bits. */
#include "base/sketch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SUB         (1u << SKETCH_SUB_BITS)
#define PAIRS_FIRST 64u

uint16_t sketch_bucket_of(int64_t value_ns)
{
	uint64_t v = (uint64_t)value_ns;

	if (v < UINT64_C(2) * SUB)
		return (uint16_t)v;
	unsigned shift = 63u - (unsigned)__builtin_clzll(v) - SKETCH_SUB_BITS;

	return (uint16_t)(shift * SUB + (unsigned)(v >> shift));
}

int64_t sketch_bucket_floor(uint16_t bucket)
{
	if (bucket < 2u * SUB)
		return bucket;
	return (int64_t)((uint64_t)(bucket % SUB + SUB) << (bucket / SUB - 1));
}

/* The value that stands for a whole bucket. */
static int64_t bucket_middle(uint16_t bucket)
{
	int64_t width = bucket < 2u * SUB ? 1 : (int64_t)1 << (bucket / SUB - 1);

	return sketch_bucket_floor(bucket) + width / 2;
}

static uint32_t bucket_limit(const struct sketch *s)
{
	return s->bucket_cap ? s->bucket_cap : SKETCH_BUCKETS;
}

void sketch_init(struct sketch *s, uint16_t bucket_cap)
{
	*s = (struct sketch) { .bucket_cap = bucket_cap };
}

void sketch_fini(struct sketch *s)
{
	if (s->is_bucketed)
		free(s->pairs);
	*s = (struct sketch) { .bucket_cap = s->bucket_cap };
}

void sketch_clear(struct sketch *s)
{
	sketch_fini(s);
}

static int compare_values(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The kept values in ascending order; returns how many. */
static size_t sorted_values(const struct sketch *s, int64_t to[static SKETCH_VALUES])
{
	size_t n = (size_t)s->count;

	for (size_t i = 0; i < n; i++)
		to[i] = s->values[i];
	qsort(to, n, sizeof(*to), compare_values);
	return n;
}

/* The kept values as pairs; returns how many. */
static uint32_t values_as_pairs(const struct sketch *s, struct sketch_pair to[static SKETCH_VALUES])
{
	int64_t sorted[SKETCH_VALUES];
	size_t n = sorted_values(s, sorted);
	uint32_t len = 0;

	for (size_t i = 0; i < n; i++) {
		uint16_t bucket = sketch_bucket_of(sorted[i]);

		if (len && to[len - 1].bucket == bucket)
			to[len - 1].count++;
		else
			to[len++] = (struct sketch_pair) { bucket, 1 };
	}
	return len;
}

/* Room for ``pairs`` in the block of a sketch that is bucketed, or in a new one.  On success *ret is
 * where they go; the sketch itself is as before but for the block that it has already. */
static int reserve(struct sketch *s, uint32_t pairs, struct sketch_pair **ret)
{
	uint32_t cap = s->pairs_cap ? s->pairs_cap : PAIRS_FIRST;

	if (pairs > bucket_limit(s))
		return -ENOSPC;
	if (s->is_bucketed && pairs <= s->pairs_cap) {
		*ret = s->pairs;
		return 0;
	}
	while (cap < pairs)
		cap *= 2; /* pairs <= SKETCH_BUCKETS: no overflow */
	struct sketch_pair *grown =
	        reallocarray(s->is_bucketed ? s->pairs : NULL, cap, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	if (s->is_bucketed)
		s->pairs = grown;
	s->pairs_cap = (uint16_t)cap;
	*ret = grown;
	return 0;
}

/* The sketch becomes these pairs, in a block that holds them. */
static void become(struct sketch *s, struct sketch_pair *block, uint32_t len)
{
	s->pairs = block;
	s->pairs_len = (uint16_t)len;
	s->is_bucketed = true;
}

/* From kept values to pairs; on error nothing has changed. */
static int to_buckets(struct sketch *s)
{
	struct sketch_pair pairs[SKETCH_VALUES], *block;
	uint32_t len = values_as_pairs(s, pairs);
	int rc = reserve(s, len, &block);

	if (rc < 0)
		return rc;
	if (len)
		memcpy(block, pairs, len * sizeof(*pairs));
	become(s, block, len);
	return 0;
}

/* Place of the first pair whose bucket is not below ``bucket``. */
static uint32_t lower_bound(const struct sketch *s, uint16_t bucket)
{
	uint32_t low = 0;
	uint32_t high = s->pairs_len;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (s->pairs[middle].bucket < bucket)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int count_in_bucket(struct sketch *s, uint16_t bucket)
{
	uint32_t at = lower_bound(s, bucket);

	if (at < s->pairs_len && s->pairs[at].bucket == bucket) {
		s->pairs[at].count++;
		return 0;
	}
	struct sketch_pair *block;
	int rc = reserve(s, s->pairs_len + 1u, &block);

	if (rc < 0)
		return rc;
	memmove(s->pairs + at + 1, s->pairs + at, (s->pairs_len - at) * sizeof(*s->pairs));
	s->pairs[at] = (struct sketch_pair) { bucket, 1 };
	s->pairs_len++;
	return 0;
}

static void widen(struct sketch *s, int64_t min_ns, int64_t max_ns)
{
	if (!s->count || min_ns < s->min_ns)
		s->min_ns = min_ns;
	if (!s->count || max_ns > s->max_ns)
		s->max_ns = max_ns;
}

int sketch_add(struct sketch *s, int64_t value_ns)
{
	int rc = 0;

	if (value_ns < 0)
		return -ERANGE;
	if (!s->is_bucketed && s->count < SKETCH_VALUES && value_ns <= UINT32_MAX) {
		widen(s, value_ns, value_ns);
		s->values[s->count++] = (uint32_t)value_ns;
		return 0;
	}
	if (!s->is_bucketed)
		rc = to_buckets(s);
	if (rc == 0)
		rc = count_in_bucket(s, sketch_bucket_of(value_ns));
	if (rc < 0)
		return rc;
	widen(s, value_ns, value_ns);
	s->count++;
	return 0;
}

/* Join two sorted lists; ``to`` NULL: only count.  Returns the length of the union. */
static uint32_t join(const struct sketch_pair *a, uint32_t a_len, const struct sketch_pair *b,
                     uint32_t b_len, struct sketch_pair *to)
{
	uint32_t i = 0, j = 0, n = 0;

	for (; i < a_len || j < b_len; n++) {
		bool take_a = j == b_len || (i < a_len && a[i].bucket <= b[j].bucket);
		bool take_b = i == a_len || (j < b_len && b[j].bucket <= a[i].bucket);

		if (to)
			to[n] = (struct sketch_pair) {
				.bucket = take_a ? a[i].bucket : b[j].bucket,
				.count = (take_a ? a[i].count : 0) + (take_b ? b[j].count : 0),
			};
		i += take_a;
		j += take_b;
	}
	return n;
}

int sketch_merge(struct sketch *s, const struct sketch *from)
{
	struct sketch_pair mine[SKETCH_VALUES], theirs[SKETCH_VALUES];
	const struct sketch_pair *a = mine, *b = theirs;
	uint32_t a_len, b_len;
	uint64_t total;

	if (!from->count)
		return 0;
	if (__builtin_add_overflow(s->count, from->count, &total))
		return -EOVERFLOW;
	if (!s->is_bucketed && !from->is_bucketed && total <= SKETCH_VALUES) {
		memcpy(s->values + s->count, from->values,
		       (size_t)from->count * sizeof(*s->values));
	} else {
		a_len = s->is_bucketed ? s->pairs_len : values_as_pairs(s, mine);
		b_len = from->is_bucketed ? from->pairs_len : values_as_pairs(from, theirs);
		if (s->is_bucketed)
			a = s->pairs;
		if (from->is_bucketed)
			b = from->pairs;
		uint32_t len = join(a, a_len, b, b_len, NULL);

		if (len > bucket_limit(s))
			return -ENOSPC;
		struct sketch_pair *joined = reallocarray(NULL, len, sizeof(*joined));

		if (!joined)
			return -ENOMEM;
		(void)join(a, a_len, b, b_len, joined); /* the same length again */
		if (s->is_bucketed)
			free(s->pairs);
		s->pairs_cap = (uint16_t)len;
		become(s, joined, len);
	}
	widen(s, from->min_ns, from->max_ns);
	s->count = total;
	return 0;
}

int sketch_quantile(const struct sketch *s, uint32_t ppm, int64_t *ret_ns)
{
	int64_t sorted[SKETCH_VALUES];
	uint64_t seen = 0;

	if (ppm > 1000000)
		return -EINVAL;
	if (!s->count)
		return -ENODATA;
	uint64_t rank = (uint64_t)(((unsigned __int128)s->count * ppm + 999999) / 1000000);

	if (rank <= 1) {
		*ret_ns = s->min_ns;
		return 0;
	}
	if (rank == s->count) {
		*ret_ns = s->max_ns;
		return 0;
	}
	if (!s->is_bucketed) {
		(void)sorted_values(s, sorted); /* rank < count: in range */
		*ret_ns = sorted[rank - 1];
		return 0;
	}
	uint32_t at = 0;

	while (at + 1 < s->pairs_len && rank - seen > s->pairs[at].count)
		seen += s->pairs[at++].count;
	int64_t value = bucket_middle(s->pairs[at].bucket);

	*ret_ns = value < s->min_ns ? s->min_ns : value > s->max_ns ? s->max_ns : value;
	return 0;
}

int sketch_encode(const struct sketch *s, struct sketch_pair *to, size_t cap)
{
	struct sketch_pair kept[SKETCH_VALUES];
	const struct sketch_pair *pairs = s->is_bucketed ? s->pairs : kept;
	uint32_t len = s->is_bucketed ? s->pairs_len : values_as_pairs(s, kept);

	if (len > cap)
		return -ENOSPC;
	if (len)
		memcpy(to, pairs, len * sizeof(*to));
	return (int)len;
}

/* The sum of the counts of a list that keeps every rule; 0 for one that does not. */
static uint64_t checked_total(const struct sketch_pair *pairs, size_t len)
{
	uint64_t total = 0;

	for (size_t i = 0; i < len; i++) {
		if (pairs[i].bucket >= SKETCH_BUCKETS || !pairs[i].count ||
		    (i && pairs[i].bucket <= pairs[i - 1].bucket) ||
		    __builtin_add_overflow(total, pairs[i].count, &total))
			return 0;
	}
	return total;
}

int sketch_decode(struct sketch *s, const struct sketch_pair *from, size_t len, int64_t min_ns,
                  int64_t max_ns)
{
	uint64_t total = checked_total(from, len);

	if (!len) {
		sketch_clear(s);
		return 0;
	}
	if (!total || min_ns < 0 || max_ns < min_ns || sketch_bucket_of(min_ns) != from[0].bucket ||
	    sketch_bucket_of(max_ns) != from[len - 1].bucket)
		return -EBADMSG;
	struct sketch_pair *block;
	int rc = reserve(s, (uint32_t)len, &block); /* strictly ascending: at most SKETCH_BUCKETS */

	if (rc < 0)
		return rc;
	memcpy(block, from, len * sizeof(*from));
	become(s, block, (uint32_t)len);
	s->count = total;
	s->min_ns = min_ns;
	s->max_ns = max_ns;
	return 0;
}
