/* SPDX-License-Identifier: Apache-2.0 */
/* The duration sketch against exact sorting: the error bound, merging, storage, limits. */
#include "base/sketch.h"
#include "t.h"

#include <errno.h>

#define SAMPLES 20000u

static bool allocations_fail;

/* Takes the place of the C library's: the sketch allocates through nothing else. */
void *reallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (allocations_fail || __builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, bytes);
}

static const uint32_t quantiles_ppm[] = { 0,      1,      10000,  50000,  250000, 500000, 750000,
	                                  900000, 950000, 990000, 999000, 999999, 1000000 };

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Every quantile is within 1/128 of the exact one (nearest rank); ``values`` gets sorted. */
static void check_quantiles(const struct sketch *s, int64_t *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare);
	for (size_t i = 0; i < ARRAY_LEN(quantiles_ppm); i++) {
		uint64_t rank = ((uint64_t)n * quantiles_ppm[i] + 999999) / 1000000;
		int64_t exact = values[rank ? rank - 1 : 0];
		int64_t got;

		assert_int_equal(sketch_quantile(s, quantiles_ppm[i], &got), 0);
		assert_i64_near(got, exact, exact / 128);
	}
	assert_true(s->count == n);
	assert_i64_equal(s->min_ns, values[0]);
	assert_i64_equal(s->max_ns, values[n - 1]);
}

enum shape { UNIFORM, LOG_UNIFORM, BIMODAL, CONSTANT, TINY, SHAPES };

static int64_t draw(enum shape shape, uint64_t *seed)
{
	uint64_t x = t_random(seed);

	switch (shape) {
	case UNIFORM:
		return (int64_t)(x % 50000000);
	case LOG_UNIFORM:
		return (int64_t)((x >> 1) >> (t_random(seed) % 63));
	case BIMODAL:
		return (int64_t)(x % 10 ? 1000000 + x % 1000 : 900000000 + x % 100000);
	case CONSTANT:
		return 12345678;
	case TINY:
		return (int64_t)(x % 200);
	case SHAPES:
		break;
	}
	return 0;
}

static void error_bound_holds_for_every_shape(void **state)
{
	static int64_t values[SAMPLES];
	uint64_t seed = t_seed(1101);

	(void)state;
	for (enum shape shape = UNIFORM; shape < SHAPES; shape++) {
		for (size_t n = 1; n <= SAMPLES; n = n * 3 + 1) {
			struct sketch s = { 0 };

			for (size_t i = 0; i < n; i++) {
				values[i] = draw(shape, &seed);
				assert_int_equal(sketch_add(&s, values[i]), 0);
			}
			check_quantiles(&s, values, n);
			sketch_fini(&s);
		}
	}
}

static void few_values_are_exact(void **state)
{
	struct sketch s = { 0 };
	int64_t got;

	(void)state;
	assert_int_equal(sketch_quantile(&s, 500000, &got), -ENODATA);
	for (int64_t i = 0; i < SKETCH_VALUES; i++)
		assert_int_equal(sketch_add(&s, 100000007 * ((i * 7) % SKETCH_VALUES)), 0);
	for (int64_t i = 1; i <= SKETCH_VALUES; i++) {
		uint32_t ppm = (uint32_t)(i * 1000000 / SKETCH_VALUES);

		assert_int_equal(sketch_quantile(&s, ppm, &got), 0);
		assert_i64_equal(got, 100000007 * (i - 1));
	}
	assert_false(s.is_bucketed); /* nothing allocated */
	assert_int_equal(sketch_quantile(&s, 1000001, &got), -EINVAL);
}

static void a_long_value_makes_buckets(void **state)
{
	struct sketch s = { 0 };
	int64_t got;

	(void)state;
	assert_int_equal(sketch_add(&s, 7), 0);
	assert_int_equal(sketch_add(&s, UINT32_MAX), 0);
	assert_false(s.is_bucketed);
	assert_int_equal(sketch_add(&s, INT64_C(1) << 32), 0);
	assert_true(s.is_bucketed);
	assert_int_equal(sketch_quantile(&s, 500000, &got), 0);
	assert_i64_near(got, UINT32_MAX, UINT32_MAX / 128);
	sketch_fini(&s);
}

static void buckets_cover_every_value_once(void **state)
{
	uint64_t seed = t_seed(1102);

	(void)state;
	for (uint16_t b = 0; b + 1u < SKETCH_BUCKETS; b++) {
		int64_t next = sketch_bucket_floor((uint16_t)(b + 1));

		assert_int_equal(sketch_bucket_of(sketch_bucket_floor(b)), b);
		assert_int_equal(sketch_bucket_of(next - 1), b);
	}
	assert_int_equal(sketch_bucket_of(INT64_MAX), SKETCH_BUCKETS - 1);
	assert_int_equal(sketch_bucket_of(0), 0);
	for (unsigned i = 0; i < 100000; i++) {
		int64_t v = draw(LOG_UNIFORM, &seed);
		uint16_t b = sketch_bucket_of(v);

		assert_true(sketch_bucket_floor(b) <= v);
		assert_true(b + 1u == SKETCH_BUCKETS || v < sketch_bucket_floor((uint16_t)(b + 1)));
	}
}

/* Merged parts say what one sketch of everything says, in whatever form each part is. */
static void merging_loses_nothing(void **state)
{
	static int64_t values[SAMPLES];
	static const size_t parts[] = { 0, 1, 5, 31, 32, 33, 40, 1000, 3000 };
	uint64_t seed = t_seed(1103);

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		struct sketch whole = { 0 }, merged = { 0 };
		struct sketch_pair a[SKETCH_BUCKETS], b[SKETCH_BUCKETS];
		size_t n = 0;

		for (unsigned p = 0; p < 4; p++) {
			size_t len = parts[t_random(&seed) % ARRAY_LEN(parts)];
			struct sketch part = { 0 };

			for (size_t i = 0; i < len; i++) {
				values[n] = draw(LOG_UNIFORM, &seed);
				assert_int_equal(sketch_add(&part, values[n]), 0);
				assert_int_equal(sketch_add(&whole, values[n++]), 0);
			}
			assert_int_equal(sketch_merge(&merged, &part), 0);
			sketch_fini(&part);
		}
		int a_len = sketch_encode(&whole, a, SKETCH_BUCKETS);
		int b_len = sketch_encode(&merged, b, SKETCH_BUCKETS);

		assert_int_equal(a_len, b_len);
		for (int i = 0; i < a_len; i++)
			assert_true(a[i].bucket == b[i].bucket && a[i].count == b[i].count);
		if (n)
			check_quantiles(&merged, values, n);
		sketch_fini(&whole);
		sketch_fini(&merged);
	}
}

static void merging_with_itself_doubles(void **state)
{
	struct sketch s = { 0 };

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(sketch_add(&s, 1000 + i), 0);
	for (uint64_t want = 40; want <= 320; want *= 2) {
		assert_int_equal(sketch_merge(&s, &s), 0);
		assert_true(s.count == want);
	}
	s.count = UINT64_MAX - 1; /* as if it had seen that many */
	assert_int_equal(sketch_merge(&s, &s), -EOVERFLOW);
	sketch_fini(&s);
}

static void storage_round_trip(void **state)
{
	static int64_t values[5000];
	static struct sketch_pair pairs[SKETCH_BUCKETS];
	uint64_t seed = t_seed(1104);
	struct sketch s = { 0 }, read = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		values[i] = draw(UNIFORM, &seed);
		assert_int_equal(sketch_add(&s, values[i]), 0);
	}
	int len = sketch_encode(&s, pairs, ARRAY_LEN(pairs));

	assert_true(len > 0);
	assert_int_equal(sketch_encode(&s, pairs, (size_t)len - 1), -ENOSPC);
	assert_int_equal(sketch_decode(&read, pairs, (size_t)len, s.min_ns, s.max_ns), 0);
	check_quantiles(&read, values, ARRAY_LEN(values));
	assert_int_equal(sketch_add(&read, 77), 0); /* it goes on from there */
	assert_true(read.count == ARRAY_LEN(values) + 1);
	sketch_clear(&read);
	assert_true(read.count == 0);
	assert_int_equal(sketch_add(&read, 5), 0);
	assert_i64_equal(read.min_ns, 5);
	assert_i64_equal(read.max_ns, 5);
	assert_int_equal(sketch_decode(&read, NULL, 0, 0, 0), 0);
	assert_true(read.count == 0);
	sketch_fini(&s);
	sketch_fini(&read);
}

static void bad_storage_changes_nothing(void **state)
{
	static const struct {
		const char *name;
		struct sketch_pair pairs[2];
		int64_t min_ns, max_ns;
	} rows[] = {
		{ "descending", { { 5, 1 }, { 4, 1 } }, 5, 4 },
		{ "twice the same", { { 5, 1 }, { 5, 1 } }, 5, 5 },
		{ "count 0", { { 5, 0 }, { 6, 1 } }, 5, 6 },
		{ "overflow", { { 5, UINT64_MAX }, { 6, 1 } }, 5, 6 },
		{ "no such bucket", { { 5, 1 }, { SKETCH_BUCKETS, 1 } }, 5, 6 },
		{ "minimum elsewhere", { { 5, 1 }, { 6, 1 } }, 4, 6 },
		{ "maximum elsewhere", { { 5, 1 }, { 6, 1 } }, 5, 7 },
		{ "negative", { { 5, 1 }, { 6, 1 } }, -5, 6 },
	};
	struct sketch s = { 0 };

	(void)state;
	assert_int_equal(sketch_add(&s, 42), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t got;

		print_message("%s\n", rows[i].name);
		assert_int_equal(
		        sketch_decode(&s, rows[i].pairs, 2, rows[i].min_ns, rows[i].max_ns),
		        -EBADMSG);
		assert_int_equal(sketch_quantile(&s, 500000, &got), 0);
		assert_i64_equal(got, 42);
	}
}

static void cap_is_kept(void **state)
{
	struct sketch s, other = { 0 };
	struct sketch_pair many[41];

	(void)state;
	sketch_init(&s, 40);
	for (int64_t i = 0; i < 40; i++)
		assert_int_equal(sketch_add(&s, i), 0);
	assert_int_equal(sketch_add(&s, 40), -ENOSPC);
	assert_int_equal(sketch_add(&s, 39), 0); /* a bucket that it has */
	assert_true(s.count == 41);
	assert_i64_equal(s.max_ns, 39);
	assert_int_equal(sketch_add(&s, -1), -ERANGE);
	assert_int_equal(sketch_add(&other, 40), 0);
	assert_int_equal(sketch_merge(&s, &other), -ENOSPC);
	assert_true(s.count == 41);
	for (uint16_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct sketch_pair) { i, 1 };
	assert_int_equal(sketch_decode(&s, many, ARRAY_LEN(many), 0, 40), -ENOSPC);
	assert_true(s.count == 41);
	sketch_fini(&s);
	sketch_init(&s, 10); /* fewer buckets than kept values */
	for (int64_t i = 0; i < SKETCH_VALUES; i++)
		assert_int_equal(sketch_add(&s, i), 0);
	assert_int_equal(sketch_add(&s, 1), -ENOSPC);
	assert_true(s.count == SKETCH_VALUES);
	sketch_fini(&s);
}

/* Every allocation refused in turn: the error is told, the sketch is as before. */
static void no_memory_changes_nothing(void **state)
{
	struct sketch s = { 0 }, other = { 0 };
	struct sketch_pair pair = { 5, 1 };
	int64_t got;

	(void)state;
	for (int64_t i = 0; i < SKETCH_VALUES; i++) {
		assert_int_equal(sketch_add(&s, i * 1000), 0);
		assert_int_equal(sketch_add(&other, i * 999), 0);
	}
	allocations_fail = true;
	assert_int_equal(sketch_add(&s, 7), -ENOMEM);
	assert_int_equal(sketch_merge(&s, &other), -ENOMEM);
	assert_int_equal(sketch_decode(&s, &pair, 1, 5, 5), -ENOMEM);
	allocations_fail = false;
	assert_true(s.count == SKETCH_VALUES);
	assert_int_equal(sketch_quantile(&s, 1000000, &got), 0);
	assert_i64_equal(got, 31000);
	for (int64_t i = 0; i < 32; i++)
		assert_int_equal(sketch_add(&s, i * 1000000),
		                 0); /* 64 buckets at most: one block */
	allocations_fail = true;
	int64_t i = 1;

	while (s.pairs_len < s.pairs_cap)
		assert_int_equal(sketch_add(&s, INT64_MAX - (i++ << 57)), 0);
	assert_int_equal(sketch_add(&s, 500000000), -ENOMEM);
	assert_int_equal(sketch_add(&s, 7000), 0); /* a bucket that it has */
	allocations_fail = false;
	sketch_fini(&s);
	sketch_fini(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_bound_holds_for_every_shape),
		cmocka_unit_test(few_values_are_exact),
		cmocka_unit_test(a_long_value_makes_buckets),
		cmocka_unit_test(buckets_cover_every_value_once),
		cmocka_unit_test(merging_loses_nothing),
		cmocka_unit_test(merging_with_itself_doubles),
		cmocka_unit_test(storage_round_trip),
		cmocka_unit_test(bad_storage_changes_nothing),
		cmocka_unit_test(cap_is_kept),
		cmocka_unit_test(no_memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
