/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: sketches from outside.  Least and greatest value (u64 each), then (u16 bucket, u64
 * count) pairs, big-endian. */
#include "base/cursor.h"
#include "base/sketch.h"

#include <stdlib.h>

#define PAIRS_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sketch_pair pairs[PAIRS_MAX], again[PAIRS_MAX];
	struct rd r = rd_init(data, size);
	struct sketch s = { 0 };
	size_t len = 0;
	int64_t min_ns = (int64_t)rd_be64(&r);
	int64_t max_ns = (int64_t)rd_be64(&r);
	int64_t last = 0;

	while (rd_left(&r) >= 10 && len < PAIRS_MAX) {
		pairs[len].bucket = rd_be16(&r);
		pairs[len++].count = rd_be64(&r);
	}
	if (sketch_decode(&s, pairs, len, min_ns, max_ns) == 0 && s.count) {
		check(sketch_encode(&s, again, PAIRS_MAX) == (int)len);
		for (size_t i = 0; i < len; i++)
			check(again[i].bucket == pairs[i].bucket &&
			      again[i].count == pairs[i].count);
		for (uint32_t ppm = 0; ppm <= 1000000; ppm += 50000) {
			int64_t ns;

			check(sketch_quantile(&s, ppm, &ns) == 0);
			check(ns >= last && ns >= min_ns && ns <= max_ns);
			last = ns;
		}
		uint64_t before = s.count;

		if (sketch_merge(&s, &s) == 0)
			check(s.count == 2 * before);
	}
	sketch_fini(&s);
	return 0;
}
