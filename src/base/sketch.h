/* SPDX-License-Identifier: Apache-2.0 */
/* Distribution of non-negative durations in ns as a mergeable log-linear histogram: each octave is
 * cut into 64 equal buckets, values below 128 ns have a bucket each.  A quantile is the middle of
 * its bucket, so it differs from the true one by at most 1/128 of it (< 0.8 %), however many
 * sketches of whatever times and nodes were merged.  Up to SKETCH_VALUES values below 2^32
 * ns are kept as they are (exact quantiles, no allocation); beyond that, sorted (bucket, count) pairs in
 * a growing block.
 *
 * One thread a sketch.  All zeroes but ``bucket_cap`` is an empty sketch. */
#ifndef CANDOR_BASE_SKETCH_H
#define CANDOR_BASE_SKETCH_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SKETCH_SUB_BITS 6u
#define SKETCH_VALUES   32u
#define SKETCH_BUCKETS  3712u /* of int64_t: 2 x 64 below 128 ns, then 56 octaves of 64 */

struct sketch_pair {
	uint16_t bucket; /* 0 .. SKETCH_BUCKETS - 1 */
	uint64_t count;  /* > 0 */
};

struct sketch {
	uint64_t count;         /* values added, all of them */
	int64_t min_ns, max_ns; /* exact; meaningless while count is 0 */
	uint16_t bucket_cap;    /* most buckets that it may hold; 0: SKETCH_BUCKETS */
	uint16_t pairs_len, pairs_cap;
	bool is_bucketed; /* false: values[0 .. count) is everything */
	union {
		uint32_t values[SKETCH_VALUES];
		struct sketch_pair *pairs; /* sorted by bucket */
	};
};

void sketch_init(struct sketch *s, uint16_t bucket_cap); /* caller's storage; nothing allocated */
void sketch_fini(struct sketch *s);
void sketch_clear(struct sketch *s); /* empty again; keeps the cap */

/* Add one value, ns; 0.  -ERANGE: negative; -ENOSPC: a new bucket beyond the cap; -ENOMEM.  On any
 * error the sketch is as before. */
NODISCARD int sketch_add(struct sketch *s, int64_t value_ns);

/* Add everything of ``from`` to ``s``.  0, -ENOSPC, -ENOMEM or -EOVERFLOW (the count), and ``s`` is
 * as before. */
NODISCARD int sketch_merge(struct sketch *s, const struct sketch *from);

/* The value at rank ceil(ppm x count / 10^6), at least the first: 500000 is the median, 0 the
 * minimum, 1000000 the maximum.  ns.  -ENODATA when empty, -EINVAL for ppm above 10^6. */
NODISCARD int sketch_quantile(const struct sketch *s, uint32_t ppm, int64_t *ret_ns);

/* The sketch as sorted pairs for storage or transport.  Returns how many, or -ENOSPC (at most
 * SKETCH_BUCKETS are ever needed).  The extremes travel beside them. */
NODISCARD int sketch_encode(const struct sketch *s, struct sketch_pair *to, size_t cap);

/* Replace what ``s`` holds by pairs from outside.  0; -EBADMSG when they are not strictly
 * ascending, a bucket is out of range, a count is 0, their sum overflows, or an extreme is not in
 * the first or last bucket; -ENOSPC beyond the cap; -ENOMEM.  On error ``s`` is as before. */
NODISCARD int sketch_decode(struct sketch *s, const struct sketch_pair *from, size_t len,
                            int64_t min_ns, int64_t max_ns);

/* The bucket of a value (>= 0) and the least value of a bucket: for histograms on a screen. */
uint16_t sketch_bucket_of(int64_t value_ns);
int64_t sketch_bucket_floor(uint16_t bucket);

#endif
